// A partition fires its own triggers and the FOR EACH ROW triggers of the partitioned tables above it,
// in order of their names. Columns are found by name: a partition may order its own differently.

import type { TableDescriptor, TriggerDescriptor } from '#common';
import type { Catalog } from '#planner';

/** The table's own triggers and those that its rows fire as rows of the tables above. */
export function rowTriggers(
  table: TableDescriptor,
  catalog: Catalog,
): readonly TriggerDescriptor[] {
  const own = table.triggers ?? [];
  if (table.partitionBound === undefined) return own;
  const inherited: TriggerDescriptor[] = [];
  for (let at = table; at.partitionBound !== undefined;) {
    const parent = catalog.tableByOid(at.parents?.[0] ?? 0);
    if (parent === undefined) break;
    for (const trigger of parent.triggers ?? []) {
      if (trigger.row) inherited.push(forPartition(trigger, parent, table));
    }
    at = parent;
  }
  if (inherited.length === 0) return own;
  return [...own, ...inherited].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function forPartition(
  trigger: TriggerDescriptor,
  parent: TableDescriptor,
  partition: TableDescriptor,
): TriggerDescriptor {
  const columns = trigger.columns.flatMap((number) => {
    const name = parent.columns[number - 1].name;
    const own = partition.columns.find((column) => !column.dropped && column.name === name);
    return own === undefined ? [] : [own.attributeNumber];
  });
  return { ...trigger, tableOid: partition.oid, columns };
}
