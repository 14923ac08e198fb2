// pg_partition_tree() and pg_partition_ancestors(): partitioned tables and their partitions, and the
// same of their indexes.

import { RecordValue, TypeOid } from '#common';
import type { StateCatalog } from './catalog.ts';

interface Part {
  readonly oid: number;
  readonly parent: number | undefined;
  readonly children: readonly number[];
  readonly isLeaf: boolean;
}

function partOf(catalog: StateCatalog, oid: number): Part | undefined {
  const table = catalog.tableByOid(oid);
  if (table !== undefined) {
    if (table.partitioning === undefined && table.partitionBound === undefined) return undefined;
    return {
      oid,
      parent: table.partitionBound === undefined ? undefined : table.parents?.[0],
      children: table.partitioning === undefined ? [] : (table.children ?? []),
      isLeaf: table.partitioning === undefined,
    };
  }
  const index = catalog.indexByOid(oid);
  const indexed = index === undefined ? undefined : catalog.tableByOid(index.tableOid);
  if (index === undefined || indexed === undefined) return undefined;
  if (indexed.partitioning === undefined && index.parentOid === undefined) return undefined;
  const children = (indexed.children ?? []).flatMap((child) => {
    const part = catalog.tableByOid(child)?.indexes.find(({ parentOid }) => parentOid === oid);
    return part === undefined ? [] : [part.oid];
  });
  return { oid, parent: index.parentOid, children, isLeaf: indexed.partitioning === undefined };
}

/** The relation itself first. */
export function partitionAncestors(catalog: StateCatalog, oid: number): number[] {
  const found: number[] = [];
  for (let part = partOf(catalog, oid); part !== undefined;) {
    found.push(part.oid);
    part = part.parent === undefined ? undefined : partOf(catalog, part.parent);
  }
  return found;
}

const columnTypes = [TypeOid.regclass, TypeOid.regclass, TypeOid.bool, TypeOid.int4];

export function partitionTree(catalog: StateCatalog, oid: number): RecordValue[] {
  const rows: RecordValue[] = [];
  let level = [partOf(catalog, oid)].filter((part) => part !== undefined);
  for (let depth = 0; level.length > 0; depth++) {
    for (const part of level) {
      rows.push(new RecordValue(columnTypes, [part.oid, part.parent ?? null, part.isLeaf, depth]));
    }
    level = level.flatMap((part) =>
      part.children.map((child) => partOf(catalog, child)).filter((each) => each !== undefined),
    );
  }
  return rows;
}
