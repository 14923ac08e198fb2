// SET (…) and RESET (…) of ALTER TABLE and ALTER INDEX.

import type { AlterTableCmd } from '@pgsql/types';
import { assert, type IndexDescriptor, type TableDescriptor } from '#common';
import { definitionElements, listItems } from '#planner';
import type { DdlStatement } from './statement.ts';
import {
  parametersOfIndex,
  parametersToReset,
  readStorageParameters,
} from './storage-parameters.ts';
import { readTableOptions } from './table-options.ts';

export function setTableOptions(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const { options, retentionMicros } = readTableOptions(
    ddl,
    definitionElements(listItems(command.def)),
  );
  const { retentionMicros: old, ...rest } = table;
  const retention = 'retention' in options ? retentionMicros : old;
  ddl.put({
    ...rest,
    ...(retention === undefined ? {} : { retentionMicros: retention }),
    options: merged(table.options, options),
  });
  if ('retention' in options) scheduleRetention(ddl, table.treeId, retention);
  if ('columnar' in options) scheduleSegments(ddl, ddl.table(table.oid));
}

export function resetTableOptions(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const options = { ...table.options };
  let { retentionMicros } = table;
  for (const name of parametersToReset(definitionElements(listItems(command.def)))) {
    delete options[name];
    if (name !== 'retention') continue;
    retentionMicros = undefined;
    scheduleRetention(ddl, table.treeId, undefined);
  }
  const { retentionMicros: _old, options: _options, ...rest } = table;
  ddl.put({
    ...rest,
    ...(retentionMicros === undefined ? {} : { retentionMicros }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  });
  scheduleSegments(ddl, ddl.table(table.oid));
}

export function setIndexOptions(
  ddl: DdlStatement,
  index: IndexDescriptor,
  command: AlterTableCmd,
): void {
  const elements = definitionElements(listItems(command.def));
  const given = readStorageParameters(elements, parametersOfIndex(index.method));
  putIndexOptions(ddl, index, merged(index.options, given));
}

export function resetIndexOptions(
  ddl: DdlStatement,
  index: IndexDescriptor,
  command: AlterTableCmd,
): void {
  const options = { ...index.options };
  for (const name of parametersToReset(definitionElements(listItems(command.def))))
    delete options[name];
  putIndexOptions(ddl, index, options);
}

function putIndexOptions(
  ddl: DdlStatement,
  index: IndexDescriptor,
  options: Readonly<Record<string, string>>,
): void {
  const table = ddl.table(index.tableOid);
  const at = table.indexes.findIndex(({ oid }) => oid === index.oid);
  assert(at >= 0, 'an index belongs to its table');
  const { options: _old, ...rest } = table.indexes[at];
  const changed = Object.keys(options).length === 0 ? rest : { ...rest, options };
  ddl.put({ ...table, indexes: table.indexes.with(at, changed) });
}

/** What is set again goes to the end, as PostgreSQL has it. */
function merged(
  before: Readonly<Record<string, string>> | undefined,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(before ?? {}).filter(([name]) => !(name in given));
  return { ...Object.fromEntries(kept), ...given };
}

/** Column segments are built or go once the setting is committed. */
function scheduleSegments(ddl: DdlStatement, table: TableDescriptor): void {
  const { storage } = ddl.context;
  ddl.transaction.onCommit(() => storage.noteTableUse(table));
}

/** Pruning cannot be taken back, so it begins when the transaction has committed. */
function scheduleRetention(ddl: DdlStatement, treeId: number, micros: number | undefined): void {
  const { storage } = ddl.context;
  ddl.transaction.onCommit(() => storage.setRetention(treeId, micros));
}
