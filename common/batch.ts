// Batches of columns: what operators hand to each other. An interface is crossed once a batch,
// never once a row. A column is either generic (any Datum, null inline) or a typed array with a
// null map; scans and kernels choose the narrowest kind they can, consumers must accept all kinds.

import type { Datum } from './datum.ts';

export type TypedValues = Float64Array | Int32Array | Uint8Array;

/**
 * One column of a batch.
 * - values is Datum[]: nulls are inline as null, `nulls` is undefined.
 * - values is a typed array: `nulls[i] !== 0` marks a null (undefined: no nulls). Uint8Array holds
 *   booleans as 0/1 and `boolean` is true then; Int32Array holds int2, int4, oid or date without
 *   infinities; Float64Array holds float8, float4 or safe-integer int8/timestamp/time values.
 * Only the first `length` entries (of the batch) are meaningful.
 */
export interface Column {
  readonly values: Datum[] | TypedValues;
  readonly nulls: Uint8Array | undefined;
  readonly boolean: boolean;
}

/** Rows 0 .. length-1 of all columns. Owned by the consumer until it asks for the next batch. */
export interface Batch {
  length: number;
  readonly columns: readonly Column[];
}

/** Rows an operator aims to put in one batch. */
export const batchRows = 1024;

export function genericColumn(values: Datum[]): Column {
  return { values, nulls: undefined, boolean: false };
}

/** Reads one value of a column as a Datum. */
export function columnValue(column: Column, row: number): Datum {
  if (column.nulls !== undefined && column.nulls[row] !== 0) return null;
  const value = column.values[row];
  return column.boolean ? value !== 0 : value;
}
