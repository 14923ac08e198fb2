// Casts between types of one representation (PostgreSQL's binary-coercible ones). Object identifiers
// are unsigned and integers are not: the same four bytes are another number.

import type { Datum } from './datum.ts';
import { TypeOid } from './types.ts';

const identifierTypes: ReadonlySet<number> = new Set([
  TypeOid.oid,
  TypeOid.regproc,
  TypeOid.regprocedure,
  TypeOid.regoper,
  TypeOid.regoperator,
  TypeOid.regclass,
  TypeOid.regtype,
  TypeOid.regrole,
  TypeOid.regnamespace,
  TypeOid.regcollation,
  TypeOid.regconfig,
  TypeOid.regdictionary,
]);

/** What a relabelling cast does to a value; undefined when it stays what it is. */
export function relabelling(from: number, to: number): ((value: Datum) => Datum) | undefined {
  if (from === TypeOid.int4 && identifierTypes.has(to))
    return (value) => (typeof value === 'number' ? value >>> 0 : value);
  if (to === TypeOid.int4 && identifierTypes.has(from))
    return (value) => (typeof value === 'number' ? value | 0 : value);
  return undefined;
}
