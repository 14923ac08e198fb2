// Which roles' privileges a role has, through memberships (manual, 22.3), and the roles that every
// server has (22.5).

import type { RoleDescriptor } from '#common';

export interface Roles {
  roleByOid(oid: number): RoleDescriptor | undefined;
  /** Owner of the database at hand, a member of pg_database_owner. */
  readonly database: { readonly owner: number };
}

/** Predefined roles that privileges are checked against, by oid as in PostgreSQL. */
export const PredefinedRole = {
  databaseOwner: 6171,
  readAllData: 6181,
  writeAllData: 6182,
  monitor: 3373,
  readAllSettings: 3374,
  readAllStatistics: 3375,
  scanTables: 3377,
  readServerFiles: 4569,
  writeServerFiles: 4570,
  executeServerProgram: 4571,
  signalBackend: 4200,
  checkpoint: 4544,
} as const;

/** usage: whose privileges it has (a role without INHERIT stops there); member: what it may SET ROLE to. */
export function rolesOf(roles: Roles, oid: number, mode: 'usage' | 'member'): Set<number> {
  const found = new Set<number>();
  const pending = [oid];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    const role = roles.roleByOid(next);
    if (role === undefined || (mode === 'usage' && !role.inherit)) continue;
    pending.push(...role.memberOf);
    if (next === roles.database.owner) pending.push(PredefinedRole.databaseOwner);
  }
  return found;
}

export function isSuperuser(roles: Roles, oid: number): boolean {
  return roles.roleByOid(oid)?.superuser === true;
}

/** has_privs_of_role(): superusers have everybody's. */
export function hasPrivilegesOf(roles: Roles, oid: number, target: number): boolean {
  return oid === target || isSuperuser(roles, oid) || rolesOf(roles, oid, 'usage').has(target);
}

/** is_member_of_role() */
export function isMemberOf(roles: Roles, oid: number, target: number): boolean {
  return oid === target || isSuperuser(roles, oid) || rolesOf(roles, oid, 'member').has(target);
}
