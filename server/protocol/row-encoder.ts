// DataRow: the hot message. One writer function per column, chosen once per portal, puts each value
// with its length straight into the connection's buffer. A value that cannot be written (a document
// that nests too deeply) takes the message that was begun back out of it, so that an error can follow.

import {
  columnValue,
  writeBinary,
  writeText,
  type Batch,
  type ByteWriter,
  type Datum,
  type FormatSettings,
} from '#common';
import { Backend } from './message-types.ts';
import { formatOf } from './messages.ts';

type FieldWriter = (value: Datum, writer: ByteWriter, settings: FormatSettings) => void;

export class RowEncoder {
  private readonly writers: readonly FieldWriter[];

  constructor(typeOids: readonly number[], formats: readonly number[]) {
    this.writers = typeOids.map((oid, index) =>
      formatOf(formats, index) === 1 ? writeBinary(oid) : writeText(oid),
    );
  }

  /** One row of values. */
  writeValues(writer: ByteWriter, values: readonly Datum[], settings: FormatSettings): void {
    const { writers } = this;
    const message = writer.position;
    try {
      writer.uint8(Backend.dataRow);
      const start = writer.begin();
      writer.int16(writers.length);
      for (let index = 0; index < writers.length; index++) {
        const value = values[index]!;
        if (value === null) writer.int32(-1);
        else writers[index](value, writer, settings);
      }
      writer.end(start, true);
    } catch (error) {
      writer.position = message;
      throw error;
    }
  }

  /** One row of a batch; ordinals[i] is the batch's column of result column i. */
  writeRow(
    writer: ByteWriter,
    batch: Batch,
    row: number,
    ordinals: readonly number[],
    settings: FormatSettings,
  ): void {
    const { writers } = this;
    const message = writer.position;
    try {
      writer.uint8(Backend.dataRow);
      const start = writer.begin();
      writer.int16(writers.length);
      for (let index = 0; index < writers.length; index++) {
        const value = columnValue(batch.columns[ordinals[index]], row);
        if (value === null) writer.int32(-1);
        else writers[index](value, writer, settings);
      }
      writer.end(start, true);
    } catch (error) {
      writer.position = message;
      throw error;
    }
  }
}
