// Reads from stored tuples what some indexes need of a row, and nothing else.

import type { Datum } from '#common';
import type { RowFormat } from './row-format.ts';

export class IndexedAttributes {
  readonly #format: RowFormat;
  readonly #attributes: readonly number[];
  /** By attribute number - 1; attributes that no index reads stay null. */
  readonly #row: Datum[];

  constructor(
    format: RowFormat,
    indexes: readonly { readonly attributesRead: readonly number[] | undefined }[],
  ) {
    this.#format = format;
    const live = format.columns.filter((column) => !column.dropped);
    const all = live.map((column) => column.attributeNumber);
    const read = new Set(indexes.flatMap((index) => index.attributesRead ?? all));
    this.#attributes = [...read];
    this.#row = format.columns.map(() => null);
  }
  /** Valid until the next call. */
  read(buffer: Buffer, start: number, end: number): readonly Datum[] {
    for (const attribute of this.#attributes)
      this.#row[attribute - 1] = this.#format.readAttribute(buffer, start, end, attribute);
    return this.#row;
  }
}
