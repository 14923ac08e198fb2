// Functions over access control lists (manual, 9.26.2), which show roles by name.

import { type ArrayValue, databaseError, type Datum } from '#common';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';

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

export const accessControlFamily: Family = {
  sets: { aclexplode: explode },
  scalars: {
    xid_age: (context, id: number) => (context.transactionId() - id) | 0,
  },
};
