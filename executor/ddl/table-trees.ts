// The trees that hold a table's data.

import type { TableDescriptor } from '#common';
import type { DdlStatement } from './statement.ts';

/** Forgets the table's data at commit. */
export function dropTrees(ddl: DdlStatement, table: TableDescriptor): void {
  ddl.transaction.dropTree(table.treeId);
  for (const index of table.indexes) {
    if (!index.clustered) ddl.transaction.dropTree(index.treeId);
  }
}

/** The table over fresh trees: a primary key's index is the row tree. */
export function withNewTrees(ddl: DdlStatement, table: TableDescriptor): TableDescriptor {
  const { storage } = ddl.context;
  const treeId = storage.allocateTreeId();
  if (table.retentionMicros !== undefined) storage.setRetention(treeId, table.retentionMicros);
  return withNewFileNodes(ddl, {
    ...table,
    treeId,
    indexes: table.indexes.map((index) => ({
      ...index,
      treeId: index.clustered ? treeId : storage.allocateTreeId(),
    })),
  });
}

/** As pg_class shows a table that was rewritten with its indexes. */
export function withNewFileNodes(ddl: DdlStatement, table: TableDescriptor): TableDescriptor {
  return {
    ...table,
    fileNode: ddl.allocateOid(),
    indexes: table.indexes.map((index) => ({ ...index, fileNode: ddl.allocateOid() })),
  };
}
