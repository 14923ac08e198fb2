// pg_class.relfilenode: a rewrite changes it, and what has no rows of its own has none (0).

import type { RelationDescriptor, TableDescriptor } from '#common';

export function fileNodeOf(
  catalog: { tableByOid(oid: number): TableDescriptor | undefined },
  relation: RelationDescriptor,
): number {
  switch (relation.kind) {
    case 'view':
    case 'system':
      return 0;
    case 'sequence':
      return relation.counterId;
    case 'table':
      return hasNoRows(relation) ? 0 : (relation.fileNode ?? relation.oid);
    case 'index': {
      const table = catalog.tableByOid(relation.tableOid);
      return table !== undefined && hasNoRows(table) ? 0 : (relation.fileNode ?? relation.oid);
    }
  }
}

function hasNoRows({ partitioning, foreign }: TableDescriptor): boolean {
  return partitioning !== undefined || foreign !== undefined;
}
