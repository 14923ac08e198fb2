// What dropping takes out of the catalog and of storage: relations with their data, and parts of tables that stay.

import { type TableDescriptor, type IndexDescriptor, type StoredExpression } from '#common';
import { removeReference } from './foreign-keys.ts';
import { unlinkChild } from './table-family.ts';
import type { DdlStatement } from './statement.ts';
import { bindStoredText } from './stored-expression.ts';
import { dropTrees } from './table-trees.ts';
import { putTriggers } from './triggers.ts';

export function removeTrigger(ddl: DdlStatement, tableOid: number, oid: number): void {
  const table = ddl.catalog.relationByOid(tableOid);
  if (table?.kind !== 'table' && table?.kind !== 'view') return;
  const left = (table.triggers ?? []).filter((trigger) => trigger.oid !== oid);
  putTriggers(ddl, table, left);
}

/** Removes one relation from the catalog and its data at commit. */
export function removeRelation(ddl: DdlStatement, oid: number): void {
  const relation = ddl.catalog.relationByOid(oid);
  if (relation === undefined || relation.kind === 'system') return;
  if (relation.kind === 'index') {
    const table = ddl.table(relation.tableOid);
    if (!relation.clustered) ddl.transaction.dropTree(relation.treeId);
    ddl.put({ ...table, indexes: table.indexes.filter((index) => index.oid !== oid) });
    return;
  }
  if (relation.kind === 'table') {
    for (const parent of relation.parents ?? []) unlinkChild(ddl, parent, relation.oid);
    removeTableData(ddl, relation);
  }
  ddl.changes.remove(relation);
}

function removeTableData(ddl: DdlStatement, table: TableDescriptor): void {
  for (const constraint of table.constraints) {
    if (constraint.type === 'foreign' && constraint.referencedTable !== table.oid) {
      removeReference(ddl, constraint);
    }
  }
  dropTrees(ddl, table);
}

/** Takes a constraint away, and the index behind a unique one. */
export function removeConstraint(ddl: DdlStatement, tableOid: number, oid: number): void {
  const table = ddl.table(tableOid);
  const constraint = table.constraints.find((candidate) => candidate.oid === oid);
  if (constraint === undefined) return;
  if (constraint.type === 'foreign') removeReference(ddl, constraint);
  const newest = ddl.table(tableOid);
  const indexOid = 'indexOid' in constraint ? constraint.indexOid : 0;
  const index = newest.indexes.find((candidate) => candidate.oid === indexOid);
  if (index !== undefined && !index.clustered) ddl.transaction.dropTree(index.treeId);
  ddl.put({
    ...newest,
    constraints: newest.constraints.filter((candidate) => candidate.oid !== oid),
    indexes: newest.indexes.filter((candidate) => candidate.oid !== indexOid),
  });
}

export function removeDefault(ddl: DdlStatement, tableOid: number, attributeNumber: number): void {
  const table = ddl.table(tableOid);
  ddl.put({
    ...table,
    columns: table.columns.map((column) => {
      if (column.attributeNumber !== attributeNumber) return column;
      const { default: _default, sequenceOid: _sequence, ...rest } = column;
      return rest;
    }),
  });
}

/** Marks a column as dropped: its number is never used again. */
export function removeColumn(ddl: DdlStatement, tableOid: number, attributeNumber: number): void {
  for (const constraint of ddl.table(tableOid).constraints) {
    if (constraint.columns.includes(attributeNumber))
      removeConstraint(ddl, tableOid, constraint.oid);
  }
  const table = ddl.table(tableOid);
  const reads = (stored: StoredExpression, place: 'indexExpression' | 'indexPredicate'): boolean =>
    bindStoredText(ddl, stored.sql, { place, table }).attributes.includes(attributeNumber);
  const uses = (index: IndexDescriptor): boolean =>
    index.columns.some(
      (column) =>
        column.attributeNumber === attributeNumber ||
        (column.expression !== undefined && reads(column.expression, 'indexExpression')),
    ) ||
    index.included.includes(attributeNumber) ||
    (index.predicate !== undefined && reads(index.predicate, 'indexPredicate'));
  for (const index of table.indexes) if (uses(index)) ddl.transaction.dropTree(index.treeId);
  const columns = table.columns.map((column) =>
    column.attributeNumber === attributeNumber
      ? {
          name: `........pg.dropped.${attributeNumber}........`,
          attributeNumber,
          type: column.type,
          notNull: false,
          dropped: true,
        }
      : column,
  );
  const statistics = (table.statistics ?? []).filter(
    ({ attributes }) => !attributes.includes(attributeNumber),
  );
  const indexes = table.indexes.filter((index) => !uses(index));
  ddl.put({
    ...table,
    columns,
    indexes,
    ...(table.statistics === undefined ? {} : { statistics }),
  });
}
