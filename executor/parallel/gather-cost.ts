import { type SqlType, TypeOid } from '#common';
import { gatherRowCost, gatherTextCost } from '../limits.ts';

/** Types whose values lie in typed arrays. */
const shortTypes: ReadonlySet<number> = new Set([
  TypeOid.bool,
  TypeOid.int2,
  TypeOid.int4,
  TypeOid.int8,
  TypeOid.oid,
  TypeOid.float4,
  TypeOid.float8,
  TypeOid.numeric,
  TypeOid.date,
  TypeOid.time,
  TypeOid.timestamp,
  TypeOid.timestamptz,
]);

/** What it is estimated to cost that so many rows go from thread to thread. */
export function gatherCost(rows: number, types: readonly SqlType[]): number {
  const texts = types.filter(({ oid }) => !shortTypes.has(oid)).length;
  return rows * (gatherRowCost + texts * gatherTextCost);
}
