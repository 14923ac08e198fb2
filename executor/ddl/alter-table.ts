// ALTER TABLE (and ALTER INDEX, VIEW, SEQUENCE where they share its grammar): the list of actions,
// carried out one after another on the locked relation. Each is a function in the table below.

import type { AlterTableCmd, AlterTableStmt } from '@pgsql/types';
import {
  databaseError,
  type IndexDescriptor,
  notSupported,
  type RelationDescriptor,
  type TableDescriptor,
  type ViewDescriptor,
} from '#common';
import { alterColumnType } from './alter-column-type.ts';
import {
  addColumn,
  dropColumn,
  dropExpression,
  setColumnDefault,
  setNotNull,
} from './alter-columns.ts';
import {
  addConstraint,
  alterConstraint,
  dropConstraint,
  validateConstraint,
} from './alter-constraints.ts';
import { addIdentity, dropIdentity, setIdentity } from './alter-identity.ts';
import { checkInherited, followInChildren, releaseInChildren } from './alter-recursion.ts';
import { alterLock } from './alter-lock.ts';
import { cannotBePerformed, checkTarget, words } from './alter-targets.ts';
import { attachIndex } from './attach-index.ts';
import { attachPartition, detachPartition, inherit, noInherit } from './attach-partition.ts';
import { alterCompositeType } from './composite-types.ts';
import type { UtilityStep, UtilityWork } from './contract.ts';
import { relationDoesNotExist, wrongRelationKind } from './errors.ts';
import { setTriggerState } from './triggers.ts';
import { changeColumnOptions, changeForeignOptions } from './foreign-tables.ts';
import { clusterOn, setColumnOptions, setCompression, setStorage } from './physical-options.ts';
import { setIndexTablespace, setTableTablespace } from './relation-tablespace.ts';
import { setReplicaIdentity } from './replica-identity.ts';
import { relationKind } from './object-description.ts';
import { give } from './owners.ts';
import { setRuleState } from './rules.ts';
import { changeRowSecurity } from './row-security.ts';
import { type DdlStatement, rangeName } from './statement.ts';
import { setColumnStatistics, setIndexStatistics } from './statistics-objects.ts';
import {
  resetIndexOptions,
  resetTableOptions,
  setIndexOptions,
  setTableOptions,
} from './table-option-changes.ts';
import { resetViewOptions, setViewColumnDefault, setViewOptions } from './view-options.ts';

export type AlterWork = Generator<Exclude<UtilityStep, undefined>, void>;
type Action = (
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
) => AlterWork | void;

const accepted: Action = () => undefined;

const actions: Readonly<Record<string, Action>> = {
  AT_AddColumn: addColumn,
  AT_DropColumn: dropColumn,
  AT_AlterColumnType: alterColumnType,
  AT_ColumnDefault: setColumnDefault,
  AT_SetNotNull: setNotNull,
  AT_DropNotNull: setNotNull,
  AT_DropExpression: dropExpression,
  AT_AddConstraint: addConstraint,
  AT_DropConstraint: dropConstraint,
  AT_ValidateConstraint: validateConstraint,
  AT_AlterConstraint: alterConstraint,
  AT_AddIdentity: addIdentity,
  AT_SetIdentity: setIdentity,
  AT_DropIdentity: dropIdentity,
  AT_SetRelOptions: setTableOptions,
  AT_ResetRelOptions: resetTableOptions,
  AT_AttachPartition: attachPartition,
  AT_DetachPartition: detachPartition,
  AT_DetachPartitionFinalize: accepted,
  AT_AddInherit: inherit,
  AT_DropInherit: noInherit,
  // What these change does not exist here, or is the same either way.
  AT_ClusterOn: clusterOn,
  AT_DropCluster: accepted,
  AT_ReplicaIdentity: setReplicaIdentity,
  AT_GenericOptions: changeForeignOptions,
  AT_AlterColumnGenericOptions: changeColumnOptions,
  AT_SetStatistics: setColumnStatistics,
  AT_SetOptions: setColumnOptions,
  AT_ResetOptions: accepted,
  AT_SetStorage: setStorage,
  AT_SetCompression: setCompression,
  AT_SetLogged: accepted,
  AT_SetUnLogged: accepted,
  AT_DropOids: accepted,
  AT_SetTableSpace: setTableTablespace,
  AT_EnableTrig: changeTriggers,
  AT_EnableAlwaysTrig: changeTriggers,
  AT_EnableReplicaTrig: changeTriggers,
  AT_EnableTrigAll: changeTriggers,
  AT_EnableTrigUser: changeTriggers,
  AT_DisableTrig: changeTriggers,
  AT_DisableTrigAll: changeTriggers,
  AT_DisableTrigUser: changeTriggers,
  AT_EnableRule: setRuleState,
  AT_EnableAlwaysRule: setRuleState,
  AT_EnableReplicaRule: setRuleState,
  AT_DisableRule: setRuleState,
  AT_EnableRowSecurity: changeRowSecurity,
  AT_DisableRowSecurity: changeRowSecurity,
  AT_ForceRowSecurity: changeRowSecurity,
  AT_NoForceRowSecurity: changeRowSecurity,
};

const viewActions: Readonly<
  Record<string, (ddl: DdlStatement, view: ViewDescriptor, command: AlterTableCmd) => void>
> = {
  AT_SetRelOptions: setViewOptions,
  AT_ResetRelOptions: resetViewOptions,
  AT_ColumnDefault: setViewColumnDefault,
  AT_EnableRule: setRuleState,
  AT_EnableAlwaysRule: setRuleState,
  AT_EnableReplicaRule: setRuleState,
  AT_DisableRule: setRuleState,
};

const indexActions: Readonly<
  Record<string, (ddl: DdlStatement, index: IndexDescriptor, command: AlterTableCmd) => void>
> = {
  AT_SetRelOptions: setIndexOptions,
  AT_ResetRelOptions: resetIndexOptions,
  AT_AttachPartition: attachIndex,
  AT_SetStatistics: setIndexStatistics,
  AT_SetTableSpace: setIndexTablespace,
};

const tags: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'ALTER TABLE',
  OBJECT_INDEX: 'ALTER INDEX',
  OBJECT_VIEW: 'ALTER VIEW',
  OBJECT_MATVIEW: 'ALTER MATERIALIZED VIEW',
  OBJECT_SEQUENCE: 'ALTER SEQUENCE',
  OBJECT_FOREIGN_TABLE: 'ALTER FOREIGN TABLE',
};

const articles: Readonly<Record<string, string>> = {
  OBJECT_INDEX: 'an index',
  OBJECT_VIEW: 'a view',
  OBJECT_MATVIEW: 'a materialized view',
  OBJECT_SEQUENCE: 'a sequence',
  OBJECT_FOREIGN_TABLE: 'a foreign table',
};

export function* alterTable(ddl: DdlStatement, statement: AlterTableStmt): UtilityWork {
  const objectType = statement.objtype ?? 'OBJECT_TABLE';
  if (objectType === 'OBJECT_TYPE') return alterCompositeType(ddl, statement);
  const tag = tags[objectType];
  if (tag === undefined) throw notSupported(`ALTER ${objectType.replace('OBJECT_', '')}`);
  const range = statement.relation!;
  const commands = orderedCommands(statement);
  const found = ddl.lockRelation(range, alterLock(commands));
  if (found === undefined) {
    if (statement.missing_ok !== true) {
      throw relationDoesNotExist(rangeName(range));
    }
    ddl.notice(`relation "${rangeName(range)}" does not exist, skipping`);
    return tag;
  }
  const article = articles[objectType];
  if (article !== undefined && relationKind(found) !== tag.slice('ALTER '.length).toLowerCase()) {
    throw wrongRelationKind(found.name, article);
  }
  if (found.kind !== 'system') ddl.requireRelationOwner(relationKind(found), found);
  refuseSecondType(commands);
  for (const command of commands) yield* runCommand(ddl, found, command, range.inh === true);
  return tag;
}

/** A column's values are converted once a statement. 0A000. */
function refuseSecondType(commands: readonly AlterTableCmd[]): void {
  const changed = new Set<string | undefined>();
  for (const { subtype, name } of commands) {
    if (subtype !== 'AT_AlterColumnType') continue;
    if (changed.has(name)) {
      throw databaseError('featureNotSupported', `cannot alter type of column "${name}" twice`);
    }
    changed.add(name);
  }
}

/** PostgreSQL's passes: what is dropped goes first, then types change, columns come, constraints last. */
const dropPass = 0;
const passes: Readonly<Record<string, number>> = {
  AT_DropColumn: dropPass,
  AT_DropConstraint: dropPass,
  AT_DropNotNull: dropPass,
  AT_DropIdentity: dropPass,
  AT_DropExpression: dropPass,
  AT_AlterColumnType: 1,
  AT_AddColumn: 2,
  AT_SetNotNull: 4,
  AT_AddIdentity: 4,
  AT_SetIdentity: 7,
  AT_AddConstraint: 5,
};

const defaultPass = 3;

function orderedCommands(statement: AlterTableStmt): AlterTableCmd[] {
  const commands = (statement.cmds ?? []).flatMap((node) =>
    'AlterTableCmd' in node ? [node.AlterTableCmd] : [],
  );
  const passOf = (command: AlterTableCmd): number => {
    if (command.subtype === 'AT_ColumnDefault' && command.def === undefined) return dropPass;
    const pass = passes[command.subtype ?? ''] ?? defaultPass;
    const isForeign =
      command.def !== undefined &&
      'Constraint' in command.def &&
      command.def.Constraint.contype === 'CONSTR_FOREIGN';
    return isForeign ? pass + 1 : pass;
  };
  return commands.toSorted((left, right) => passOf(left) - passOf(right));
}

/** The command on the table and, where it is one that children follow, below it. */
function* runBelow(ddl: DdlStatement, oid: number, command: AlterTableCmd): AlterWork {
  const table = ddl.table(oid);
  const work = actions[command.subtype ?? ''](ddl, table, command);
  if (work !== undefined) yield* work;
  yield* followInChildren(ddl, table, command, runBelow);
}

function* runCommand(
  ddl: DdlStatement,
  found: RelationDescriptor,
  command: AlterTableCmd,
  recurses: boolean,
): AlterWork {
  const subtype = command.subtype ?? '';
  if (subtype === 'AT_ChangeOwner') {
    give(ddl, found.oid, ddl.roleOf(command.newowner!));
    return;
  }
  const action = Object.hasOwn(actions, subtype) ? actions[subtype] : undefined;
  if (action === undefined) throw notSupported(`ALTER TABLE … ${words(subtype)}`);
  if (found.kind !== 'table') {
    if (action === accepted && found.kind === 'sequence') return;
    if (found.kind === 'index' && Object.hasOwn(indexActions, subtype)) {
      indexActions[subtype](ddl, found, command);
      return;
    }
    if (found.kind === 'view' && Object.hasOwn(viewActions, subtype)) {
      viewActions[subtype](ddl, found, command);
      return;
    }
    throw cannotBePerformed(found, subtype);
  }
  checkTarget(found, command);
  checkInherited(ddl.table(found.oid), command, recurses);
  if (recurses) {
    yield* runBelow(ddl, found.oid, command);
    return;
  }
  const before = ddl.table(found.oid);
  releaseInChildren(ddl, before, command);
  const work = action(ddl, before, command);
  if (work !== undefined) yield* work;
}

// oxlint-disable-next-line require-yield -- done at once
function* changeTriggers(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  setTriggerState(ddl, table, command);
}
