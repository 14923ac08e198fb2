import { numberVectorTypes, type SqlType } from '#common';
import { gatherRowCost, gatherTextCost, mergedRowCost, mergedTextCost } from '../limits.ts';

/** What it is estimated to cost that so many rows go from thread to thread. */
export function gatherCost(rows: number, types: readonly SqlType[]): number {
  return rows * (gatherRowCost + textsOf(types) * gatherTextCost);
}

/** … and that what threads have sorted is merged. */
export function mergeCost(rows: number, types: readonly SqlType[]): number {
  return rows * (mergedRowCost + textsOf(types) * mergedTextCost);
}

function textsOf(types: readonly SqlType[]): number {
  return types.filter(({ oid }) => !numberVectorTypes.has(oid)).length;
}
