// The partition that a row of some partition belongs to now: a foreign key's action that changes a
// partition key moves the row.

import type { Datum, TableDescriptor } from '#common';
import type { Runtime } from '../runtime.ts';
import { InheritedAccess } from './inherited-access.ts';
import { noPartition, partitionRouter } from './partition-routing.ts';

interface PlacedRow {
  readonly table: TableDescriptor;
  readonly row: readonly Datum[];
}

/** By the attributes of the partition that takes it. 23514 when there is none. */
export function partitionOfRow(
  table: TableDescriptor,
  row: readonly Datum[],
  runtime: Runtime,
): PlacedRow {
  const { context } = runtime;
  const parent =
    table.partitionBound === undefined
      ? undefined
      : context.catalog.tableByOid(table.parents?.[0] ?? 0);
  if (parent?.partitioning === undefined) return { table, row };
  const access = new InheritedAccess(parent, () => context.catalog);
  const above = access.member(table.oid).fromMember(row);
  return downwards(parent, partitionOfRow(parent, above, runtime), runtime);
}

/** A table above that the row does not belong to is not gone down again. */
function downwards(parent: TableDescriptor, placed: PlacedRow, runtime: Runtime): PlacedRow {
  if (placed.table.oid !== parent.oid) return placed;
  const { context } = runtime;
  let { table, row } = placed;
  while (table.partitioning !== undefined) {
    const router = partitionRouter(table, context, runtime);
    const oid = router.find(row);
    if (oid === undefined) {
      const schema = context.catalog.schemaByOid(table.schemaOid)?.name;
      throw noPartition(table, router.describe(row), schema);
    }
    const member = new InheritedAccess(table, () => context.catalog).member(oid);
    row = member.toMember(row);
    table = member.table;
  }
  return { table, row };
}
