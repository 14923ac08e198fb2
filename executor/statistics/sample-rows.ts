// Draws the rows that ANALYZE looks at: a reservoir (Vitter's algorithm R) over a scan of a small table,
// one row from each of many random places of a large one.

import { columnValue, type Datum, type TableDescriptor } from '#common';
import { openRowSample, type Transaction } from '#storage';
import { again, type Interrupt } from '../contract.ts';

const batchRows = 256;

export interface SampledRows {
  /** Per attribute asked for, the values in the order of the rows. */
  readonly columns: readonly (readonly Datum[])[];
  /** The same of the rows that come after those, where they are known. */
  readonly neighbours: readonly (readonly Datum[])[] | undefined;
  readonly rows: number;
  /** Rows of the table. */
  readonly totalRows: number;
}

interface SampledRow {
  readonly row: number;
  readonly values: readonly Datum[];
  readonly next: readonly Datum[] | undefined;
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
  const chosen: SampledRow[] = [];
  let row = 0;
  try {
    for (;;) {
      interrupt.check();
      if (interrupt.sliceOver()) yield again;
      const batch = sample.nextBatch(batchRows);
      if (batch === undefined) break;
      const valuesAt = (at: number): readonly Datum[] =>
        batch.columns.map((column) => columnValue(column, at));
      if (!sample.isWhole) {
        chosen.push({ row, values: valuesAt(0), next: valuesAt(batch.length - 1) });
        row++;
        continue;
      }
      for (let at = 0; at < batch.length; at++, row++) {
        const place = chosen.length < rowsMax ? chosen.length : Math.floor(random() * (row + 1));
        if (place < rowsMax) chosen[place] = { row, values: valuesAt(at), next: undefined };
      }
    }
  } finally {
    sample.close();
  }
  chosen.sort((left, right) => left.row - right.row);
  return {
    columns: attributes.map((_, at) => chosen.map(({ values }) => values[at])),
    neighbours: sample.isWhole
      ? undefined
      : attributes.map((_, at) => chosen.map(({ next }) => next![at])),
    rows: chosen.length,
    totalRows: sample.isWhole ? row : Math.max(request.estimatedRows, chosen.length),
  };
}
