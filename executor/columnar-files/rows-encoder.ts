// What COPY TO needs of a file format: bytes that stand before the rows, with them, and after them.

import type { Batch, Datum, SqlType } from '#common';

export interface RowsEncoder {
  header(): Uint8Array;
  /** Rows from … to - 1 of a batch. What they become may be held back until there is more; the bytes are valid until the next call. */
  rows(
    batch: Batch,
    range: { readonly from: number; readonly to: number },
    ordinals: readonly number[],
  ): Uint8Array;
  values(row: readonly Datum[]): Uint8Array;
  trailer(): Uint8Array;
}

export interface FileColumn {
  readonly name: string;
  readonly type: SqlType;
}
