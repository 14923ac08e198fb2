// ALTER … OWNER TO, REASSIGN OWNED, DROP OWNED.

import type { AlterOwnerStmt, DropOwnedStmt, ReassignOwnedStmt } from '@pgsql/types';
import {
  type DatabaseDescriptor,
  databaseError,
  notSupported,
  type RoleDescriptor,
  type SequenceDescriptor,
} from '#common';
import {
  aclOfOwner,
  bodyOf,
  formatAcl,
  hasPrivilegesOf,
  listItems,
  nodeText,
  parseAcl,
  stringsOf,
} from '#planner';
import { entryClassOf } from '../catalog/entry-classes.ts';
import { objectWords } from './command-tag.ts';
import { ownCollation } from './collations.ts';
import { dropTargets } from './drop-targets.ts';
import { giveEntry } from './entries/alter-entries.ts';
import { databaseDoesNotExist } from './errors.ts';
import {
  giveLargeObject,
  largeObjectsOf,
  largeObjectsOwnedBy,
  ownLargeObject,
  revokeOnLargeObjects,
} from './large-objects.ts';
import type { DropTarget } from './object-description.ts';
import { removeRolesFromPolicies } from './policies.ts';
import { revokeAll } from './revoke-all.ts';
import { findRoutine, routineNouns } from './routine-names.ts';
import type { DdlStatement } from './statement.ts';
import { giveStatistics } from './statistics-objects.ts';
import { requireType } from './user-types.ts';

/** Gives a relation to a role; sequences of its columns go along. */
function changeOwner(ddl: DdlStatement, oid: number, role: RoleDescriptor): void {
  const object = ddl.changes.forUpdate(oid);
  if (object === undefined || !('owner' in object) || object.owner === role.oid) return;
  const { owner } = object;
  const acl = (items: readonly string[]): string[] =>
    formatAcl(aclOfOwner(parseAcl(items), owner, role.oid));
  const changed = { ...object, owner: role.oid };
  ddl.changes.put({
    ...changed,
    ...('acl' in changed && changed.acl !== undefined ? { acl: acl(changed.acl) } : {}),
    ...('columns' in changed && {
      columns: changed.columns.map((column) =>
        column.acl === undefined ? column : { ...column, acl: acl(column.acl) },
      ),
    }),
  });
  if (object.kind !== 'table') return;
  for (const relation of [...ddl.catalog.userRelations()]) {
    if (relation.kind !== 'sequence' || relation.ownedBy?.tableOid !== oid) continue;
    const sequence = ddl.changes.forUpdate(relation.oid) as SequenceDescriptor;
    ddl.put({ ...sequence, owner: role.oid });
  }
}

/** ALTER … OWNER TO: to a role that the giver belongs to. 42501. */
export function give(ddl: DdlStatement, oid: number, role: RoleDescriptor): void {
  const object = ddl.changes.forUpdate(oid);
  if (object !== undefined && 'owner' in object && object.owner !== role.oid)
    requireMembership(ddl, role);
  changeOwner(ddl, oid, role);
}

/** 42501: who is no superuser gives things only to roles that he belongs to. */
function requireMembership(ddl: DdlStatement, role: RoleDescriptor): void {
  if (ddl.isMemberOf(ddl.context.currentRole.oid, role.oid)) return;
  throw databaseError('insufficientPrivilege', `must be member of role "${role.name}"`);
}

export function alterOwner(ddl: DdlStatement, statement: AlterOwnerStmt): string {
  const role = ddl.roleOf(statement.newowner!);
  const name = statement.object === undefined ? '' : (nodeText(statement.object) ?? '');
  switch (statement.objectType) {
    case 'OBJECT_SCHEMA': {
      const schema = ddl.schema(name);
      ddl.requireOwner('schema', schema);
      give(ddl, schema.oid, role);
      return 'ALTER SCHEMA';
    }
    case 'OBJECT_DATABASE': {
      const database = ddl.catalog.state.databaseNamed(name);
      if (database === undefined) throw databaseDoesNotExist(name);
      ddl.requireOwner('database', database);
      give(ddl, database.oid, role);
      return 'ALTER DATABASE';
    }
    case 'OBJECT_LARGEOBJECT': {
      const oid = ownLargeObject(ddl, statement.object);
      requireMembership(ddl, role);
      giveLargeObject(ddl, oid, role);
      return 'ALTER LARGE OBJECT';
    }
    case 'OBJECT_COLLATION':
      give(ddl, ownCollation(ddl, statement.object).oid, role);
      return 'ALTER COLLATION';
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const parts = stringsOf(listItems(statement.object));
      const type = requireType(ddl, parts);
      give(ddl, type.oid, role);
      return statement.objectType === 'OBJECT_TYPE' ? 'ALTER TYPE' : 'ALTER DOMAIN';
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE': {
      const noun = routineNouns[statement.objectType];
      const routine = findRoutine(ddl, statement.object, noun)!;
      ddl.requireOwner(noun, routine);
      give(ddl, routine.oid, role);
      return `ALTER ${noun.toUpperCase()}`;
    }
    default: {
      if (statement.objectType === 'OBJECT_STATISTIC_EXT') {
        giveStatistics(ddl, stringsOf(listItems(statement.object)), role);
        return 'ALTER STATISTICS';
      }
      const words = objectWords(statement.objectType);
      const entryClass = entryClassOf(statement.objectType);
      if (entryClass === undefined) throw notSupported(`ALTER ${words} … OWNER TO`);
      giveEntry(ddl, entryClass, statement.object!, role);
      return `ALTER ${words}`;
    }
  }
}

function ownedOids(ddl: DdlStatement, roles: readonly RoleDescriptor[]): number[] {
  const oids = new Set(roles.map(({ oid }) => oid));
  const owned: number[] = [];
  for (const object of ddl.catalog.state.local.objects()) {
    if ('owner' in object && oids.has(object.owner)) owned.push(object.oid);
  }
  return owned;
}

/** DROP OWNED takes the roles' user mappings along. */
function mappingsOf({ catalog }: DdlStatement, roles: ReadonlySet<number>): number[] {
  return [...catalog.allEntries('userMapping')]
    .filter(({ definition }) => roles.has(definition.role))
    .map(({ oid }) => oid);
}

/** … and what they have said of objects to come. */
function forgetDefaultAcls(ddl: DdlStatement, roles: ReadonlySet<number>): void {
  const database = ddl.changes.forUpdate(ddl.context.databaseOid) as DatabaseDescriptor;
  if (database.defaultAcls === undefined) return;
  const defaultAcls = database.defaultAcls
    .filter(({ role }) => !roles.has(role))
    .map((each) => {
      const items = parseAcl(each.acl).filter(({ grantee }) => !roles.has(grantee));
      return { ...each, acl: formatAcl(items) };
    });
  ddl.changes.put({ ...database, defaultAcls });
}

/** 42501 for objects of roles whose privileges the current one does not have. */
function requirePrivilegesOf(
  ddl: DdlStatement,
  roles: readonly RoleDescriptor[],
  verb: 'drop' | 'reassign',
): void {
  const current = ddl.context.currentRole.oid;
  if (roles.every(({ oid }) => hasPrivilegesOf(ddl.catalog, current, oid))) return;
  throw databaseError('insufficientPrivilege', `permission denied to ${verb} objects`);
}

export function reassignOwned(ddl: DdlStatement, statement: ReassignOwnedStmt): string {
  const roles = (statement.roles ?? []).map((node) => ddl.roleOf(bodyOf(node, 'RoleSpec')!));
  const target = ddl.roleOf(statement.newrole!);
  requirePrivilegesOf(ddl, [...roles, target], 'reassign');
  for (const oid of ownedOids(ddl, roles)) changeOwner(ddl, oid, target);
  const owners = new Set(roles.map(({ oid }) => oid));
  for (const oid of largeObjectsOwnedBy(ddl, owners)) giveLargeObject(ddl, oid, target);
  return 'REASSIGN OWNED';
}

export function dropOwned(ddl: DdlStatement, statement: DropOwnedStmt): string {
  const roles = (statement.roles ?? []).map((node) => ddl.roleOf(bodyOf(node, 'RoleSpec')!));
  requirePrivilegesOf(ddl, roles, 'drop');
  const oids = new Set(roles.map(({ oid }) => oid));
  revokeAll(ddl, oids);
  removeRolesFromPolicies(ddl, oids);
  for (const oid of largeObjectsOwnedBy(ddl, oids)) largeObjectsOf(ddl).remove(oid);
  revokeOnLargeObjects(ddl, oids);
  forgetDefaultAcls(ddl, oids);
  const owned = [...ownedOids(ddl, roles), ...mappingsOf(ddl, oids)];
  const targets = owned.map((oid): DropTarget => {
    if (ddl.catalog.schemaByOid(oid) !== undefined) return { kind: 'schema', oid };
    if (ddl.catalog.routineByOid(oid) !== undefined) return { kind: 'routine', oid };
    const { kind } = ddl.catalog.state.local.object(oid)!;
    if (kind === 'entry' || kind === 'collation') return { kind, oid };
    return { kind: ddl.catalog.typeByOid(oid) === undefined ? 'relation' : 'type', oid };
  });
  dropTargets(ddl, targets, { cascade: statement.behavior === 'DROP_CASCADE' });
  return 'DROP OWNED';
}
