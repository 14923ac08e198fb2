// CREATE, ALTER and DROP RULE (PostgreSQL's rewriteDefine.c). A rule lives in its relation's descriptor, in
// order of the names, which is the order in which they are applied. Rules on SELECT are views.

import type { AlterTableCmd, Node, RuleStmt } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  type RelationDescriptor,
  type RuleDescriptor,
  type RuleEvent,
  type TableDescriptor,
  type ViewDescriptor,
} from '#common';
import { TableLock } from '#storage';
import { attachedName, skipAttached } from './attached-names.ts';
import { storedRule } from './rule-texts.ts';
import type { DdlStatement } from './statement.ts';

type Ruled = TableDescriptor | ViewDescriptor;
type Range = Parameters<DdlStatement['requireRelation']>[0];

const events: Readonly<Record<string, RuleEvent>> = {
  CMD_INSERT: 'insert',
  CMD_UPDATE: 'update',
  CMD_DELETE: 'delete',
};

export function createRule(ddl: DdlStatement, statement: RuleStmt): string {
  const relation = ruledRelation(ddl, statement.relation!);
  const event = events[statement.event ?? ''];
  if (event === undefined) throw refuseSelectRule(relation, statement);
  const name = statement.rulename ?? '';
  const old = relation.rules?.find((rule) => rule.name === name);
  if (old !== undefined && statement.replace !== true) {
    throw databaseError(
      'duplicateObject',
      `rule "${name}" for relation "${relation.name}" already exists`,
    );
  }
  const instead = statement.instead === true;
  const { condition, actions } = storedRule(ddl, statement, relation, event);
  const rule: RuleDescriptor = {
    oid: old?.oid ?? ddl.allocateOid(),
    name,
    event,
    instead,
    ...(condition === undefined ? {} : { condition }),
    actions,
    enabled: old?.enabled ?? 'O',
  };
  putRules(ddl, relation, [...(relation.rules ?? []).filter((each) => each !== old), rule]);
  return 'CREATE RULE';
}

/** What PostgreSQL says of rules on SELECT that make no view; turning a table into a view is 0A000. */
function refuseSelectRule(
  relation: Ruled,
  { actions, whereClause, instead, rulename }: RuleStmt,
): Error {
  const refuse = (message: string, hint?: string): Error =>
    databaseError('featureNotSupported', message, hint === undefined ? {} : { hint });
  const wrong = (message: string): Error => databaseError('invalidObjectDefinition', message);
  if (actions === undefined || actions.length === 0)
    return refuse('INSTEAD NOTHING rules on SELECT are not implemented', 'Use views instead.');
  if (actions.length > 1)
    return refuse('multiple actions for rules on SELECT are not implemented', 'Use views instead.');
  if (instead !== true || !('SelectStmt' in actions[0]))
    return refuse('rules on SELECT must have action INSTEAD SELECT', 'Use views instead.');
  if (whereClause !== undefined)
    return refuse('event qualifications are not implemented for rules on SELECT');
  if (relation.kind === 'view')
    return databaseError('objectNotInPrerequisiteState', `"${relation.name}" is already a view`);
  if (rulename !== '_RETURN')
    return wrong(`view rule for "${relation.name}" must be named "_RETURN"`);
  return notSupported('turning a table into a view by a rule on SELECT');
}

function ruledRelation(ddl: DdlStatement, range: Range): Ruled {
  const found: RelationDescriptor = ddl.requireRelation(range, TableLock.accessExclusive);
  if (found.kind === 'table' && found.materialized !== undefined)
    throw notSupported('rules on materialized views');
  if (found.kind === 'system') {
    throw databaseError(
      'insufficientPrivilege',
      `permission denied: "${found.name}" is a system catalog`,
    );
  }
  if (found.kind !== 'table' && found.kind !== 'view') {
    throw databaseError('wrongObjectType', `relation "${found.name}" cannot have rules`, {
      detail: `This operation is not supported for ${found.kind === 'index' ? 'indexes' : 'sequences'}.`,
    });
  }
  ddl.requireOwner(found.kind, found);
  return found;
}

export function putRules(
  ddl: DdlStatement,
  relation: Ruled,
  rules: readonly RuleDescriptor[],
): void {
  const sorted = rules.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const { rules: _old, ...rest } = relation;
  ddl.put(sorted.length === 0 ? rest : { ...relation, rules: sorted });
}

export function removeRule(ddl: DdlStatement, relationOid: number, oid: number): void {
  const relation = ddl.catalog.relationByOid(relationOid);
  if (relation?.kind !== 'table' && relation?.kind !== 'view') return;
  putRules(
    ddl,
    relation,
    (relation.rules ?? []).filter((rule) => rule.oid !== oid),
  );
}

/** The relation and the rule that DROP RULE or COMMENT ON RULE means; undefined: skipped. */
export function ruleNamed(
  ddl: DdlStatement,
  node: Node,
  missingOk: boolean,
): { readonly relation: Ruled; readonly rule: RuleDescriptor } | undefined {
  const named = attachedName(ddl, node, missingOk);
  if (named === undefined) return undefined;
  const { name, relationName, relation: found } = named;
  const rules = found.kind === 'table' || found.kind === 'view' ? found.rules : undefined;
  const rule = rules?.find((each) => each.name === name);
  if (rule !== undefined) return { relation: found as Ruled, rule };
  if (name === '_RETURN' && found.kind === 'view') {
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop rule _RETURN on view ${ddl.displayName(found)} because view ${ddl.displayName(found)} requires it`,
      { hint: `You can drop view ${ddl.displayName(found)} instead.` },
    );
  }
  if (!missingOk) throw ruleDoesNotExist(name, relationName);
  return skipAttached(ddl, 'rule', named);
}

function ruleDoesNotExist(name: string, relation: string): Error {
  return databaseError(
    'undefinedObject',
    `rule "${name}" for relation "${relation}" does not exist`,
  );
}

export function renameRule(ddl: DdlStatement, range: Range, from: string, to: string): void {
  const relation = ruledRelation(ddl, range);
  const rules = relation.rules ?? [];
  if (from === '_RETURN' && relation.kind === 'view') {
    throw databaseError('invalidObjectDefinition', 'renaming an ON SELECT rule is not allowed');
  }
  if (!rules.some(({ name }) => name === from)) throw ruleDoesNotExist(from, relation.name);
  if (rules.some(({ name }) => name === to) || (to === '_RETURN' && relation.kind === 'view')) {
    throw databaseError(
      'duplicateObject',
      `rule "${to}" for relation "${relation.name}" already exists`,
    );
  }
  putRules(
    ddl,
    relation,
    rules.map((rule) => (rule.name === from ? { ...rule, name: to } : rule)),
  );
}

const enabledBy: Readonly<Record<string, RuleDescriptor['enabled']>> = {
  AT_EnableRule: 'O',
  AT_EnableAlwaysRule: 'A',
  AT_EnableReplicaRule: 'R',
  AT_DisableRule: 'D',
};

/** ALTER TABLE … ENABLE [REPLICA | ALWAYS] | DISABLE RULE name. */
export function setRuleState(ddl: DdlStatement, relation: Ruled, command: AlterTableCmd): void {
  const rules = relation.rules ?? [];
  if (!rules.some(({ name }) => name === command.name))
    throw ruleDoesNotExist(command.name ?? '', relation.name);
  const enabled = enabledBy[command.subtype ?? ''];
  putRules(
    ddl,
    relation,
    rules.map((rule) => (rule.name === command.name ? { ...rule, enabled } : rule)),
  );
}
