// The fields of row types whose texts are compared by another order than that of bytes: values of such a type
// are compared and hashed field by field under these types.

import { equalityType, orderType } from './collations.ts';
import { baseTypeOf } from './type-registry.ts';
import type { SqlType } from './types.ts';

const collatedRows = new Map<number, readonly SqlType[]>();

/** Notes a row type; fields without a collation of their own need no note. */
export function registerRowFields(
  oid: number,
  columns: readonly { readonly type: SqlType; readonly dropped: boolean }[],
): void {
  const types = columns.filter(({ dropped }) => !dropped).map(({ type }) => type);
  if (types.some(({ oid: type, collation }) => collation !== undefined || isOfUsers(type)))
    collatedRows.set(oid, types);
  else collatedRows.delete(oid);
}

/** Domains and rows may have a collation within. */
function isOfUsers(type: number): boolean {
  return type >= 16384;
}

/** The types that order the fields; undefined: those that the values say. */
export function rowOrderTypes(oid: number): readonly number[] | undefined {
  return differing(oid, orderType);
}

/** The types by which fields are equal; undefined: those that the values say. */
export function rowEqualityTypes(oid: number): readonly number[] | undefined {
  return differing(oid, equalityType);
}

function differing(
  oid: number,
  comparedAs: (type: SqlType) => number,
): readonly number[] | undefined {
  const fields = collatedRows.size === 0 ? undefined : collatedRows.get(baseTypeOf(oid));
  if (fields === undefined) return undefined;
  const types = fields.map(comparedAs);
  const isPlain = types.every(
    (type, at) => type === fields[at].oid && differing(type, comparedAs) === undefined,
  );
  return isPlain ? undefined : types;
}
