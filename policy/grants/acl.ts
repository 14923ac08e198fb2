// Access control lists as the catalog keeps them: one text an item, "grantee=rights/grantor", with
// role oids (0: PUBLIC) and PostgreSQL's letters, each followed by * where it may be granted on
// (manual, 5.7). Names are put in only where a list is shown, so renaming a role changes no list.

export interface AclItem {
  readonly grantee: number;
  readonly grantor: number;
  /** Letters, each with whether it may be granted on. */
  readonly rights: ReadonlyMap<string, boolean>;
}

export type GrantableKind =
  | 'table'
  | 'column'
  | 'sequence'
  | 'database'
  | 'function'
  | 'foreign-data wrapper'
  | 'foreign server'
  | 'language'
  | 'schema'
  | 'tablespace'
  | 'type';

/** In the order in which PostgreSQL prints them. */
const letterOrder = 'arwdDxtXUCTcsA';

export const privilegeLetters: Readonly<Record<string, string>> = {
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
};

/** Every right on an object of a kind: what ALL means. */
export const allRights: Readonly<Record<GrantableKind, string>> = {
  table: 'arwdDxt',
  column: 'arwx',
  sequence: 'rwU',
  database: 'CTc',
  function: 'X',
  'foreign-data wrapper': 'U',
  'foreign server': 'U',
  language: 'U',
  schema: 'UC',
  tablespace: 'C',
  type: 'U',
};

/** What everybody may without a grant. */
const publicRights: Readonly<Partial<Record<GrantableKind, string>>> = {
  database: 'Tc',
  function: 'X',
  language: 'U',
  type: 'U',
};

export const publicGrantee = 0;

/** acldefault(): the list of an object for which nothing was granted. */
export function defaultAcl(kind: GrantableKind, owner: number): AclItem[] {
  if (kind === 'column') return [];
  const ofPublic = publicRights[kind];
  const items = ofPublic === undefined ? [] : [itemOf(publicGrantee, owner, ofPublic)];
  return [...items, itemOf(owner, owner, allRights[kind])];
}

export function itemOf(grantee: number, grantor: number, letters: string): AclItem {
  return { grantee, grantor, rights: new Map(letters.split('').map((letter) => [letter, false])) };
}

export function parseAcl(items: readonly string[]): AclItem[] {
  return items.flatMap((text) => {
    const match = /^(\d+)=([A-Za-z*]*)\/(\d+)$/.exec(text);
    if (match === null) return [];
    const rights = [...match[2].matchAll(/([A-Za-z])(\*?)/g)];
    return [
      {
        grantee: Number(match[1]),
        grantor: Number(match[3]),
        rights: new Map(rights.map(([, letter, star]) => [letter, star === '*'])),
      },
    ];
  });
}

export function formatAcl(items: readonly AclItem[]): string[] {
  return items.map(
    ({ grantee, grantor, rights }) => `${grantee}=${formatRights(rights)}/${grantor}`,
  );
}

export function formatRights(rights: ReadonlyMap<string, boolean>): string {
  return letterOrder
    .split('')
    .filter((letter) => rights.has(letter))
    .map((letter) => (rights.get(letter) === true ? `${letter}*` : letter))
    .join('');
}

export interface AclChange {
  readonly grantees: readonly number[];
  readonly grantor: number;
  readonly letters: string;
  readonly isGrant: boolean;
  /** WITH GRANT OPTION; for a REVOKE, GRANT OPTION FOR: only the option. */
  readonly grantOption: boolean;
}

/** GRANT or REVOKE applied to a list; items without a right left are gone. */
export function changedAcl(items: readonly AclItem[], change: AclChange): AclItem[] {
  const changed = [...items];
  for (const grantee of change.grantees) {
    const place = changed.findIndex(
      (item) => item.grantee === grantee && item.grantor === change.grantor,
    );
    const before = place < 0 ? undefined : changed[place];
    const rights = changedRights(before?.rights ?? new Map<string, boolean>(), change);
    const item = { grantee, grantor: change.grantor, rights };
    if (rights.size === 0) {
      if (place >= 0) changed.splice(place, 1);
    } else if (place < 0) changed.push(item);
    else changed[place] = item;
  }
  return changed;
}

/** The list under another owner: what was granted by or to the old one is now by or to the new one. */
export function aclOfOwner(items: readonly AclItem[], from: number, to: number): AclItem[] {
  const named = (oid: number): number => (oid === from ? to : oid);
  const changed: AclItem[] = [];
  for (const { grantee, grantor, rights } of items) {
    const item = { grantee: named(grantee), grantor: named(grantor), rights: new Map(rights) };
    const known = changed.find(
      (each) => each.grantee === item.grantee && each.grantor === item.grantor,
    );
    if (known === undefined) changed.push(item);
    else {
      const merged = new Map(known.rights);
      for (const [letter, option] of rights)
        merged.set(letter, option || merged.get(letter) === true);
      changed[changed.indexOf(known)] = { ...known, rights: merged };
    }
  }
  return changed;
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
