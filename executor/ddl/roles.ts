// CREATE, ALTER, DROP ROLE, and membership (GRANT role TO role). Passwords are kept as SCRAM-SHA-256
// verifiers only.

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type {
  AlterRoleSetStmt,
  AlterRoleStmt,
  CreateRoleStmt,
  DefElem,
  DropRoleStmt,
  GrantRoleStmt,
  RoleSpec,
} from '@pgsql/types';
import {
  BuiltinOid,
  type CatalogObject,
  databaseError,
  isEntry,
  notSupported,
  type RoleDescriptor,
  typeInput,
  TypeOid,
} from '#common';
import {
  bodyOf,
  definitionElements,
  elementBoolean,
  elementInteger,
  elementText,
  listItems,
  parseAcl,
  PredefinedRole,
  rolesOf,
} from '#planner';
import { permissionDenied, roleDoesNotExist } from './errors.ts';
import { describeTarget } from './object-description.ts';
import type { DdlStatement } from './statement.ts';
import { changedSettings, requireSetting } from './stored-settings.ts';

type RoleFields = { -readonly [Key in keyof RoleDescriptor]?: RoleDescriptor[Key] };

interface RoleOptions {
  readonly fields: RoleFields;
  /** IN ROLE: roles that the new one joins. */
  readonly joins: readonly RoleSpec[];
  /** ROLE: roles that join the new one; for ALTER GROUP ADD and DROP USER too. */
  readonly members: readonly RoleSpec[];
  readonly administrators: readonly RoleSpec[];
}

export function createRole(ddl: DdlStatement, statement: CreateRoleStmt): string {
  const name = statement.role ?? '';
  requireRoleCreation(ddl);
  if (name.startsWith('pg_')) {
    throw databaseError('reservedName', `role name "${name}" is reserved`, {
      detail: 'Role names starting with "pg_" are reserved.',
    });
  }
  if (name === 'public' || name === 'none') {
    throw databaseError('reservedName', `role name "${name}" is reserved`);
  }
  ddl.changes.lockName('role', name);
  if (ddl.catalog.findRole(name) !== undefined) {
    throw databaseError('duplicateObject', `role "${name}" already exists`);
  }
  const { fields, joins, members, administrators } = readOptions(
    ddl,
    definitionElements(statement.options),
  );
  checkSuperuserFields(ddl, fields);
  const groups = joins.map((spec) => ddl.roleOf(spec));
  for (const group of groups) {
    requireAdminOption(ddl, group);
    refuseDatabaseOwner(group, undefined);
  }
  const role: RoleDescriptor = {
    kind: 'role',
    oid: ddl.allocateOid(),
    name,
    superuser: false,
    inherit: true,
    createRole: false,
    createDatabase: false,
    login: statement.stmt_type === 'ROLESTMT_USER',
    replication: false,
    bypassRowSecurity: false,
    connectionLimit: -1,
    passwordVerifier: null,
    validUntil: null,
    ...fields,
    memberOf: groups.map(({ oid }) => oid),
  };
  ddl.put(role);
  for (const spec of members) join(ddl, ddl.roleOf(spec), role);
  for (const spec of administrators) join(ddl, ddl.roleOf(spec), role, true);
  return 'CREATE ROLE';
}

function requireRoleCreation(ddl: DdlStatement): void {
  const role = ddl.context.currentRole;
  if (!role.superuser && !role.createRole) throw permissionDenied('to create role');
}

function checkSuperuserFields(ddl: DdlStatement, fields: RoleFields): void {
  if (ddl.context.currentRole.superuser) return;
  const special = {
    superuser: 'superusers',
    replication: 'replication users',
    bypassRowSecurity: 'bypassrls users',
  };
  for (const [field, words] of Object.entries(special)) {
    if (fields[field as keyof RoleFields] === true) {
      throw databaseError('insufficientPrivilege', `must be superuser to create ${words}`);
    }
  }
}

const flags: Readonly<Record<string, keyof RoleDescriptor>> = {
  superuser: 'superuser',
  inherit: 'inherit',
  createrole: 'createRole',
  createdb: 'createDatabase',
  canlogin: 'login',
  isreplication: 'replication',
  bypassrls: 'bypassRowSecurity',
};

function readOptions(ddl: DdlStatement, elements: readonly DefElem[]): RoleOptions {
  const fields: RoleFields = {};
  const joins: RoleSpec[] = [];
  const members: RoleSpec[] = [];
  const administrators: RoleSpec[] = [];
  const seen = new Set<string>();
  for (const element of elements) {
    const name = element.defname ?? '';
    if (seen.has(name)) throw databaseError('syntaxError', 'conflicting or redundant options');
    seen.add(name);
    const flag = flags[name];
    if (flag !== undefined) Object.assign(fields, { [flag]: elementBoolean(element) });
    else if (name === 'connectionlimit') fields.connectionLimit = Number(elementInteger(element));
    else if (name === 'password') fields.passwordVerifier = verifierOf(ddl, elementText(element));
    else if (name === 'validUntil') fields.validUntil = untilOf(ddl, elementText(element));
    else if (name === 'addroleto') joins.push(...roleSpecs(element));
    else if (name === 'rolemembers') members.push(...roleSpecs(element));
    else if (name === 'adminmembers') administrators.push(...roleSpecs(element));
    else if (name !== 'sysid') throw notSupported(`role option "${name}"`);
  }
  return { fields, joins, members, administrators };
}

function roleSpecs(element: DefElem): RoleSpec[] {
  return listItems(element.arg).flatMap((node) => bodyOf(node, 'RoleSpec') ?? []);
}

function untilOf(ddl: DdlStatement, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(typeInput(TypeOid.timestamptz)(text, -1, ddl.context.functions));
  return Number.isFinite(value) ? value : null;
}

const scramIterations = 4096;
const saltBytes = 16;

/** A verifier (RFC 5803) of a password in clear; a text that is one already is kept. */
function verifierOf(ddl: DdlStatement, password: string | undefined): string | null {
  if (password === undefined) return null;
  if (/^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$/.test(password))
    return password;
  if (/^md5[0-9a-f]{32}$/.test(password)) {
    throw notSupported('an MD5 password', {
      hint: 'Give the password in clear, or as a SCRAM-SHA-256 verifier.',
    });
  }
  if (password === '') {
    ddl.notice('empty string is not a valid password, clearing password');
    return null;
  }
  const salt = ddl.context.functions.randomBytes(saltBytes);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, scramIterations, 32, 'sha256');
  const key = (label: string): Buffer => createHmac('sha256', salted).update(label).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest();
  const [saltText, storedText, serverText] = [salt, storedKey, key('Server Key')].map((bytes) =>
    Buffer.from(bytes).toString('base64'),
  );
  return `SCRAM-SHA-256$${scramIterations}:${saltText}$${storedText}:${serverText}`;
}

function lockRole(ddl: DdlStatement, role: RoleDescriptor): RoleDescriptor {
  return ddl.changes.forUpdate(role.oid) as RoleDescriptor;
}

export function alterRole(ddl: DdlStatement, statement: AlterRoleStmt): string {
  const role = lockRole(ddl, ddl.roleOf(statement.role!));
  const { fields, members } = readOptions(ddl, definitionElements(statement.options));
  const isOwnPassword =
    role.oid === ddl.context.currentRole.oid &&
    Object.keys(fields).every((field) => field === 'passwordVerifier');
  if (!isOwnPassword) {
    const current = ddl.context.currentRole;
    if (!current.superuser && (role.superuser || !current.createRole))
      throw permissionDenied('to alter role');
    checkSuperuserFields(ddl, fields);
  }
  ddl.put({ ...role, ...fields });
  for (const spec of members) {
    const member = ddl.roleOf(spec);
    if (statement.action === -1) leave(ddl, member, role);
    else join(ddl, member, role);
  }
  return 'ALTER ROLE';
}

export function alterRoleSet(ddl: DdlStatement, statement: AlterRoleSetStmt): string {
  if (statement.role === undefined) throw notSupported('ALTER ROLE ALL SET');
  if (statement.database !== undefined) throw notSupported('ALTER ROLE … IN DATABASE … SET');
  const role = lockRole(ddl, ddl.roleOf(statement.role));
  const current = ddl.context.currentRole;
  if (role.superuser && !current.superuser)
    throw databaseError('insufficientPrivilege', 'must be superuser to alter superusers');
  if (!current.superuser && !current.createRole && role.oid !== current.oid)
    throw databaseError('insufficientPrivilege', 'permission denied');
  requireSetting(ddl, statement.setstmt!);
  ddl.put({ ...role, settings: changedSettings(role.settings, statement.setstmt!) });
  return 'ALTER ROLE';
}

/** 0LP01 when it would make a loop of memberships. */
function join(
  ddl: DdlStatement,
  member: RoleDescriptor,
  group: RoleDescriptor,
  withAdmin = false,
): void {
  refuseDatabaseOwner(group, member);
  const newest = lockRole(ddl, member);
  const adminOf = withAdmin ? [...new Set([...(newest.adminOf ?? []), group.oid])] : newest.adminOf;
  const admin = adminOf === undefined ? {} : { adminOf };
  if (newest.memberOf.includes(group.oid)) {
    if (withAdmin && newest.adminOf?.includes(group.oid) !== true) {
      ddl.put({ ...newest, ...admin });
      return;
    }
    ddl.notice(`role "${newest.name}" is already a member of role "${group.name}"`);
    return;
  }
  if (group.oid === newest.oid || reaches(ddl, group, newest.oid)) {
    throw databaseError(
      'invalidGrantOperation',
      `role "${group.name}" is a member of role "${newest.name}"`,
    );
  }
  ddl.put({ ...newest, ...admin, memberOf: [...newest.memberOf, group.oid] });
}

/** The role that stands for the owner of the database at hand has that one member. */
function refuseDatabaseOwner(group: RoleDescriptor, member: RoleDescriptor | undefined): void {
  const says =
    group.oid === PredefinedRole.databaseOwner
      ? `role "${group.name}" cannot have explicit members`
      : member?.oid === PredefinedRole.databaseOwner
        ? `role "${member.name}" cannot be a member of any role`
        : undefined;
  if (says !== undefined) throw databaseError('invalidGrantOperation', says);
}

function reaches(ddl: DdlStatement, from: RoleDescriptor, target: number): boolean {
  return from.memberOf.some((oid) => {
    const role = ddl.catalog.roleByOid(oid);
    return oid === target || (role !== undefined && reaches(ddl, role, target));
  });
}

function leave(
  ddl: DdlStatement,
  member: RoleDescriptor,
  group: RoleDescriptor,
  onlyAdmin = false,
): void {
  const newest = lockRole(ddl, member);
  if (!newest.memberOf.includes(group.oid)) {
    ddl.warning(`role "${newest.name}" is not a member of role "${group.name}"`);
    return;
  }
  const without = (oids: readonly number[] | undefined): number[] =>
    (oids ?? []).filter((oid) => oid !== group.oid);
  ddl.put({
    ...newest,
    adminOf: without(newest.adminOf),
    memberOf: onlyAdmin ? newest.memberOf : without(newest.memberOf),
  });
}

/** CREATEROLE is enough for roles that are no superusers; else the admin option is needed. */
function requireAdminOption(ddl: DdlStatement, group: RoleDescriptor): void {
  const current = ddl.catalog.roleByOid(ddl.context.currentRole.oid)!;
  if (current.superuser) return;
  if (group.superuser)
    throw databaseError('insufficientPrivilege', 'must be superuser to alter superusers');
  if (current.createRole) return;
  const own = [...rolesOf(ddl.catalog, current.oid, 'member')];
  if (own.some((oid) => ddl.catalog.roleByOid(oid)?.adminOf?.includes(group.oid) === true)) return;
  throw databaseError('insufficientPrivilege', `must have admin option on role "${group.name}"`);
}

export function grantRole(ddl: DdlStatement, statement: GrantRoleStmt): string {
  const admin = definitionElements(statement.opt).some(({ defname }) => defname === 'admin');
  for (const granted of statement.granted_roles ?? []) {
    const group = ddl.role(bodyOf(granted, 'AccessPriv')?.priv_name ?? '');
    requireAdminOption(ddl, group);
    for (const grantee of statement.grantee_roles ?? []) {
      const member = ddl.roleOf(bodyOf(grantee, 'RoleSpec')!);
      if (statement.is_grant === true) join(ddl, member, group, admin);
      else leave(ddl, member, group, admin);
    }
  }
  return statement.is_grant === true ? 'GRANT ROLE' : 'REVOKE ROLE';
}

export function dropRoles(ddl: DdlStatement, statement: DropRoleStmt): string {
  requireRoleCreation(ddl);
  for (const node of statement.roles ?? []) {
    const name = bodyOf(node, 'RoleSpec')?.rolename ?? '';
    const role = ddl.catalog.findRole(name);
    if (role === undefined) {
      if (statement.missing_ok !== true) throw roleDoesNotExist(name);
      ddl.notice(`role "${name}" does not exist, skipping`);
      continue;
    }
    if (role.superuser && !ddl.context.currentRole.superuser)
      throw databaseError('insufficientPrivilege', 'must be superuser to drop superusers');
    dropRole(ddl, lockRole(ddl, role));
  }
  return 'DROP ROLE';
}

function dropRole(ddl: DdlStatement, role: RoleDescriptor): void {
  if (role.oid === ddl.context.currentRole.oid)
    throw databaseError('objectInUse', 'current user cannot be dropped');
  if (role.oid === ddl.context.sessionRole.oid)
    throw databaseError('objectInUse', 'session user cannot be dropped');
  if (role.oid === BuiltinOid.bootstrapRole) {
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop role ${role.name} because it is required by the database system`,
    );
  }
  const owned = ownedObjects(ddl, role);
  if (owned.length > 0) {
    throw databaseError(
      'dependentObjectsStillExist',
      `role "${role.name}" cannot be dropped because some objects depend on it`,
      { detail: owned.join('\n') },
    );
  }
  for (const member of [...ddl.catalog.roles()]) {
    if (!member.memberOf.includes(role.oid)) continue;
    const newest = lockRole(ddl, member);
    ddl.put({ ...newest, memberOf: newest.memberOf.filter((oid) => oid !== role.oid) });
  }
  ddl.changes.remove(role);
}

/** "table t", "server s" */
function titleOf(ddl: DdlStatement, object: CatalogObject): string {
  switch (object.kind) {
    case 'table':
    case 'view':
    case 'sequence':
      return describeTarget(ddl, { kind: 'relation', oid: object.oid });
    case 'type':
    case 'routine':
    case 'schema':
    case 'entry':
      return describeTarget(ddl, { kind: object.kind, oid: object.oid });
    default:
      return `${object.kind} ${object.name}`;
  }
}

/** Owners of entries, and whom a user mapping is for. */
function belongsTo(object: CatalogObject, role: number): boolean {
  if (isEntry(object, 'userMapping')) return object.definition.role === role;
  return 'owner' in object && object.owner === role;
}

/** "privileges for table t": what was granted to the role on an object and on its columns. */
function grantsTo(ddl: DdlStatement, object: CatalogObject, role: number): string[] {
  const mentions = (acl: readonly string[] | undefined): boolean =>
    acl !== undefined && parseAcl(acl).some(({ grantee }) => grantee === role);
  const name =
    object.kind === 'table' || object.kind === 'view' || object.kind === 'sequence'
      ? ddl.displayName(object)
      : object.name;
  const isGranted = 'acl' in object && mentions(object.acl);
  const lines = isGranted ? [`privileges for ${titleOf(ddl, object)}`] : [];
  if (object.kind !== 'table' && object.kind !== 'view') return lines;
  const columns = object.columns.filter(({ acl }) => mentions(acl));
  return [
    ...lines,
    ...columns.map((column) => `privileges for column ${column.name} of ${object.kind} ${name}`),
  ];
}

/** Lines of the detail: what the role owns, here and in other databases. */
function ownedObjects(ddl: DdlStatement, role: RoleDescriptor): string[] {
  const lines: string[] = [];
  const objects = [...ddl.catalog.state.objects()];
  for (const object of objects.sort((left, right) => left.oid - right.oid)) {
    if (belongsTo(object, role.oid)) lines.push(`owner of ${titleOf(ddl, object)}`);
    lines.push(...grantsTo(ddl, object, role.oid));
    if (object.kind !== 'table') continue;
    for (const policy of object.policies ?? []) {
      if (policy.roles.includes(role.oid))
        lines.push(`target of policy ${policy.name} on table ${ddl.displayName(object)}`);
    }
  }
  for (const database of ddl.catalog.databases()) {
    if (database.oid === ddl.context.databaseOid) continue;
    let count = 0;
    for (const object of ddl.context.store.scope(database.oid).objects()) {
      if (belongsTo(object, role.oid)) count++;
    }
    if (count > 0)
      lines.push(`${count} object${count === 1 ? '' : 's'} in database ${database.name}`);
  }
  return lines;
}
