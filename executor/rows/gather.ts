// Makes batches out of selected rows of other batches. Inputs are never changed in place: two outputs
// may share a column, and a kept result may be read again.

import { type Batch, type Column, type Datum, genericColumn } from '#common';

/** The selected rows of a batch, in the selection's order. */
export function gatherBatch(batch: Batch, selection: Int32Array, count: number): Batch {
  return {
    length: count,
    columns: batch.columns.map((column) => gatherColumn(column, selection, count)),
  };
}

export function gatherColumn(column: Column, selection: Int32Array, count: number): Column {
  const values = column.values;
  if (Array.isArray(values)) {
    const gathered: Datum[] = [];
    for (let i = 0; i < count; i++) gathered.push(values[selection[i]]);
    return genericColumn(gathered);
  }
  const nulls =
    column.nulls === undefined ? undefined : gatherBytes(column.nulls, selection, count);
  if (values instanceof Float64Array) {
    const gathered = new Float64Array(count);
    for (let i = 0; i < count; i++) gathered[i] = values[selection[i]]!;
    return { values: gathered, nulls, boolean: false };
  }
  if (values instanceof Int32Array) {
    const gathered = new Int32Array(count);
    for (let i = 0; i < count; i++) gathered[i] = values[selection[i]]!;
    return { values: gathered, nulls, boolean: false };
  }
  return { values: gatherBytes(values, selection, count), nulls, boolean: column.boolean };
}

function gatherBytes(bytes: Uint8Array, selection: Int32Array, count: number): Uint8Array {
  const gathered = new Uint8Array(count);
  for (let i = 0; i < count; i++) gathered[i] = bytes[selection[i]]!;
  return gathered;
}

/** Rows start .. end-1 of a batch. */
export function sliceBatch(batch: Batch, start: number, end: number): Batch {
  if (start === 0 && end === batch.length) return batch;
  return {
    length: end - start,
    columns: batch.columns.map((column) => ({
      values: column.values.slice(start, end),
      nulls: column.nulls?.slice(start, end),
      boolean: column.boolean,
    })),
  };
}

/** A batch of generic columns out of rows. */
export function batchOfRows(rows: readonly (readonly Datum[])[], width: number): Batch {
  const columns: Column[] = [];
  for (let i = 0; i < width; i++) columns.push(genericColumn(rows.map((row) => row[i]!)));
  return { length: rows.length, columns };
}
