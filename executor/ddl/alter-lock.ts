// How strongly ALTER TABLE locks its table (PostgreSQL's AlterTableGetLockLevel()): what leaves rows and plans
// as they are lets readers, or writers as well, go on.

import type { AlterTableCmd } from '@pgsql/types';
import { bodyOf, listItems } from '#planner';
import { TableLock, type TableLockMode } from '#storage';

const triggerChanges = new Set([
  'AT_EnableTrig',
  'AT_EnableAlwaysTrig',
  'AT_EnableReplicaTrig',
  'AT_EnableTrigAll',
  'AT_EnableTrigUser',
  'AT_DisableTrig',
  'AT_DisableTrigAll',
  'AT_DisableTrigUser',
]);

const statisticsChanges = new Set([
  'AT_SetStatistics',
  'AT_ClusterOn',
  'AT_DropCluster',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_ValidateConstraint',
]);

/** Storage parameters that no plan and no row depends on. */
const maintenanceOption = /^(?:autovacuum_\w+|log_autovacuum_\w+|fillfactor|parallel_workers)$/;

export function alterLock(commands: readonly AlterTableCmd[]): TableLockMode {
  if (commands.length === 0) return TableLock.accessExclusive;
  return commands.map(lockOf).reduce((left, right) => (left > right ? left : right));
}

function lockOf({ subtype: given, def }: AlterTableCmd): TableLockMode {
  const subtype: string = given ?? '';
  if (triggerChanges.has(subtype)) return TableLock.shareRowExclusive;
  if (statisticsChanges.has(subtype)) return TableLock.shareUpdateExclusive;
  if (subtype === 'AT_AddConstraint' && bodyOf(def, 'Constraint')?.contype === 'CONSTR_FOREIGN')
    return TableLock.shareRowExclusive;
  if (subtype === 'AT_SetRelOptions' || subtype === 'AT_ResetRelOptions') {
    const isMaintenance = listItems(def).every((node) => {
      const { defname = '', defnamespace } = bodyOf(node, 'DefElem') ?? {};
      return defnamespace === 'toast' || maintenanceOption.test(defname);
    });
    if (isMaintenance) return TableLock.shareUpdateExclusive;
  }
  return TableLock.accessExclusive;
}
