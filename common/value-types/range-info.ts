// Which range and multirange types there are and what they are over: PostgreSQL's six, and those that
// users make (CREATE TYPE … AS RANGE registers them here when the catalog is read).

import { TypeOid } from '../types.ts';

export interface RangeInfo {
  readonly rangeType: number;
  readonly multirangeType: number;
  readonly subtype: number;
  /** That orders the subtype, where it is not its own. */
  readonly collation?: number;
}

const byRange = new Map<number, RangeInfo>();
const byMultirange = new Map<number, RangeInfo>();

export function registerRangeType(info: RangeInfo): void {
  byRange.set(info.rangeType, info);
  byMultirange.set(info.multirangeType, info);
}

export function rangeInfoOf(rangeType: number): RangeInfo | undefined {
  return byRange.get(rangeType);
}

export function multirangeInfoOf(multirangeType: number): RangeInfo | undefined {
  return byMultirange.get(multirangeType);
}

const builtins: readonly (readonly [range: number, multirange: number, subtype: number])[] = [
  [TypeOid.int4range, TypeOid.int4multirange, TypeOid.int4],
  [TypeOid.numrange, TypeOid.nummultirange, TypeOid.numeric],
  [TypeOid.tsrange, TypeOid.tsmultirange, TypeOid.timestamp],
  [TypeOid.tstzrange, TypeOid.tstzmultirange, TypeOid.timestamptz],
  [TypeOid.daterange, TypeOid.datemultirange, TypeOid.date],
  [TypeOid.int8range, TypeOid.int8multirange, TypeOid.int8],
];
for (const [rangeType, multirangeType, subtype] of builtins) {
  registerRangeType({ rangeType, multirangeType, subtype });
}

/** PostgreSQL's six, in order of oid. */
export const builtinRangeTypes: readonly RangeInfo[] = [...byRange.values()];
