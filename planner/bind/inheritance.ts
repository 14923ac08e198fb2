// A table with those that inherit from it: the union of their scans, as if each were the table itself.
// Columns correspond by name. A row key is told apart by the oid of its table before it (four bytes),
// which whoever writes or locks rows of such a table takes off again.

import { rowKeyPrefix, sqlType, TypeOid, type Expression, type TableDescriptor } from '#common';
import { functionRegistry } from '#functions';
import type { Catalog } from '../catalog.ts';
import type { LogicalPlan, PlanColumn, ScanNode, ScanSource } from '../logical-plan.ts';
import { columnReference, type Scope } from './scope.ts';

/** The table and all below it that have rows of their own, a parent before its children. */
export function tablesBelow(table: TableDescriptor, catalog: Catalog): TableDescriptor[] {
  const found: TableDescriptor[] = [];
  const seen = new Set<number>();
  const visit = (each: TableDescriptor): void => {
    if (seen.has(each.oid)) return;
    seen.add(each.oid);
    if (each.partitioning === undefined) found.push(each);
    for (const oid of each.children ?? []) {
      const child = catalog.tableByOid(oid);
      if (child !== undefined) visit(child);
    }
  };
  visit(table);
  return found;
}

/** `inherited` is false for ONLY: the table alone, with its keys told apart all the same. */
export function inheritedScan(scan: ScanNode, scope: Scope, inherited: boolean): LogicalPlan {
  const { catalog } = scope.binder.context;
  const access = scope.binder.relations.get(scan.table.oid) ?? 'read';
  const tables = inherited
    ? tablesBelow(scan.table, catalog)
    : scan.table.partitioning === undefined
      ? [scan.table]
      : [];
  const inputs = tables.map((table) => {
    if (table.oid !== scan.table.oid) scope.binder.touch(table.oid, access);
    return childScan(scan, table, scope);
  });
  if (inputs.length === 0) return { kind: 'empty', outputs: scan.outputs };
  return { kind: 'setOperation', operation: 'union', all: true, inputs, outputs: scan.outputs };
}

function childScan(parent: ScanNode, table: TableDescriptor, scope: Scope): LogicalPlan {
  const outputs = parent.outputs.map(({ name, type }) => scope.newColumn(name, type));
  const sources = parent.sources.map((source) => childSource(source, parent.table, table));
  const child: ScanNode = {
    ...parent,
    table,
    alias: table.oid === parent.table.oid ? parent.alias : table.name,
    sources,
    outputs,
  };
  const keyAt = sources.findIndex((source) => source.kind === 'rowKey');
  if (keyAt < 0) return child;
  return {
    kind: 'project',
    input: child,
    expressions: outputs.map((column, at) =>
      at === keyAt ? taggedKey(table.oid, column) : columnReference(column.id, column.type),
    ),
    outputs: outputs.map(({ name, type }) => scope.newColumn(name, type)),
  };
}

function childSource(
  source: ScanSource,
  parent: TableDescriptor,
  child: TableDescriptor,
): ScanSource {
  if (source.kind !== 'attribute' || parent.oid === child.oid) return source;
  const { name } = parent.columns[source.attributeNumber - 1];
  const column = child.columns.find((each) => each.name === name && !each.dropped);
  return { kind: 'attribute', attributeNumber: column?.attributeNumber ?? 0 };
}

/** Row keys are strings of bytes. */
function taggedKey(tableOid: number, key: PlanColumn): Expression {
  const [concatenation] = functionRegistry.functionsNamed('textcat');
  return {
    kind: 'call',
    functionOid: concatenation.oid,
    arguments: [
      { kind: 'constant', value: rowKeyPrefix(tableOid), type: sqlType(TypeOid.bytea) },
      columnReference(key.id, key.type),
    ],
    type: key.type,
  };
}
