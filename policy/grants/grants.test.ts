// Goal: lists of rights change, print and answer as PostgreSQL's do.
// Method: unit cases of acl.ts, roles.ts and privileges.ts; printing and parsing are inverse (property).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RoleDescriptor } from '#common';
import { changedAcl } from './acl-change.ts';
import { defaultAcl, formatAcl, parseAcl } from './acl.ts';
import { grantableRights, hasRights, heldRights } from './privileges.ts';
import { hasPrivilegesOf, isMemberOf, PredefinedRole, type Roles } from './roles.ts';

function role(oid: number, fields: Partial<RoleDescriptor> = {}): RoleDescriptor {
  return {
    kind: 'role',
    oid,
    name: `role ${oid}`,
    superuser: false,
    inherit: true,
    createRole: false,
    createDatabase: false,
    login: true,
    replication: false,
    bypassRowSecurity: false,
    connectionLimit: -1,
    passwordVerifier: null,
    validUntil: null,
    memberOf: [],
    ...fields,
  };
}

function rolesWith(...all: RoleDescriptor[]): Roles {
  return { roleByOid: (oid) => all.find((each) => each.oid === oid), database: { owner: 3 } };
}

test('printing and parsing are inverse', () => {
  const rights = fc.uniqueArray(
    fc.tuple(fc.constantFrom(...'arwdDxtXUCTcsA'.split('')), fc.boolean()),
    {
      selector: ([letter]) => letter,
    },
  );
  const item = fc.record({ grantee: fc.nat(), grantor: fc.nat(), rights });
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const texts = formatAcl(items.map((each) => ({ ...each, rights: new Map(each.rights) })));
      assert.deepEqual(formatAcl(parseAcl(texts)), texts);
    }),
  );
});

test('grant, grant option, revoke', () => {
  const change = { grantees: [2], grantor: 1, letters: 'ar', isGrant: true, grantOption: false };
  const owner = { roles: rolesWith(role(1), role(2)), owner: 1 };
  let acl = changedAcl(defaultAcl('table', 1), change, owner);
  assert.deepEqual(formatAcl(acl), ['1=arwdDxt/1', '2=ar/1']);
  acl = changedAcl(acl, { ...change, letters: 'r', grantOption: true }, owner);
  assert.deepEqual(formatAcl(acl), ['1=arwdDxt/1', '2=ar*/1']);
  acl = changedAcl(acl, { ...change, letters: 'r', isGrant: false, grantOption: true }, owner);
  assert.deepEqual(formatAcl(acl), ['1=arwdDxt/1', '2=ar/1']);
  acl = changedAcl(acl, { ...change, letters: 'ar', isGrant: false }, owner);
  assert.deepEqual(formatAcl(acl), ['1=arwdDxt/1']);
});

test('what was granted with an option that goes is revoked with it, or stands in the way', () => {
  const owner = { roles: rolesWith(role(1), role(2), role(3), role(4)), owner: 1 };
  const given = parseAcl(['1=arwdDxt/1', '2=r*/1', '3=r*/2', '4=r/3']);
  const change = { grantees: [2], grantor: 1, letters: 'r', isGrant: false, grantOption: true };
  assert.throws(() => changedAcl(given, change, owner), { sqlState: '2BP01' });
  assert.deepEqual(formatAcl(changedAcl(given, { ...change, cascade: true }, owner)), [
    '1=arwdDxt/1',
    '2=r/1',
  ]);
  const twice = parseAcl(['2=r*/1', '3=r*/2', '3=r*/1', '4=r/3']);
  assert.deepEqual(formatAcl(changedAcl(twice, { ...change, cascade: true }, owner)), [
    '2=r/1',
    '3=r*/1',
    '4=r/3',
  ]);
  const back = { grantees: [2], grantor: 3, letters: 'r', isGrant: true, grantOption: true };
  assert.throws(() => changedAcl(given, back, owner), { sqlState: '0LP01' });
});

test('rights come by ownership, by grant, through memberships and from PUBLIC', () => {
  const roles = rolesWith(
    role(1),
    role(2, { memberOf: [1] }),
    role(3, { memberOf: [2], inherit: false }),
    role(4, { superuser: true }),
    role(5, { memberOf: [PredefinedRole.readAllData] }),
  );
  const table = { kind: 'table', owner: 1 } as const;
  assert.equal(heldRights(roles, 2, table, 'ard'), 'ard');
  assert.equal(heldRights(roles, 3, table, 'ard'), '');
  assert.equal(heldRights(roles, 4, table, 'ard'), 'ard');
  assert.equal(heldRights(roles, 5, table, 'ard'), 'r');
  assert.equal(hasRights(roles, 3, { ...table, acl: ['0=r/1'] }, 'r'), true);
  assert.equal(hasRights(roles, 1, { ...table, acl: ['0=r/1'] }, 'w'), false);
  assert.equal(grantableRights(roles, 1, { ...table, acl: ['0=r/1'] }, 'w'), 'w');
  assert.equal(grantableRights(roles, 5, { ...table, acl: ['5=r*w/1'] }, 'rw'), 'r');
  assert.equal(isMemberOf(roles, 3, 1), true);
  assert.equal(hasPrivilegesOf(roles, 3, 1), false);
  assert.equal(hasPrivilegesOf(roles, 2, 1), true);
  const databaseOwner = { kind: 'schema', owner: PredefinedRole.databaseOwner } as const;
  assert.equal(hasRights(rolesWith(role(3)), 3, databaseOwner, 'C'), true);
});
