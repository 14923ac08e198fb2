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
  | 'large object'
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
  'large object': 'rw',
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

/** aclmerge(): what either list grants. */
export function mergedAcl(items: readonly AclItem[], more: readonly AclItem[]): AclItem[] {
  const merged = [...items];
  for (const item of more) {
    const place = merged.findIndex(
      (each) => each.grantee === item.grantee && each.grantor === item.grantor,
    );
    if (place < 0) merged.push(item);
    else merged[place] = { ...item, rights: mergedRights(merged[place].rights, item.rights) };
  }
  return merged;
}

function mergedRights(left: AclItem['rights'], right: AclItem['rights']): AclItem['rights'] {
  const merged = new Map(left);
  for (const [letter, option] of right) merged.set(letter, option || merged.get(letter) === true);
  return merged;
}
