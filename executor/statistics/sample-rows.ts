// Draws the rows that ANALYZE looks at: a reservoir (Vitter's algorithm R) over a scan of a small table,
// one row from each of many random places of a large one.

import { columnValue, type Datum, type TableDescriptor } from '#common';
import { openRowSample, type Transaction } from '#storage';
import { again, type Interrupt } from '../contract.ts';

const batchRows = 256;

export interface SampledRows {
  /** Per attribute asked for, the values in the order of the rows. */
  readonly columns: readonly (readonly Datum[])[];
  readonly rows: number;
  /** Rows of the table. */
  readonly totalRows: number;
}

export interface SampleRequest {
  readonly attributes: readonly number[];
  readonly rowsMax: number;
  /** Rows of the table if they are not counted on the way. */
  readonly estimatedRows: number;
  readonly random: () => number;
  readonly interrupt: Interrupt;
}

export function* sampleRows(
  transaction: Transaction,
  table: TableDescriptor,
  request: SampleRequest,
): Generator<typeof again, SampledRows> {
  const { attributes, rowsMax, random, interrupt } = request;
  const sample = openRowSample(transaction, table, {
    sources: attributes.map((attributeNumber) => ({ kind: 'attribute', attributeNumber })),
    rows: rowsMax,
    random,
  });
  const chosen: { readonly row: number; readonly values: readonly Datum[] }[] = [];
  let row = 0;
  try {
    for (;;) {
      interrupt.check();
      if (interrupt.sliceOver()) yield again;
      const batch = sample.nextBatch(batchRows);
      if (batch === undefined) break;
      for (let at = 0; at < batch.length; at++, row++) {
        const place = chosen.length < rowsMax ? chosen.length : Math.floor(random() * (row + 1));
        if (place >= rowsMax) continue;
        chosen[place] = { row, values: batch.columns.map((column) => columnValue(column, at)) };
      }
    }
  } finally {
    sample.close();
  }
  chosen.sort((left, right) => left.row - right.row);
  return {
    columns: attributes.map((_, at) => chosen.map(({ values }) => values[at])),
    rows: chosen.length,
    totalRows: sample.isWhole ? row : Math.max(request.estimatedRows, chosen.length),
  };
}
