// Whether a role holds a right on an object, from the object's list and the role's memberships
// (PostgreSQL's aclmask()).

import { type AclItem, defaultAcl, type GrantableKind, parseAcl, publicGrantee } from './acl.ts';
import { isSuperuser, PredefinedRole, type Roles, rolesOf } from './roles.ts';

export interface Grantable {
  readonly kind: GrantableKind;
  readonly owner: number;
  readonly acl?: readonly string[];
}

export function aclOf({ kind, owner, acl }: Grantable): AclItem[] {
  return acl === undefined ? defaultAcl(kind, owner) : parseAcl(acl);
}

/** The rights, of those asked for, that the role holds. */
export function heldRights(roles: Roles, role: number, object: Grantable, letters: string): string {
  if (isSuperuser(roles, role)) return letters;
  const own = rolesOf(roles, role, 'usage');
  const held = new Set(predefinedRights(own, object.kind));
  for (const { grantee, rights } of aclOf(object)) {
    if (grantee !== publicGrantee && !own.has(grantee)) continue;
    for (const letter of rights.keys()) held.add(letter);
  }
  return letters
    .split('')
    .filter((letter) => held.has(letter))
    .join('');
}

export function hasRights(roles: Roles, role: number, object: Grantable, letters: string): boolean {
  return heldRights(roles, role, object, letters) === letters;
}

/** The rights that the role may grant on; an owner may all. */
export function grantableRights(
  roles: Roles,
  role: number,
  object: Grantable,
  letters: string,
): string {
  const own = rolesOf(roles, role, 'usage');
  if (isSuperuser(roles, role) || own.has(object.owner)) return letters;
  const grantable = new Set<string>();
  for (const { grantee, rights } of aclOf(object)) {
    if (!own.has(grantee)) continue;
    for (const [letter, option] of rights) if (option) grantable.add(letter);
  }
  return letters
    .split('')
    .filter((letter) => grantable.has(letter))
    .join('');
}

function predefinedRights(own: ReadonlySet<number>, kind: GrantableKind): string {
  let letters = '';
  if (own.has(PredefinedRole.readAllData)) {
    if (kind === 'table' || kind === 'sequence') letters += 'r';
    if (kind === 'schema') letters += 'U';
  }
  if (own.has(PredefinedRole.writeAllData)) {
    if (kind === 'table') letters += 'awd';
    if (kind === 'schema') letters += 'U';
  }
  return letters;
}
