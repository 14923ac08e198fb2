// Functions over access control lists (manual, 9.26.2), which show roles by name.

import { type ArrayValue, canonicalInteger, databaseError, type Datum } from '#common';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';
import { hashUint32 } from '../hashing.ts';

const privilegeTypes: Readonly<Record<string, string>> = {
  a: 'INSERT',
  r: 'SELECT',
  w: 'UPDATE',
  d: 'DELETE',
  D: 'TRUNCATE',
  x: 'REFERENCES',
  t: 'TRIGGER',
  X: 'EXECUTE',
  U: 'USAGE',
  C: 'CREATE',
  T: 'TEMPORARY',
  c: 'CONNECT',
  s: 'SET',
  A: 'ALTER SYSTEM',
};

function* explode(context: FunctionContext, acl: ArrayValue): Iterable<Datum[]> {
  for (const item of acl.elements) {
    if (item === null)
      throw databaseError('nullValueNotAllowed', 'ACL arrays must not contain null values');
    const text = item as string;
    const equals = text.lastIndexOf('=');
    const slash = text.indexOf('/', equals);
    const grantee = roleOid(context, text.slice(0, equals));
    const grantor = roleOid(context, text.slice(slash + 1));
    for (const [, letter, star] of text.slice(equals + 1, slash).matchAll(/([A-Za-z])(\*?)/g))
      yield [grantor, grantee, privilegeTypes[letter] ?? '', star === '*'];
  }
}

/** 0 is PUBLIC. */
function roleOid({ catalog }: FunctionContext, name: string): number {
  return name === '' ? 0 : (catalog.roleOid(name) ?? 0);
}

interface AccessItem {
  readonly grantee: number;
  readonly grantor: number;
  /** A bit a right in the order of `privilegeTypes`; grant options 16 bits higher. */
  readonly rights: number;
}

const letters = Object.keys(privilegeTypes);
const letterOrder = 'arwdDxtXUCTcsA';
const grantOptionShift = 16;

function accessItem(context: FunctionContext, text: string): AccessItem {
  const equals = text.lastIndexOf('=');
  const slash = text.indexOf('/', equals);
  let rights = 0;
  for (const [, letter, star] of text.slice(equals + 1, slash).matchAll(/([A-Za-z])(\*?)/g)) {
    const bit = 1 << letterOrder.indexOf(letter);
    rights |= star === '*' ? bit | (bit << grantOptionShift) : bit;
  }
  return {
    grantee: roleOid(context, text.slice(0, equals)),
    grantor: roleOid(context, text.slice(slash + 1)),
    rights,
  };
}

function isSame(left: AccessItem, right: AccessItem): boolean {
  return left.grantee === right.grantee && left.grantor === right.grantor;
}

function contains(context: FunctionContext, acl: ArrayValue, text: string): boolean {
  const wanted = accessItem(context, text);
  return acl.elements.some((element) => {
    if (element === null) return false;
    const item = accessItem(context, element as string);
    return isSame(item, wanted) && (item.rights & wanted.rights) === wanted.rights;
  });
}

function makeItem(
  { catalog }: FunctionContext,
  { grantee, grantor }: { readonly grantee: number; readonly grantor: number },
  privileges: string,
  isGrantable: boolean,
): string {
  const wanted = privileges.toUpperCase() === 'TEMP' ? 'TEMPORARY' : privileges.toUpperCase();
  const letter = letters.find((each) => privilegeTypes[each] === wanted);
  if (letter === undefined)
    throw databaseError('invalidParameterValue', `unrecognized privilege type: "${privileges}"`);
  const text = isGrantable ? `${letter}*` : letter;
  const name = (oid: number): string => (oid === 0 ? '' : (catalog.roleName(oid) ?? String(oid)));
  return `${name(grantee)}=${text}/${name(grantor)}`;
}

/** PostgreSQL's: not mixed but added up, except with a seed. */
function hashItem(context: FunctionContext, text: string, seed: bigint): bigint {
  const { grantee, grantor, rights } = accessItem(context, text);
  const sum = (rights + grantee + grantor) >>> 0;
  return seed === 0n ? BigInt(sum) : hashUint32(sum | 0, seed);
}

function noLongerSupported(name: string): () => never {
  return () => {
    throw databaseError('featureNotSupported', `${name} is no longer supported`);
  };
}

export const accessControlFamily: Family = {
  sets: { aclexplode: explode },
  scalars: {
    aclcontains: contains,
    aclinsert: noLongerSupported('aclinsert'),
    aclremove: noLongerSupported('aclremove'),
    aclitem_eq: (context, left: string, right: string) => {
      const [first, second] = [accessItem(context, left), accessItem(context, right)];
      return isSame(first, second) && first.rights === second.rights;
    },
    makeaclitem: (
      context,
      grantee: number,
      grantor: number,
      privileges: string,
      isGrantable: boolean,
    ) => makeItem(context, { grantee, grantor }, privileges, isGrantable),
    hash_aclitem: (context, item: string) => Number(BigInt.asIntN(32, hashItem(context, item, 0n))),
    hash_aclitem_extended: (context, item: string, seed: number | bigint) =>
      canonicalInteger(BigInt.asIntN(64, hashItem(context, item, BigInt(seed)))),
    xid_age: (context, id: number) => (context.transactionId() - id) | 0,
  },
};
