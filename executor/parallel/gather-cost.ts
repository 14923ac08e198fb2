import { numberVectorTypes, type SqlType } from '#common';
import { gatherRowCost, gatherTextCost } from '../limits.ts';

/** What it is estimated to cost that so many rows go from thread to thread. */
export function gatherCost(rows: number, types: readonly SqlType[]): number {
  const texts = types.filter(({ oid }) => !numberVectorTypes.has(oid)).length;
  return rows * (gatherRowCost + texts * gatherTextCost);
}
