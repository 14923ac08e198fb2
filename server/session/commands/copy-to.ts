// COPY … TO STDOUT and to files of the server.

import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import type { CopyStmt } from '@pgsql/types';
import type { Batch, Datum } from '#common';
import { CopyTo } from '#executor';
import type { LogPosition } from '#storage';
import type { PortalOutput } from '../../connection/portal-output.ts';
import type { Invocation } from '../command.ts';
import { QueryExecution } from '../query-execution.ts';
import type { RowTarget } from '../row-target.ts';
import { checkKind, copyFileError, fileError } from './server-files.ts';

/** Rows of a COPY TO, as CopyData messages. */
class CopyRows implements RowTarget {
  private readonly copy: CopyTo;
  private readonly output: PortalOutput;
  /** Goes out with the first row, as clients of the binary format expect it. */
  private binaryHeader: Uint8Array | undefined;
  rowCount = 0;

  constructor(copy: CopyTo, output: PortalOutput) {
    this.copy = copy;
    this.output = output;
    if (copy.binary) this.binaryHeader = copy.header();
    else if (copy.header().length > 0) output.copyData(copy.header());
  }
  private send(bytes: Uint8Array): void {
    // A columnar format has nothing to send while it collects rows.
    if (bytes.length === 0) return;
    const header = this.binaryHeader;
    this.binaryHeader = undefined;
    this.output.copyData(header === undefined ? bytes : Buffer.concat([header, bytes]));
  }
  end(): void {
    if (this.copy.binary) this.send(this.copy.trailer());
  }
  rows(
    batch: Batch,
    range: { readonly from: number; readonly to: number },
    ordinals: readonly number[],
  ): void {
    for (let row = range.from; row < range.to; row++) {
      this.send(this.copy.rows(batch, { from: row, to: row + 1 }, ordinals));
    }
    this.rowCount += range.to - range.from;
  }
  values(row: readonly Datum[]): void {
    this.send(this.copy.values(row));
    this.rowCount++;
  }
  require(position: LogPosition): void {
    this.output.require(position);
  }
  pressure(): boolean {
    return this.output.pressure();
  }
  drained(): Promise<void> {
    return this.output.drained();
  }
}

export async function copyTo(invocation: Invocation<CopyStmt>): Promise<string> {
  const { session, statement, output, portal } = invocation;
  const copy = new CopyTo(statement, portal.statement.parsed, {
    bind: session.compiler.bindContext(undefined),
    settings: session.functions,
  });
  session.block.hadStatement = true;
  const execution = new QueryExecution(session, copy.plan, []);
  if (statement.filename !== undefined) return copyToFile(statement.filename, copy, execution);
  output.copyOut({ binary: copy.binary, columnCount: copy.columnCount });
  const target = new CopyRows(copy, output);
  await execution.fetch(target, Infinity);
  target.end();
  output.copyDone();
  return `COPY ${target.rowCount}`;
}

async function copyToFile(file: string, copy: CopyTo, execution: QueryExecution): Promise<string> {
  const output = await ServerFile.open(file);
  let rowCount = 0;
  try {
    output.write(copy.header());
    await execution.fetch(
      {
        rows: (batch, range, ordinals) => {
          output.write(copy.rows(batch, range, ordinals));
          rowCount += range.to - range.from;
        },
        values: (row) => {
          output.write(copy.values(row));
          rowCount++;
        },
        require: () => {},
        pressure: () => output.pressure,
        drained: () => output.drained(),
      },
      Infinity,
    );
    output.write(copy.trailer());
    await output.end();
  } catch (error) {
    output.destroy();
    throw error;
  }
  return `COPY ${rowCount}`;
}

/** A file that is being written; what goes wrong is said at the next turn, or at the end. */
class ServerFile {
  private readonly stream: WriteStream;
  private failure: NodeJS.ErrnoException | undefined;

  private constructor(stream: WriteStream) {
    this.stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => (this.failure ??= error));
  }

  static async open(path: string): Promise<ServerFile> {
    checkKind(path);
    const stream = createWriteStream(path);
    const opened = new ServerFile(stream);
    await new Promise<void>((resolve, reject) => {
      stream.once('open', () => resolve());
      stream.once('error', (error: NodeJS.ErrnoException) =>
        reject(copyFileError(error, 'writing', path)),
      );
    });
    return opened;
  }

  /** The bytes are copied. */
  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.stream.write(Buffer.from(bytes));
  }
  get pressure(): boolean {
    return this.stream.writableNeedDrain || this.failure !== undefined;
  }
  async drained(): Promise<void> {
    if (this.failure === undefined) await once(this.stream, 'drain').catch(() => {});
    if (this.failure !== undefined) throw fileError(this.failure, 'could not write to COPY file');
  }
  async end(): Promise<void> {
    this.stream.end();
    // An error is told before the stream is closed.
    if (!this.stream.closed) await once(this.stream, 'close').catch(() => {});
    if (this.failure !== undefined) throw fileError(this.failure, 'could not write to COPY file');
  }
  destroy(): void {
    this.stream.destroy();
  }
}
