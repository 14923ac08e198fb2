// VACUUM, ANALYZE, REINDEX, CLUSTER, CHECKPOINT, LOCK TABLE. Storage cleans up by itself and its
// estimates are always there, so the first ones check their targets and are done.

import type { ClusterStmt, LockStmt, RangeVar, ReindexStmt, VacuumStmt } from '@pgsql/types';
import { databaseError } from '#common';
import { bodyOf, definitionElements, stringsOf } from '#planner';
import { TableLock, type TableLockMode } from '#storage';
import { columnOfRelationDoesNotExist, notInTransactionBlock } from './errors.ts';
import { liveColumn } from './index-definition.ts';
import type { DdlStatement } from './statement.ts';

export function vacuum(ddl: DdlStatement, statement: VacuumStmt): string {
  const command = statement.is_vacuumcmd === true ? 'VACUUM' : 'ANALYZE';
  if (command === 'VACUUM' && ddl.context.inTransactionBlock) throw notInTransactionBlock('VACUUM');
  for (const node of statement.rels ?? []) {
    const target = bodyOf(node, 'VacuumRelation');
    if (target?.relation === undefined) continue;
    const found = ddl.requireRelation(target.relation, TableLock.accessShare);
    if (found.kind !== 'table') {
      ddl.warning(
        command === 'VACUUM'
          ? `skipping "${found.name}" --- cannot vacuum non-tables or special system tables`
          : `skipping "${found.name}" --- cannot analyze non-tables or special system tables`,
      );
      continue;
    }
    const isAnalyze =
      command === 'ANALYZE' ||
      definitionElements(statement.options).some(({ defname }) => defname === 'analyze');
    if (target.va_cols !== undefined && !isAnalyze) {
      throw databaseError(
        'featureNotSupported',
        'ANALYZE option must be specified when a column list is provided',
      );
    }
    for (const name of stringsOf(target.va_cols)) {
      if (liveColumn(found, name) === undefined)
        throw columnOfRelationDoesNotExist(name, found.name);
    }
  }
  return command;
}

export function reindex(ddl: DdlStatement, statement: ReindexStmt): string {
  const { kind, relation, name } = statement;
  if (relation !== undefined) {
    const found = ddl.requireRelation(relation, TableLock.accessShare);
    if (kind === 'REINDEX_OBJECT_INDEX' && found.kind !== 'index') {
      throw databaseError('wrongObjectType', `"${found.name}" is not an index`);
    }
    if (kind === 'REINDEX_OBJECT_TABLE' && found.kind !== 'table') {
      throw databaseError('wrongObjectType', `"${found.name}" is not a table or materialized view`);
    }
    if (found.kind === 'table' && found.indexes.length === 0) {
      ddl.notice(`table "${found.name}" has no indexes to reindex`);
    }
  } else if (kind === 'REINDEX_OBJECT_SCHEMA') ddl.schema(name ?? '');
  return 'REINDEX';
}

/** Rows are always in the order of the primary key; another order cannot be asked for. */
export function cluster(ddl: DdlStatement, statement: ClusterStmt): string {
  if (statement.relation === undefined) return 'CLUSTER';
  const found = ddl.requireRelation(statement.relation, TableLock.accessShare);
  const { indexname } = statement;
  if (
    indexname !== undefined &&
    found.kind === 'table' &&
    !found.indexes.some((index) => index.name === indexname)
  ) {
    throw databaseError(
      'undefinedObject',
      `index "${indexname}" for table "${found.name}" does not exist`,
    );
  }
  return 'CLUSTER';
}

/** Commits are durable when they are acknowledged; what a checkpoint shortens is recovery alone. */
export function checkpoint(): string {
  return 'CHECKPOINT';
}

export function lockTables(ddl: DdlStatement, statement: LockStmt): string {
  if (!ddl.context.inTransactionBlock) {
    throw databaseError(
      'noActiveSqlTransaction',
      'LOCK TABLE can only be used in transaction blocks',
    );
  }
  const mode = (statement.mode ?? TableLock.accessExclusive) as TableLockMode;
  for (const node of statement.relations ?? []) {
    const range: RangeVar = bodyOf(node, 'RangeVar')!;
    const found = ddl.findRelation(range.schemaname, range.relname ?? '');
    if (found === undefined) {
      ddl.requireRelation(range, TableLock.accessShare);
      continue;
    }
    if (found.kind !== 'table' && found.kind !== 'view') {
      throw databaseError('wrongObjectType', `cannot lock relation "${found.name}"`);
    }
    lockOne(ddl, found, mode, statement.nowait === true);
  }
  return 'LOCK TABLE';
}

function lockOne(
  ddl: DdlStatement,
  relation: { readonly oid: number; readonly name: string },
  mode: TableLockMode,
  nowait: boolean,
): void {
  try {
    ddl.transaction.lockTable(relation.oid, mode, nowait ? 'nowait' : 'wait');
  } catch (error) {
    if (
      !nowait ||
      !(error instanceof Error) ||
      !('sqlState' in error) ||
      error.sqlState !== '55P03'
    )
      throw error;
    throw databaseError('lockNotAvailable', `could not obtain lock on relation "${relation.name}"`);
  }
}
