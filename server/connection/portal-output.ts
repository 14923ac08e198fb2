// Where a statement's rows go: DataRow messages in the connection's output. Statements that write or
// lock may have to start over, so their rows are held back until they are complete.

import type { Batch, Datum } from '#common';
import type { LogPosition } from '#storage';
import { Backend } from '../protocol/message-types.ts';
import {
  writeCommandComplete,
  writeCopyData,
  writeCopyResponse,
  writeEmptyMessage,
  writeRowDescription,
  type FieldDescription,
} from '../protocol/messages.ts';
import type { RowEncoder } from '../protocol/row-encoder.ts';
import type { Session } from '../session/session.ts';
import type { Output } from './output.ts';

export class PortalOutput {
  private readonly output: Output;
  private readonly session: Session;

  constructor(output: Output, session: Session) {
    this.output = output;
    this.session = session;
  }

  /** RowDescription, for the simple protocol. */
  describe(fields: readonly FieldDescription[], formats: readonly number[]): void {
    writeRowDescription(this.output.writer, fields, formats);
  }

  values(encoder: RowEncoder, values: readonly Datum[]): void {
    encoder.writeValues(this.output.writer, values, this.session.functions);
  }

  rows(
    encoder: RowEncoder,
    batch: Batch,
    range: { from: number; to: number },
    ordinals: readonly number[],
  ): void {
    const formats = this.session.functions;
    const { writer } = this.output;
    for (let row = range.from; row < range.to; row++)
      encoder.writeRow(writer, batch, row, ordinals, formats);
  }

  /** DataRow messages that were encoded before. */
  encoded(bytes: Uint8Array): void {
    this.output.writer.bytes(bytes);
  }

  complete(tag: string): void {
    writeCommandComplete(this.output.writer, tag);
  }

  suspended(): void {
    writeEmptyMessage(this.output.writer, Backend.portalSuspended);
  }

  emptyQuery(): void {
    writeEmptyMessage(this.output.writer, Backend.emptyQueryResponse);
  }

  copyOut(copy: { readonly binary: boolean; readonly columnCount: number }): void {
    writeCopyResponse(this.output.writer, Backend.copyOutResponse, copy);
  }

  copyIn(copy: { readonly binary: boolean; readonly columnCount: number }): void {
    writeCopyResponse(this.output.writer, Backend.copyInResponse, copy);
    this.output.flush();
  }

  copyData(data: Uint8Array): void {
    writeCopyData(this.output.writer, data);
  }

  copyDone(): void {
    writeEmptyMessage(this.output.writer, Backend.copyDone);
  }

  /** What is written must not leave before the log is synced up to here. */
  require(position: LogPosition): void {
    this.output.require(position);
  }

  /** True: stop producing and wait for drained(). */
  pressure(): boolean {
    return this.output.pressure();
  }

  drained(): Promise<void> {
    return this.output.drained();
  }
}
