// Goal: who is under row policies, and which policies a command of a role is under.
// Method: a table, four roles and policies by hand; the rules of the manual's chapter 5.8.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyDescriptor, RoleDescriptor } from '#common';
import { policiesFor, rowSecurityStatus } from './row-policies.ts';

function role(oid: number, fields: Partial<RoleDescriptor> = {}): RoleDescriptor {
  return {
    kind: 'role',
    oid,
    name: `r${oid}`,
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

const [owner, member, bypass, superuser, other] = [1, 2, 3, 4, 5];
const known = new Map(
  [
    role(owner),
    role(member, { memberOf: [owner] }),
    role(bypass, { bypassRowSecurity: true }),
    role(superuser, { superuser: true }),
    role(other),
  ].map((each) => [each.oid, each]),
);
const roles = { roleByOid: (oid: number) => known.get(oid), database: { owner: 99 } };

test('superusers, BYPASSRLS and owners are exempt; FORCE takes owners in', () => {
  const enabled = { owner, rowSecurity: { enabled: true, forced: false } };
  const forced = { owner, rowSecurity: { enabled: true, forced: true } };
  const status = (table: typeof enabled): string[] =>
    [owner, member, bypass, superuser, other].map((oid) => rowSecurityStatus(table, roles, oid));
  assert.deepEqual(status(enabled), ['exempt', 'exempt', 'exempt', 'exempt', 'applies']);
  assert.deepEqual(status(forced), ['applies', 'applies', 'exempt', 'exempt', 'applies']);
  assert.equal(rowSecurityStatus({ owner }, roles, other), 'none');
});

test('policies are chosen by command and by role, memberships included', () => {
  const policy = (name: string, fields: Partial<PolicyDescriptor>): PolicyDescriptor => ({
    oid: 1,
    name,
    command: 'all',
    permissive: true,
    roles: [],
    ...fields,
  });
  const table = {
    owner,
    policies: [
      policy('everybody', {}),
      policy('owners', { roles: [owner] }),
      policy('reading', { command: 'select', permissive: false }),
      policy('writing', { command: 'insert' }),
    ],
  };
  const names = (command: 'select' | 'insert', oid: number): string[][] => {
    const { permissive, restrictive } = policiesFor(table, command, roles, oid);
    return [permissive.map(({ name }) => name), restrictive.map(({ name }) => name)];
  };
  assert.deepEqual(names('select', other), [['everybody'], ['reading']]);
  assert.deepEqual(names('select', member), [['everybody', 'owners'], ['reading']]);
  assert.deepEqual(names('insert', member), [['everybody', 'owners', 'writing'], []]);
});
