// ALTER TABLE SET (…) and RESET (…).

import type { AlterTableCmd } from '@pgsql/types';
import type { TableDescriptor } from '#common';
import { definitionElements, listItems } from '#planner';
import type { DdlStatement } from './statement.ts';
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
    options: { ...table.options, ...options },
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
  for (const { defname = '' } of definitionElements(listItems(command.def))) {
    delete options[defname];
    if (defname !== 'retention') continue;
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
