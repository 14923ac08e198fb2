// Foreign keys that reach a partition by naming a table that it is a part of.

import type { ConstraintDescriptor, TableDescriptor } from '#common';
import type { DdlStatement } from './statement.ts';

type ForeignKey = Extract<ConstraintDescriptor, { readonly type: 'foreign' }>;

/** Foreign keys that point at the tables that a table is a partition of; parts of other keys left out. */
export function keysOverParents(ddl: DdlStatement, table: TableDescriptor): ForeignKey[] {
  if (table.partitionBound === undefined) return [];
  const parent = ddl.catalog.tableByOid(table.parents?.[0] ?? 0);
  if (parent === undefined) return [];
  const keys = parent.referencedBy.flatMap(({ tableOid, constraintOid }) => {
    const constraint = ddl.catalog
      .tableByOid(tableOid)
      ?.constraints.find(({ oid }) => oid === constraintOid);
    return constraint?.type === 'foreign' && constraint.parentOid === undefined ? [constraint] : [];
  });
  return [...keys, ...keysOverParents(ddl, parent)];
}
