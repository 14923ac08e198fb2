// As whom a session acts: SET ROLE and SET SESSION AUTHORIZATION. Both are settings, so that a rollback undoes them;
// the session's users follow the settings whenever these change.

import { databaseError } from '#common';
import { isMemberOf } from '#planner';
import type { Session } from './session.ts';

/** SET ROLE, also when a rollback undoes it. */
export function roleChanged(session: Session, name: string): void {
  const role = name === 'none' ? session.sessionUser : session.catalog().findRole(name);
  if (role !== undefined) session.currentUser = role;
  session.settings.force('is_superuser', session.currentUser.superuser ? 'on' : 'off');
}

/** SET SESSION AUTHORIZATION, also when a rollback undoes it. */
export function authorizationChanged(session: Session, name: string): void {
  const { loginUser } = session;
  session.sessionUser =
    name === loginUser.name ? loginUser : (session.catalog().findRole(name) ?? loginUser);
  session.currentUser = session.sessionUser;
  session.settings.force('is_superuser', session.currentUser.superuser ? 'on' : 'off');
}

/** SET ROLE is for members of the role. 42501. */
export function requireMembership(session: Session, name: string): void {
  const role = name === 'none' ? session.sessionUser : session.catalog().findRole(name);
  if (role === undefined || isMemberOf(session.catalog(), session.sessionUser.oid, role.oid))
    return;
  throw databaseError('insufficientPrivilege', `permission denied to set role "${name}"`);
}

/** undefined: back to the user who logged in. */
export function setSessionAuthorization(
  session: Session,
  name: string | undefined,
  local = false,
): void {
  const { loginUser, settings } = session;
  const role = name === undefined ? loginUser : session.catalog().findRole(name);
  if (role === undefined)
    throw databaseError('invalidParameterValue', `role "${name}" does not exist`);
  if (!loginUser.superuser && role.oid !== loginUser.oid) {
    throw databaseError('insufficientPrivilege', 'permission denied to set session authorization');
  }
  settings.set('role', 'none', local);
  settings.set('session_authorization', role.name, local);
}
