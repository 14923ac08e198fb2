// TRUNCATE triggers: once for each table, before any is emptied and after all are.

import type { TableDescriptor, TriggerTiming } from '#common';
import { isTriggerEnabled } from '../write/trigger-calls.ts';
import type { DdlStatement } from './statement.ts';

export function fireTruncateTriggers(
  ddl: DdlStatement,
  tables: Iterable<TableDescriptor>,
  timing: TriggerTiming,
): void {
  const { functions } = ddl.context;
  const role = functions.setting('session_replication_role');
  for (const table of tables) {
    for (const trigger of table.triggers ?? []) {
      if (trigger.timing !== timing || !trigger.events.includes('truncate')) continue;
      if (!isTriggerEnabled(trigger, role)) continue;
      functions.routines?.trigger(trigger.functionOid, {
        trigger,
        event: 'truncate',
        tableOid: table.oid,
        tableName: table.name,
        schemaName: ddl.catalog.schemaByOid(table.schemaOid)?.name ?? '',
        rowType: table.rowTypeOid,
        old: undefined,
        new: undefined,
        transitions: [],
      });
    }
  }
}
