// Which actions of ALTER TABLE a relation of a kind can take, and how messages name the actions
// (PostgreSQL's ATSimplePermissions and alter_table_type_to_string).

import type { AlterTableCmd } from '@pgsql/types';
import { type DatabaseError, databaseError, type RelationDescriptor } from '#common';
import { relationKind } from './object-description.ts';

/** Actions that a materialized view, which is stored as a table is, does not take. */
const tablesOnly = new Set([
  'AT_AddColumn',
  'AT_ColumnDefault',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_DropIdentity',
  'AT_DropNotNull',
  'AT_SetNotNull',
  'AT_DropExpression',
  'AT_DropColumn',
  'AT_AddConstraint',
  'AT_AlterConstraint',
  'AT_ValidateConstraint',
  'AT_DropConstraint',
  'AT_AlterColumnType',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_DropOids',
  'AT_AddInherit',
  'AT_DropInherit',
  'AT_AttachPartition',
  'AT_DetachPartition',
  'AT_EnableRowSecurity',
  'AT_DisableRowSecurity',
  'AT_ForceRowSecurity',
  'AT_NoForceRowSecurity',
]);

const actionNames: Readonly<Record<string, string>> = {
  AT_ColumnDefault: 'ALTER COLUMN ... SET DEFAULT',
  AT_AddIdentity: 'ALTER COLUMN ... ADD IDENTITY',
  AT_SetIdentity: 'ALTER COLUMN ... SET',
  AT_DropIdentity: 'ALTER COLUMN ... DROP IDENTITY',
  AT_DropNotNull: 'ALTER COLUMN ... DROP NOT NULL',
  AT_SetNotNull: 'ALTER COLUMN ... SET NOT NULL',
  AT_DropExpression: 'ALTER COLUMN ... DROP EXPRESSION',
  AT_SetStatistics: 'ALTER COLUMN ... SET STATISTICS',
  AT_SetOptions: 'ALTER COLUMN ... SET',
  AT_ResetOptions: 'ALTER COLUMN ... RESET',
  AT_SetStorage: 'ALTER COLUMN ... SET STORAGE',
  AT_SetCompression: 'ALTER COLUMN ... SET COMPRESSION',
  AT_AlterColumnType: 'ALTER COLUMN ... SET DATA TYPE',
  AT_ClusterOn: 'CLUSTER ON',
  AT_DropCluster: 'SET WITHOUT CLUSTER',
  AT_SetUnLogged: 'SET UNLOGGED',
  AT_DropOids: 'SET WITHOUT OIDS',
  AT_SetTableSpace: 'SET TABLESPACE',
  AT_SetRelOptions: 'SET',
  AT_ResetRelOptions: 'RESET',
  AT_AddInherit: 'INHERIT',
  AT_DropInherit: 'NO INHERIT',
  AT_ReplicaIdentity: 'REPLICA IDENTITY',
  AT_EnableTrig: 'ENABLE TRIGGER',
  AT_EnableAlwaysTrig: 'ENABLE ALWAYS TRIGGER',
  AT_EnableReplicaTrig: 'ENABLE REPLICA TRIGGER',
  AT_DisableTrig: 'DISABLE TRIGGER',
  AT_EnableTrigAll: 'ENABLE TRIGGER ALL',
  AT_DisableTrigAll: 'DISABLE TRIGGER ALL',
  AT_EnableTrigUser: 'ENABLE TRIGGER USER',
  AT_DisableTrigUser: 'DISABLE TRIGGER USER',
  AT_GenericOptions: 'OPTIONS',
  AT_AlterColumnGenericOptions: 'ALTER COLUMN ... OPTIONS',
};

const relationNouns: Readonly<Record<string, string>> = { index: 'indexes' };

/** 42809 */
export function cannotBePerformed(relation: RelationDescriptor, subtype: string): DatabaseError {
  return databaseError(
    'wrongObjectType',
    `ALTER action ${actionNames[subtype] ?? words(subtype)} cannot be performed on relation "${relation.name}"`,
    { detail: notSupportedFor(relation) },
  );
}

export function notSupportedFor(relation: RelationDescriptor): string {
  const kind = relationKind(relation);
  return `This operation is not supported for ${relationNouns[kind] ?? `${kind}s`}.`;
}

/** A materialized view has the columns of its query. */
export function checkTarget(relation: RelationDescriptor, { subtype }: AlterTableCmd): void {
  if (relation.kind !== 'table' || relation.materialized === undefined) return;
  if (tablesOnly.has(subtype ?? '')) throw cannotBePerformed(relation, subtype ?? '');
}

/** "AT_EnableRowSecurity" as "ENABLE ROW SECURITY". */
export function words(subtype: string): string {
  return subtype
    .replace(/^AT_/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}
