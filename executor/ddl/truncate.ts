// TRUNCATE: new, empty trees in the place of the old ones.

import type { TruncateStmt } from '@pgsql/types';
import { databaseError, type TableDescriptor } from '#common';
import { bodyOf, foreignTableError } from '#planner';
import { TableLock } from '#storage';
import { wrongRelationKind } from './errors.ts';
import { familyOf } from './table-family.ts';
import { keysOverParents } from './incoming-keys.ts';
import { restartSequence } from './sequences.ts';
import type { DdlStatement } from './statement.ts';
import { dropTrees, withNewTrees } from './table-trees.ts';
import { fireTruncateTriggers } from './truncate-triggers.ts';

export function truncate(ddl: DdlStatement, statement: TruncateStmt): string {
  const tables = new Map<number, TableDescriptor>();
  for (const node of statement.relations ?? []) {
    const range = bodyOf(node, 'RangeVar')!;
    const found = ddl.requireRelation(range, TableLock.accessExclusive);
    if (found.kind !== 'table' || found.materialized !== undefined)
      throw wrongRelationKind(found.name, 'a table');
    ddl.requireRight(found, 'D');
    tables.set(found.oid, found);
    if (found.foreign !== undefined) throw foreignTableError(ddl.catalog, found);
    if (range.inh !== true) {
      if (found.partitioning !== undefined) {
        throw databaseError('wrongObjectType', 'cannot truncate only a partitioned table', {
          hint: 'Do not specify the ONLY keyword, or use TRUNCATE ONLY on the partitions directly.',
        });
      }
      continue;
    }
    for (const { oid } of familyOf(ddl, found.oid)) {
      if (!tables.has(oid)) tables.set(oid, ddl.lockTable(oid));
    }
  }
  addReferencing(ddl, tables, statement.behavior === 'DROP_CASCADE');
  const truncated = [...tables.values()];
  fireTruncateTriggers(ddl, truncated, 'before');
  for (const table of truncated) {
    emptyTable(ddl, ddl.table(table.oid));
    if (statement.restart_seqs === true) restartOwned(ddl, table.oid);
  }
  fireTruncateTriggers(ddl, truncated, 'after');
  return 'TRUNCATE TABLE';
}

/** Tables whose rows point at truncated ones: truncated too under CASCADE, else 0A000. */
function addReferencing(
  ddl: DdlStatement,
  tables: Map<number, TableDescriptor>,
  cascade: boolean,
): void {
  for (const table of tables.values()) {
    for (const { tableOid } of [...table.referencedBy, ...keysOverParents(ddl, table)]) {
      if (tables.has(tableOid)) continue;
      const referencing = ddl.catalog.tableByOid(tableOid)!;
      if (!cascade) throw stillReferenced(table, referencing);
      ddl.notice(`truncate cascades to table "${referencing.name}"`);
      tables.set(tableOid, ddl.lockTable(tableOid));
    }
  }
}

function stillReferenced(table: TableDescriptor, referencing: TableDescriptor): Error {
  return databaseError(
    'featureNotSupported',
    'cannot truncate a table referenced in a foreign key constraint',
    {
      detail: `Table "${referencing.name}" references "${table.name}".`,
      hint: `Truncate table "${referencing.name}" at the same time, or use TRUNCATE ... CASCADE.`,
    },
  );
}

export function emptyTable(ddl: DdlStatement, table: TableDescriptor): void {
  dropTrees(ddl, table);
  ddl.put(withNewTrees(ddl, table));
}

function restartOwned(ddl: DdlStatement, tableOid: number): void {
  for (const relation of [...ddl.catalog.userRelations()]) {
    if (relation.kind === 'sequence' && relation.ownedBy?.tableOid === tableOid) {
      restartSequence(ddl, relation);
    }
  }
}
