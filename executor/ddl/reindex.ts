// REINDEX builds the entries of indexes anew, in trees of their own; the old ones go with the commit. A
// primary key is the row tree itself, and indexes that are declarations have no entries: both stay.

import type { ReindexStmt } from '@pgsql/types';
import { databaseError, type IndexDescriptor, type TableDescriptor } from '#common';
import { TableLock } from '#storage';
import type { UtilityStep, UtilityWork } from './contract.ts';
import { notInTransactionBlock } from './errors.ts';
import { everyTable, mayMaintain, partitionsOf } from './maintenance.ts';
import type { DdlStatement } from './statement.ts';
import { fillIndex } from './table-rewrite.ts';

const commands: Readonly<Record<string, string>> = {
  REINDEX_OBJECT_SCHEMA: 'REINDEX SCHEMA',
  REINDEX_OBJECT_SYSTEM: 'REINDEX SYSTEM',
  REINDEX_OBJECT_DATABASE: 'REINDEX DATABASE',
};

export function* reindex(ddl: DdlStatement, statement: ReindexStmt): UtilityWork {
  const { relation, kind = 'REINDEX_OBJECT_TABLE', name } = statement;
  const isMany = relation === undefined;
  if (isMany && ddl.context.inTransactionBlock) throw notInTransactionBlock(commands[kind]);
  if (isMany && kind !== 'REINDEX_OBJECT_SCHEMA') requireCurrentDatabase(ddl, name);
  const chosen = isMany ? tablesOf(ddl, kind, name) : targetOf(ddl, statement);
  // Entries hold what the rows say already; who may not write may leave it at that.
  if (ddl.transaction.readOnly) return 'REINDEX';
  for (const { oid, index } of chosen) yield* rebuild(ddl, oid, index);
  return 'REINDEX';
}

interface Chosen {
  readonly oid: number;
  /** undefined: all indexes of the table. */
  readonly index: number | undefined;
}

function requireCurrentDatabase(ddl: DdlStatement, name: string | undefined): void {
  if (name === undefined || name === ddl.catalog.database.name) return;
  throw databaseError('featureNotSupported', 'can only reindex the currently open database');
}

function tablesOf(ddl: DdlStatement, kind: string, name = ''): Chosen[] {
  if (kind === 'REINDEX_OBJECT_SYSTEM') return [];
  const schema = kind === 'REINDEX_OBJECT_SCHEMA' ? ddl.schema(name) : undefined;
  return everyTable(ddl).flatMap(({ oid }) =>
    schema === undefined || ddl.table(oid).schemaOid === schema.oid
      ? [{ oid, index: undefined }]
      : [],
  );
}

function targetOf(ddl: DdlStatement, { relation, kind }: ReindexStmt): Chosen[] {
  const found = ddl.requireRelation(relation!, TableLock.accessShare);
  if (kind === 'REINDEX_OBJECT_INDEX') {
    if (found.kind !== 'index')
      throw databaseError('wrongObjectType', `"${found.name}" is not an index`);
    const table = ddl.table(found.tableOid);
    requireMaintainer(ddl, 'index', found.name, table);
    return [{ oid: table.oid, index: found.oid }, ...partsOf(ddl, table, found)];
  }
  if (found.kind !== 'table')
    throw databaseError('wrongObjectType', `"${found.name}" is not a table or materialized view`);
  requireMaintainer(ddl, 'table', found.name, found);
  const oids = [found.oid, ...partitionsOf(ddl, found)];
  if (oids.every((oid) => ddl.table(oid).indexes.length === 0))
    ddl.notice(`table "${found.name}" has no indexes to reindex`);
  return oids.map((oid) => ({ oid, index: undefined }));
}

/** The parts of a partitioned table's index. */
function partsOf(ddl: DdlStatement, table: TableDescriptor, index: IndexDescriptor): Chosen[] {
  if (table.partitioning === undefined) return [];
  return (table.children ?? []).flatMap((oid) => {
    const child = ddl.table(oid);
    const part = child.indexes.find(({ parentOid }) => parentOid === index.oid);
    return part === undefined ? [] : [{ oid, index: part.oid }, ...partsOf(ddl, child, part)];
  });
}

function requireMaintainer(
  ddl: DdlStatement,
  noun: string,
  name: string,
  table: TableDescriptor,
): void {
  if (!mayMaintain(ddl, table))
    throw databaseError('insufficientPrivilege', `must be owner of ${noun} ${name}`);
}

/** Readers of the old entries are waited for, as nobody keeps these. */
function* rebuild(
  ddl: DdlStatement,
  oid: number,
  wanted: number | undefined,
): Generator<Exclude<UtilityStep, undefined>, void> {
  const isRebuilt = (index: IndexDescriptor): boolean =>
    !index.clustered && index.unstored !== true && isNamed(index);
  const isNamed = (index: IndexDescriptor): boolean => wanted === undefined || index.oid === wanted;
  if (ddl.table(oid).partitioning !== undefined || !ddl.table(oid).indexes.some(isNamed)) return;
  ddl.lockTable(oid, TableLock.accessExclusive);
  const before = ddl.table(oid);
  const { storage } = ddl.context;
  const indexes = before.indexes.map((index) => {
    if (!isNamed(index)) return index;
    const renewed = { ...index, fileNode: ddl.allocateOid() };
    return isRebuilt(index) ? { ...renewed, treeId: storage.allocateTreeId() } : renewed;
  });
  const table = { ...before, indexes };
  ddl.put(table);
  for (const [i, index] of indexes.entries()) {
    if (!isRebuilt(index)) continue;
    yield* fillIndex(ddl, table, index);
    ddl.transaction.dropTree(before.indexes[i].treeId);
  }
}
