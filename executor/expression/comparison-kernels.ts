// Tight loops that compare one column with one value and narrow a selection. `>` and `>=` are the
// negations of `<=` and `<`, so that NaN in a float column sorts above everything, as in PostgreSQL;
// the value compared with is never NaN here.

import type { Column, Datum, TypedValues } from '#common';
import type { Comparison } from './native-comparison.ts';

export interface Refinement {
  readonly comparison: Comparison;
  readonly value: Datum;
  readonly selection: Int32Array;
  readonly count: number;
}

export function refineTyped(column: Column, refinement: Refinement): number {
  const values = column.values as TypedValues;
  const kept = compareTyped(values, refinement);
  return column.nulls === undefined ? kept : dropNulls(column.nulls, refinement.selection, kept);
}

function dropNulls(nulls: Uint8Array, selection: Int32Array, count: number): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = selection[i];
    if (nulls[row] === 0) selection[kept++] = row;
  }
  return kept;
}

function compareTyped(
  values: TypedValues,
  { comparison, value, selection, count }: Refinement,
): number {
  const comparand = value as number;
  let kept = 0;
  switch (comparison) {
    case '=':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] === comparand) selection[kept++] = row;
      }
      break;
    case '<>':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] !== comparand) selection[kept++] = row;
      }
      break;
    case '<':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] < comparand) selection[kept++] = row;
      }
      break;
    case '<=':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] <= comparand) selection[kept++] = row;
      }
      break;
    case '>':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (!(values[row] <= comparand)) selection[kept++] = row;
      }
      break;
    case '>=':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (!(values[row] < comparand)) selection[kept++] = row;
      }
      break;
  }
  return kept;
}

export function refineGeneric(
  values: readonly Datum[],
  { comparison, value, selection, count }: Refinement,
): number {
  const comparand = value as number;
  let kept = 0;
  switch (comparison) {
    case '=':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] === comparand) selection[kept++] = row;
      }
      break;
    case '<>':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] !== null && values[row] !== comparand) selection[kept++] = row;
      }
      break;
    case '<':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] !== null && (values[row] as number) < comparand) selection[kept++] = row;
      }
      break;
    case '<=':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] !== null && (values[row] as number) <= comparand) selection[kept++] = row;
      }
      break;
    case '>':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] !== null && !((values[row] as number) <= comparand))
          selection[kept++] = row;
      }
      break;
    case '>=':
      for (let i = 0; i < count; i++) {
        const row = selection[i];
        if (values[row] !== null && !((values[row] as number) < comparand)) selection[kept++] = row;
      }
      break;
  }
  return kept;
}
