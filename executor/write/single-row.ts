// One row of values dressed as a batch, for expressions over rows that do not come in batches:
// CHECK conditions, RETURNING, ON CONFLICT. The arrays are reused from row to row.

import { type Column, type Datum, genericColumn } from '#common';

export class SingleRow {
  readonly columns: readonly Column[];
  private readonly values: readonly Datum[][];

  constructor(width: number) {
    const values: Datum[][] = [];
    for (let i = 0; i < width; i++) values.push([null]);
    this.values = values;
    this.columns = values.map(genericColumn);
  }

  set(ordinal: number, value: Datum): void {
    this.values[ordinal][0] = value;
  }
}
