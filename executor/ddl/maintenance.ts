// VACUUM, ANALYZE, CLUSTER, CHECKPOINT, LOCK TABLE. Storage cleans up by itself, so most of
// them check their targets and are done; ANALYZE looks at the rows, VACUUM brings column segments up to
// date.

import type { ClusterStmt, LockStmt, RangeVar, VacuumRelation, VacuumStmt } from '@pgsql/types';
import { databaseError, type TableDescriptor, type ViewDescriptor } from '#common';
import {
  bodyOf,
  definitionElements,
  elementBoolean,
  heldRights,
  relationDenied,
  relationGrantable,
  stringsOf,
} from '#planner';
import { isTemporarySchema, TableLock, type TableLockMode } from '#storage';
import { noteVacuum } from '../use-counters.ts';
import { analyzeTable } from '../statistics/analyze.ts';
import type { UtilityWork } from './contract.ts';
import { columnOfRelationDoesNotExist, notInTransactionBlock } from './errors.ts';
import { liveColumn } from './index-definition.ts';
import type { DdlStatement } from './statement.ts';
import { withNewFileNodes } from './table-trees.ts';

export function* vacuum(ddl: DdlStatement, statement: VacuumStmt): UtilityWork {
  const isVacuum = statement.is_vacuumcmd === true;
  const command = isVacuum ? 'VACUUM' : 'ANALYZE';
  if (isVacuum && ddl.context.inTransactionBlock) throw notInTransactionBlock('VACUUM');
  const options = definitionElements(statement.options);
  const isAnalyze =
    !isVacuum || options.some((option) => option.defname === 'analyze' && elementBoolean(option));
  const isVerbose = options.some(
    (option) => option.defname === 'verbose' && elementBoolean(option),
  );
  const isFull =
    isVacuum &&
    options.some((option) => option.defname === 'full' && elementBoolean(option)) &&
    !ddl.transaction.readOnly;
  const targets =
    statement.rels === undefined
      ? everyTable(ddl)
      : statement.rels.flatMap((node) => targetOf(ddl, bodyOf(node, 'VacuumRelation'), command));
  for (const { oid, columns } of targets) {
    if (columns.length > 0 && !isAnalyze) {
      throw databaseError(
        'featureNotSupported',
        'ANALYZE option must be specified when a column list is provided',
      );
    }
    const table = ddl.table(oid);
    const attributes = columns.map((name) => attributeOf(table, name));
    if (isVacuum) {
      yield ddl.context.storage.renewSegments(table);
      noteVacuum(oid, ddl.transaction.startTimestamp);
    }
    if (isFull) rewritten(ddl, oid);
    if (!isAnalyze) continue;
    ddl.transaction.lockTable(oid, TableLock.shareUpdateExclusive);
    if (isVerbose) {
      const schema = ddl.schemaByOid(table.schemaOid).name;
      ddl.info(`analyzing "${schema}.${table.name}"`);
    }
    const { storage, interrupt, functions } = ddl.context;
    const request = {
      table: ddl.table(oid),
      attributes: attributes.length === 0 ? undefined : attributes,
      automatic: false,
    };
    const defaultTarget = Number(functions.setting('default_statistics_target') ?? 100);
    const { transaction, changes } = ddl;
    yield* analyzeTable({ storage, transaction, changes, interrupt, defaultTarget }, request);
  }
  return command;
}

/** Storage has no room to win back: what VACUUM FULL and CLUSTER rewrite has only a new number. */
function rewritten(ddl: DdlStatement, oid: number): void {
  if (ddl.table(oid).partitioning !== undefined) return;
  ddl.lockTable(oid, TableLock.accessExclusive);
  ddl.put(withNewFileNodes(ddl, ddl.table(oid)));
}

export interface Target {
  readonly oid: number;
  readonly columns: readonly string[];
}

function targetOf(
  ddl: DdlStatement,
  target: VacuumRelation | undefined,
  command: 'VACUUM' | 'ANALYZE',
): Target[] {
  if (target?.relation === undefined) return [];
  const found = ddl.requireRelation(target.relation, TableLock.shareUpdateExclusive);
  const verb = command === 'VACUUM' ? 'vacuum' : 'analyze';
  // What the catalog computes has no rows that could be sampled.
  if (found.kind === 'system') return [];
  if (found.kind !== 'table') {
    ddl.warning(`skipping "${found.name}" --- cannot ${verb} non-tables or special system tables`);
    return [];
  }
  if (!mayMaintain(ddl, found)) {
    ddl.warning(`skipping "${found.name}" --- only table or database owner can ${verb} it`);
    return [];
  }
  const columns = stringsOf(target.va_cols);
  return [found.oid, ...partitionsOf(ddl, found)].map((oid) => ({ oid, columns }));
}

/** All partitions below a partitioned table: they have its rows. */
export function partitionsOf(ddl: DdlStatement, table: TableDescriptor): number[] {
  if (table.partitioning === undefined) return [];
  return (table.children ?? []).flatMap((oid) => [oid, ...partitionsOf(ddl, ddl.table(oid))]);
}

/** Tables of the database that the user may maintain; temporary ones of other sessions are theirs. */
export function everyTable(ddl: DdlStatement): Target[] {
  const targets: Target[] = [];
  for (const relation of ddl.catalog.userRelations()) {
    if (relation.kind !== 'table' || !mayMaintain(ddl, relation)) continue;
    const schema = ddl.schemaByOid(relation.schemaOid).name;
    if (isTemporarySchema(schema) && schema !== ddl.context.temporarySchema) continue;
    targets.push({ oid: relation.oid, columns: [] });
  }
  return targets;
}

export function mayMaintain(ddl: DdlStatement, table: TableDescriptor): boolean {
  const role = ddl.context.currentRole.oid;
  return ddl.isMemberOf(role, table.owner) || ddl.isMemberOf(role, ddl.catalog.database.owner);
}

function attributeOf(table: TableDescriptor, name: string): number {
  const column = liveColumn(table, name);
  if (column === undefined) throw columnOfRelationDoesNotExist(name, table.name);
  return column.attributeNumber;
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
  if (found.kind === 'table') rewritten(ddl, found.oid);
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
    if (found.kind === 'index' || found.kind === 'sequence') {
      throw databaseError('wrongObjectType', `cannot lock relation "${found.name}"`);
    }
    if (found.kind !== 'system') requireLockRight(ddl, found, mode);
    lockOne(ddl, found, mode, statement.nowait === true);
  }
  return 'LOCK TABLE';
}

/** Reading rights lock weakly, writing rights in any mode. */
function requireLockRight(
  ddl: DdlStatement,
  relation: TableDescriptor | ViewDescriptor,
  mode: TableLockMode,
): void {
  const role = ddl.context.currentRole.oid;
  const enough =
    mode === TableLock.accessShare ? 'rwdD' : mode === TableLock.rowExclusive ? 'awdD' : 'wdD';
  if (heldRights(ddl.catalog, role, relationGrantable(relation), enough) === '')
    throw relationDenied(relation);
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
