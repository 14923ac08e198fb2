// GRANT and REVOKE applied to a list of rights (PostgreSQL's aclupdate()). Who loses the option to grant a
// right loses what he has granted of it, and so do they in turn: that is what CASCADE says, and what
// RESTRICT refuses. Nobody can give an option back to those from whom he has his own.

import { databaseError } from '#common';
import { type AclItem, publicGrantee } from './acl.ts';
import { hasPrivilegesOf, type Roles, rolesOf } from './roles.ts';

export interface AclChange {
  readonly grantees: readonly number[];
  readonly grantor: number;
  readonly letters: string;
  readonly isGrant: boolean;
  /** WITH GRANT OPTION; for a REVOKE, GRANT OPTION FOR: only the option. */
  readonly grantOption: boolean;
  /** REVOKE … CASCADE: what others hold only through the grantees goes with it. */
  readonly cascade?: boolean;
}

/** On what the list is, and who belongs to whom. */
export interface AclOwner {
  readonly roles: Roles;
  readonly owner: number;
}

/** GRANT or REVOKE applied to a list; items without a right left are gone. 0LP01, 2BP01. */
export function changedAcl(
  items: readonly AclItem[],
  change: AclChange,
  owner: AclOwner,
): AclItem[] {
  let changed = [...items];
  for (const grantee of change.grantees) changed = changedFor(changed, grantee, change, owner);
  return changed;
}

function changedFor(
  items: AclItem[],
  grantee: number,
  change: AclChange,
  owner: AclOwner,
): AclItem[] {
  const { grantor, isGrant, grantOption } = change;
  if (isGrant && grantOption && grantee !== publicGrantee) {
    refuseCircle(items, grantee, change, owner);
  }
  const changed = [...items];
  const place = changed.findIndex((item) => item.grantee === grantee && item.grantor === grantor);
  const before: AclItem['rights'] = changed[place]?.rights ?? new Map<string, boolean>();
  const rights = changedRights(before, change);
  const item = { grantee, grantor, rights };
  if (rights.size === 0) {
    if (place >= 0) changed.splice(place, 1);
  } else if (place < 0) changed.push(item);
  else changed[place] = item;
  const lost = [...before]
    .filter(([letter, option]) => option && rights.get(letter) !== true)
    .map(([letter]) => letter);
  return lost.length === 0 || grantee === publicGrantee
    ? changed
    : withoutDependents(changed, { grantee, lost, cascade: change.cascade === true }, owner);
}

/** recursive_revoke(): the grantee cannot grant these rights any more, unless others let him. */
function withoutDependents(
  items: AclItem[],
  {
    grantee,
    lost,
    cascade,
  }: { readonly grantee: number; readonly lost: readonly string[]; readonly cascade: boolean },
  owner: AclOwner,
): AclItem[] {
  if (grantee === owner.owner) return items;
  const gone = lost.filter((letter) => !mayGrant(items, grantee, letter, owner));
  let changed = items;
  for (;;) {
    const dependent = changed.find(
      (item) => item.grantor === grantee && gone.some((letter) => item.rights.has(letter)),
    );
    if (dependent === undefined) return changed;
    if (!cascade) {
      throw databaseError('dependentObjectsStillExist', 'dependent privileges exist', {
        hint: 'Use CASCADE to revoke them too.',
      });
    }
    const change = {
      grantees: [dependent.grantee],
      grantor: grantee,
      letters: gone.join(''),
      isGrant: false,
      grantOption: false,
      cascade,
    };
    changed = changedAcl(changed, change, owner);
  }
}

/** check_circularity(): without what the grantee has, would the grantor still hold the options? */
function refuseCircle(
  items: readonly AclItem[],
  grantee: number,
  { grantor, letters }: AclChange,
  owner: AclOwner,
): void {
  if (grantor === owner.owner) return;
  let without = [...items];
  for (;;) {
    const held = without.find(
      (item) => item.grantee === grantee && [...item.rights.values()].includes(true),
    );
    if (held === undefined) break;
    const options = [...held.rights].filter(([, option]) => option).map(([letter]) => letter);
    const change = {
      grantees: [grantee],
      grantor: held.grantor,
      letters: options.join(''),
      isGrant: false,
      grantOption: true,
      cascade: true,
    };
    without = changedAcl(without, change, owner);
  }
  if ([...letters].every((letter) => mayGrant(without, grantor, letter, owner))) return;
  throw databaseError(
    'invalidGrantOperation',
    'grant options cannot be granted back to your own grantor',
  );
}

function mayGrant(
  items: readonly AclItem[],
  role: number,
  letter: string,
  { roles, owner }: AclOwner,
): boolean {
  if (owner !== publicGrantee && hasPrivilegesOf(roles, role, owner)) return true;
  const own = rolesOf(roles, role, 'usage');
  return items.some(({ grantee, rights }) => own.has(grantee) && rights.get(letter) === true);
}

function changedRights(
  before: ReadonlyMap<string, boolean>,
  { letters, isGrant, grantOption }: AclChange,
): Map<string, boolean> {
  const rights = new Map(before);
  for (const letter of letters) {
    if (isGrant) rights.set(letter, grantOption || rights.get(letter) === true);
    else if (!grantOption) rights.delete(letter);
    else if (rights.has(letter)) rights.set(letter, false);
  }
  return rights;
}
