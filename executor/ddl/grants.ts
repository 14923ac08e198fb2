// GRANT and REVOKE on objects: recorded with the object in PostgreSQL's aclitem form
// ("role=arw/grantor"), and not enforced yet, which a session is told once.

import type { GrantStmt, Node } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  type RelationDescriptor,
  type SchemaDescriptor,
} from '#common';
import { bodyOf, nodeText } from '#planner';
import { TableLock } from '#storage';
import type { DdlStatement } from './statement.ts';

const letters: Readonly<Record<string, string>> = {
  insert: 'a',
  select: 'r',
  update: 'w',
  delete: 'd',
  truncate: 'D',
  references: 'x',
  trigger: 't',
  execute: 'X',
  usage: 'U',
  create: 'C',
  temporary: 'T',
  temp: 'T',
  connect: 'c',
  set: 's',
  'alter system': 'A',
  maintain: 'm',
};

const order = 'arwdDxtXUCTcsA';
const allOf: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'arwdDxt',
  OBJECT_SEQUENCE: 'rwU',
  OBJECT_SCHEMA: 'UC',
};

/** Sessions that have been told, so that a dump with a hundred grants says it once. */
const told = new WeakSet<object>();

export function grant(ddl: DdlStatement, statement: GrantStmt): string {
  const tag = statement.is_grant === true ? 'GRANT' : 'REVOKE';
  tell(ddl);
  if (statement.targtype === 'ACL_TARGET_DEFAULTS') return 'ALTER DEFAULT PRIVILEGES';
  const grantees = (statement.grantees ?? []).map((node) => {
    const spec = bodyOf(node, 'RoleSpec')!;
    return spec.roletype === 'ROLESPEC_PUBLIC' ? '' : ddl.roleOf(spec).name;
  });
  const privileges = readPrivileges(statement);
  for (const target of targetsOf(ddl, statement))
    apply(ddl, target, { statement, grantees, privileges });
  return tag;
}

function tell(ddl: DdlStatement): void {
  const { session } = ddl.context;
  if (told.has(session)) return;
  told.add(session);
  ddl.warning('privileges are recorded, but not enforced yet');
}

/** A string of aclitem letters. 42601 for an unknown privilege. */
function readPrivileges(statement: GrantStmt): string {
  const all = allOf[statement.objtype ?? 'OBJECT_TABLE'] ?? '';
  if (statement.privileges === undefined) return all;
  let text = '';
  for (const node of statement.privileges) {
    const name = bodyOf(node, 'AccessPriv')?.priv_name;
    const letter = name === undefined ? all : letters[name.toLowerCase()];
    if (letter === undefined)
      throw databaseError('syntaxError', `unrecognized privilege type "${name ?? ''}"`);
    text += letter;
  }
  return text;
}

type Grantable =
  | Exclude<RelationDescriptor, { kind: 'system' } | { kind: 'index' }>
  | SchemaDescriptor;

function targetsOf(ddl: DdlStatement, statement: GrantStmt): Grantable[] {
  const objects = statement.objects ?? [];
  if (statement.targtype === 'ACL_TARGET_ALL_IN_SCHEMA') return inSchemas(ddl, statement, objects);
  switch (statement.objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_SEQUENCE':
      return objects.flatMap((node) => {
        const found = ddl.requireRelation(bodyOf(node, 'RangeVar')!, TableLock.accessShare);
        if (found.kind === 'index')
          throw databaseError('wrongObjectType', `"${found.name}" is an index`);
        return found.kind === 'system' ? [] : [found];
      });
    case 'OBJECT_SCHEMA':
      return objects.map((node) => ddl.schema(nodeText(node) ?? ''));
    case 'OBJECT_DATABASE':
    case 'OBJECT_FUNCTION':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_LANGUAGE':
    case 'OBJECT_TYPE':
    case 'OBJECT_TABLESPACE':
    case 'OBJECT_PARAMETER_ACL':
      return [];
    default:
      throw notSupported(
        `GRANT on ${(statement.objtype ?? '').replace('OBJECT_', '').toLowerCase()}`,
      );
  }
}

function inSchemas(ddl: DdlStatement, statement: GrantStmt, nodes: readonly Node[]): Grantable[] {
  const schemas = new Set(nodes.map((node) => ddl.schema(nodeText(node) ?? '').oid));
  const found: Grantable[] = [];
  for (const relation of ddl.catalog.userRelations()) {
    if (relation.kind === 'index' || relation.kind === 'system' || !schemas.has(relation.schemaOid))
      continue;
    const isSequence = relation.kind === 'sequence';
    if (isSequence === (statement.objtype === 'OBJECT_SEQUENCE')) found.push(relation);
  }
  return found;
}

interface Change {
  readonly statement: GrantStmt;
  /** Empty text: PUBLIC. */
  readonly grantees: readonly string[];
  readonly privileges: string;
}

function apply(
  ddl: DdlStatement,
  target: Grantable,
  { statement, grantees, privileges }: Change,
): void {
  const newest = ddl.changes.forUpdate(target.oid) as Grantable;
  const owner = ddl.catalog.roleByOid(newest.owner)?.name ?? '';
  const items = new Map<string, string>();
  for (const item of newest.acl ?? [`${owner}=${ownerRights(newest)}/${owner}`]) {
    items.set(
      item.slice(0, item.indexOf('=')),
      item.slice(item.indexOf('=') + 1, item.lastIndexOf('/')),
    );
  }
  const grantor = ddl.context.currentRole.superuser ? owner : ddl.context.currentRole.name;
  for (const grantee of grantees) {
    const rights = changedRights(items.get(grantee) ?? '', privileges, statement);
    if (rights === '') items.delete(grantee);
    else items.set(grantee, rights);
  }
  ddl.changes.put({
    ...newest,
    acl: [...items].map(([grantee, rights]) => `${grantee}=${rights}/${grantor}`),
  });
}

function ownerRights(object: Grantable): string {
  if (object.kind === 'schema') return 'UC';
  return object.kind === 'sequence' ? 'rwU' : 'arwdDxt';
}

/** Letters in PostgreSQL's order, each followed by * when it may be granted on. */
function changedRights(old: string, letterList: string, statement: GrantStmt): string {
  const held = new Map<string, boolean>();
  for (const match of old.matchAll(/([A-Za-z])(\*?)/g)) held.set(match[1], match[2] === '*');
  for (const letter of letterList) {
    if (statement.is_grant === true)
      held.set(letter, held.get(letter) === true || statement.grant_option === true);
    else if (statement.grant_option === true && held.has(letter)) held.set(letter, false);
    else if (statement.grant_option !== true) held.delete(letter);
  }
  return order
    .split('')
    .filter((letter) => held.has(letter))
    .map((letter) => (held.get(letter) === true ? `${letter}*` : letter))
    .join('');
}
