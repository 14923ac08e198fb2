// Oids of the catalogs themselves, by which pg_depend and pg_description tell what their rows are about, and
// oids that are made from those of others.

import type { TableDescriptor } from '#common';

export const catalogOids = {
  class: 1259,
  constraint: 2606,
  namespace: 2615,
  type: 1247,
  authid: 1260,
  database: 1262,
  attrdef: 2604,
  rewrite: 2618,
  procedure: 1255,
  trigger: 2620,
  policy: 3256,
  statistics: 3381,
  collation: 3456,
  largeObject: 2613,
  defaultAcl: 826,
} as const;

/** Defaults have no oid of their own: one is made of the table's and the column's number. */
export function defaultOid(table: TableDescriptor, attributeNumber: number): number {
  return table.rowTypeOid + 0x40000000 + attributeNumber;
}

/** … and so is the oid of a view's rule. */
export function rewriteOid(view: { readonly rowTypeOid: number }): number {
  return view.rowTypeOid + 0x20000000;
}

/** Of the first of a database's default privileges. */
export const defaultAclBase = 0x50000000;
