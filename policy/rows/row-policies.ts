// Which row policies a role is under (manual, 5.8; PostgreSQL's check_enable_rls() and
// get_policies_for_relation()).

import type { PolicyCommand, PolicyDescriptor } from '#common';
import { hasPrivilegesOf, isSuperuser, type Roles } from '../grants/roles.ts';

/** What of a table decides whether its policies apply. */
export interface SecuredTable {
  readonly owner: number;
  readonly rowSecurity?: { readonly enabled: boolean; readonly forced: boolean };
  readonly policies?: readonly PolicyDescriptor[];
}

/** none: the table has no row security; exempt: not for this role; applies: rows are seen by policies. */
export type RowSecurityStatus = 'none' | 'exempt' | 'applies';

export function rowSecurityStatus(
  table: SecuredTable,
  roles: Roles,
  role: number,
): RowSecurityStatus {
  const { rowSecurity } = table;
  if (rowSecurity?.enabled !== true) return 'none';
  if (isSuperuser(roles, role) || roles.roleByOid(role)?.bypassRowSecurity === true)
    return 'exempt';
  return !rowSecurity.forced && hasPrivilegesOf(roles, role, table.owner) ? 'exempt' : 'applies';
}

export interface ApplicablePolicies {
  /** One of them must let a row through; none: no row passes. */
  readonly permissive: readonly PolicyDescriptor[];
  /** Each of them must, in order of their names. */
  readonly restrictive: readonly PolicyDescriptor[];
}

/** The policies of a table for one kind of command of a role. */
export function policiesFor(
  table: SecuredTable,
  command: Exclude<PolicyCommand, 'all'>,
  roles: Roles,
  role: number,
): ApplicablePolicies {
  const applicable = (table.policies ?? []).filter(
    (policy) =>
      (policy.command === 'all' || policy.command === command) &&
      (policy.roles.length === 0 ||
        policy.roles.some((target) => hasPrivilegesOf(roles, role, target))),
  );
  return {
    permissive: applicable.filter(({ permissive }) => permissive),
    restrictive: applicable.filter(({ permissive }) => !permissive),
  };
}
