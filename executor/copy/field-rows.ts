// The reading end of COPY's formats: bytes in, rows of fields out. Text and CSV fields are strings, those
// of the binary format are bytes; null is SQL NULL.

export type Field = string | Uint8Array | null;

export interface FieldRows {
  /** Takes a chunk; complete rows are appended to `rows`. The bytes are not kept. */
  push(chunk: Uint8Array, rows: Field[][]): void;
  /** The data have ended: appends what is left. */
  finish(rows: Field[][]): void;
  /** The end-of-data marker has been seen: the rest is ignored. */
  readonly ended: boolean;
  /** All bytes so far have become rows: the next ones begin a row. */
  readonly isBetweenRows: boolean;
}
