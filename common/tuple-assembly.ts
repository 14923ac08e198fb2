// Writes one tuple (tuple.ts draws the layout) column by column, for a reader of bytes that never makes
// values of them: COPY. The caller writes every column exactly once, first those of fixed width in any
// order, then those of variable length in stored order.

import { ByteWriter } from './byte-writer.ts';
import type { ColumnPlace, TupleLayout } from './tuple.ts';

const headerBytes = 3;
const flagBeyondAscii = 8;
const narrowMax = 65535;

export class TupleAssembly {
  /** Where values are written; its position is set by place() and placeVariable(). */
  readonly writer: ByteWriter;
  private readonly layout: TupleLayout;
  /** From the header's end to the first variable value. */
  private readonly bodyBytes: number;
  private readonly dataStart: number;

  constructor(layout: TupleLayout) {
    this.layout = layout;
    this.bodyBytes = layout.fixedEnd + layout.variableCount * 2;
    this.dataStart = headerBytes + this.bodyBytes;
    this.writer = new ByteWriter(Math.max(this.dataStart, 1024));
  }

  begin(): void {
    const { writer, layout } = this;
    writer.buffer[0] = 0;
    writer.buffer[1] = layout.version >> 8;
    writer.buffer[2] = layout.version;
    const end = headerBytes + layout.fixedEnd;
    for (let at = headerBytes; at < end; at++) writer.buffer[at] = 0;
    writer.position = this.dataStart;
  }

  /** A null takes the place of the column's value. */
  setNull(column: ColumnPlace): void {
    this.writer.buffer[headerBytes + column.nullByte] |= column.nullBit;
    if (column.codec.width === 0) this.endVariable(column);
  }

  /** Stands the writer where the value of a fixed-width column goes. */
  placeFixed(column: ColumnPlace): void {
    this.writer.position = headerBytes + column.offset;
  }

  /** Stands the writer where variable values begin. */
  placeVariable(): void {
    this.writer.position = this.dataStart;
  }

  /** The value of a variable column has been written. */
  endVariable(column: ColumnPlace): void {
    const { buffer, position } = this.writer;
    const end = position - this.dataStart;
    const entry = headerBytes + this.layout.fixedEnd + column.offset * 2;
    buffer[entry] = end >> 8;
    buffer[entry + 1] = end;
  }

  /** False when the row needs wide offsets, which only TupleLayout.encode() writes. */
  finish(beyondAscii: boolean): boolean {
    if (beyondAscii) this.writer.buffer[0] |= flagBeyondAscii;
    return this.writer.position - this.dataStart <= narrowMax;
  }
}
