// CREATE, ALTER and DROP POLICY (PostgreSQL's policy.c). A policy lives in its table's descriptor, in order
// of the names.

import type { AlterPolicyStmt, CreatePolicyStmt, Node } from '@pgsql/types';
import {
  databaseError,
  type PolicyCommand,
  type PolicyDescriptor,
  type RelationDescriptor,
  type StoredExpression,
  type TableDescriptor,
} from '#common';
import { bodyOf } from '#planner';
import { TableLock } from '#storage';
import { attachedName, skipAttached } from './attached-names.ts';
import { wrongRelationKind } from './errors.ts';
import { bindPolicyClause } from './policy-expression.ts';
import type { DdlStatement } from './statement.ts';

type Range = Parameters<DdlStatement['requireRelation']>[0];

export function createPolicy(ddl: DdlStatement, statement: CreatePolicyStmt): string {
  const command = (statement.cmd_name ?? 'all') as PolicyCommand;
  checkClauses(command, statement);
  const roles = policyRoles(ddl, statement.roles);
  const table = policyTable(ddl, statement.table!);
  const name = statement.policy_name ?? '';
  const using = clauseOf(ddl, statement.qual, table);
  const check = clauseOf(ddl, statement.with_check, table);
  if (table.policies?.some((policy) => policy.name === name) === true) {
    throw databaseError(
      'duplicateObject',
      `policy "${name}" for table "${table.name}" already exists`,
    );
  }
  const policy: PolicyDescriptor = {
    oid: ddl.allocateOid(),
    name,
    command,
    permissive: statement.permissive === true,
    roles,
    ...(using === undefined ? {} : { using }),
    ...(check === undefined ? {} : { check }),
  };
  putPolicies(ddl, table, [...(table.policies ?? []), policy]);
  return 'CREATE POLICY';
}

/** What makes no sense for a command. 42601. */
function checkClauses(
  command: PolicyCommand,
  clauses: { readonly qual?: Node; readonly with_check?: Node },
): void {
  const { qual, with_check: check } = clauses;
  if ((command === 'select' || command === 'delete') && check !== undefined)
    throw databaseError('syntaxError', 'WITH CHECK cannot be applied to SELECT or DELETE');
  if (command === 'insert' && qual !== undefined)
    throw databaseError('syntaxError', 'only WITH CHECK expression allowed for INSERT');
}

export function alterPolicy(ddl: DdlStatement, statement: AlterPolicyStmt): string {
  const roles = statement.roles === undefined ? undefined : policyRoles(ddl, statement.roles);
  const table = policyTable(ddl, statement.table!);
  const name = statement.policy_name ?? '';
  const using = clauseOf(ddl, statement.qual, table);
  const check = clauseOf(ddl, statement.with_check, table);
  const old = table.policies?.find((policy) => policy.name === name);
  if (old === undefined) throw policyDoesNotExist(name, table.name, 'table');
  if ((old.command === 'select' || old.command === 'delete') && check !== undefined)
    throw databaseError('syntaxError', 'only USING expression allowed for SELECT, DELETE');
  if (old.command === 'insert' && using !== undefined)
    throw databaseError('syntaxError', 'only WITH CHECK expression allowed for INSERT');
  replacePolicy(ddl, table, {
    ...old,
    ...(roles === undefined ? {} : { roles }),
    ...(using === undefined ? {} : { using }),
    ...(check === undefined ? {} : { check }),
  });
  return 'ALTER POLICY';
}

export function renamePolicy(ddl: DdlStatement, range: Range, from: string, to: string): void {
  const table = policyTable(ddl, range);
  const old = table.policies?.find((policy) => policy.name === from);
  if (table.policies?.some((policy) => policy.name === to) === true) {
    throw databaseError(
      'duplicateObject',
      `policy "${to}" for table "${table.name}" already exists`,
    );
  }
  if (old === undefined) throw policyDoesNotExist(from, table.name, 'table');
  putPolicies(ddl, table, [
    ...table.policies!.filter((policy) => policy !== old),
    { ...old, name: to },
  ]);
}

/** The table and the policy that DROP POLICY or COMMENT ON POLICY means; undefined: skipped. */
export function policyNamed(
  ddl: DdlStatement,
  node: Node,
  missingOk: boolean,
): { readonly table: TableDescriptor; readonly policy: PolicyDescriptor } | undefined {
  const named = attachedName(ddl, node, missingOk);
  if (named === undefined) return undefined;
  const { name, relationName, relation } = named;
  if (relation.kind === 'table') {
    const policy = relation.policies?.find((each) => each.name === name);
    if (policy !== undefined) return { table: relation, policy };
  }
  if (!missingOk) throw policyDoesNotExist(name, relationName, 'table');
  return skipAttached(ddl, 'policy', named);
}

export function removePolicy(ddl: DdlStatement, tableOid: number, oid: number): void {
  const table = ddl.catalog.tableByOid(tableOid);
  if (table === undefined) return;
  putPolicies(
    ddl,
    table,
    (table.policies ?? []).filter((policy) => policy.oid !== oid),
  );
}

/** Takes roles out of every policy of the database; a policy that was for them alone goes. */
export function removeRolesFromPolicies(ddl: DdlStatement, roles: ReadonlySet<number>): void {
  for (const table of [...ddl.catalog.userRelations()]) {
    if (table.kind !== 'table' || table.policies === undefined) continue;
    const kept = table.policies.flatMap((policy) => {
      const left = policy.roles.filter((role) => !roles.has(role));
      if (left.length === policy.roles.length) return [policy];
      return left.length === 0 ? [] : [{ ...policy, roles: left }];
    });
    const isChanged = kept.some((policy, at) => policy !== table.policies![at]);
    if (isChanged || kept.length < table.policies.length)
      putPolicies(ddl, ddl.lockTable(table.oid), kept);
  }
}

export function replacePolicy(
  ddl: DdlStatement,
  table: TableDescriptor,
  changed: PolicyDescriptor,
): void {
  putPolicies(
    ddl,
    table,
    (table.policies ?? []).map((policy) => (policy.oid === changed.oid ? changed : policy)),
  );
}

function putPolicies(
  ddl: DdlStatement,
  table: TableDescriptor,
  policies: readonly PolicyDescriptor[],
): void {
  const sorted = policies.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const { policies: _old, ...rest } = table;
  ddl.put(sorted.length === 0 ? rest : { ...table, policies: sorted });
}

function policyDoesNotExist(name: string, relation: string, word: 'table' | 'relation'): Error {
  return databaseError(
    'undefinedObject',
    `policy "${name}" for ${word} "${relation}" does not exist`,
  );
}

/** The table, locked, to whose owner the statement is left. 42501, 42809. */
function policyTable(ddl: DdlStatement, range: Range): TableDescriptor {
  const found: RelationDescriptor = ddl.requireRelation(range, TableLock.accessExclusive);
  if (found.kind !== 'table' || found.materialized !== undefined) {
    if (found.kind !== 'index' && found.kind !== 'system') ddl.requireOwner(found.kind, found);
    throw wrongRelationKind(found.name, 'a table');
  }
  ddl.requireOwner('table', found);
  return found;
}

/** Oids; none for PUBLIC. */
function policyRoles(ddl: DdlStatement, nodes: readonly Node[] | undefined): readonly number[] {
  const specs = (nodes ?? []).map((node) => bodyOf(node, 'RoleSpec')!);
  if (specs.some((spec) => spec.roletype === 'ROLESPEC_PUBLIC')) {
    if (specs.length > 1)
      ddl.warning('ignoring specified roles other than PUBLIC', '01000', undefined);
    return [];
  }
  return specs.map((spec) => ddl.roleOf(spec).oid);
}

function clauseOf(
  ddl: DdlStatement,
  node: Node | undefined,
  table: TableDescriptor,
): StoredExpression | undefined {
  return node === undefined ? undefined : bindPolicyClause(ddl, node, table);
}
