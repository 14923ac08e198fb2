// GRANT, COMMENT and ALTER … OWNER on large objects, whose facts stand beside their bytes.

import type { Node } from '@pgsql/types';
import { databaseError, type RoleDescriptor } from '#common';
import {
  aclOfOwner,
  formatAcl,
  hasPrivilegesOf,
  largeObjectGrantable,
  nodeText,
  parseAcl,
} from '#planner';
import { type LargeObjectFacts, LargeObjects } from '#storage';
import type { GrantTarget } from './grant-targets.ts';
import type { DdlStatement } from './statement.ts';

export function largeObjectsOf({ transaction, context }: DdlStatement): LargeObjects {
  return new LargeObjects(transaction, context.databaseOid);
}

/** The object that the statement names, locked. 42704. */
function named(
  ddl: DdlStatement,
  node: Node | undefined,
): { readonly oid: number; readonly facts: LargeObjectFacts } {
  const oid = Number(node === undefined ? 0 : nodeText(node));
  const facts = largeObjectsOf(ddl).forUpdate(oid);
  if (facts === undefined)
    throw databaseError('undefinedObject', `large object ${oid} does not exist`);
  return { oid, facts };
}

export function grantOnLargeObject(ddl: DdlStatement, node: Node): GrantTarget {
  const { oid, facts } = named(ddl, node);
  return {
    grantable: largeObjectGrantable(facts),
    words: 'large object',
    name: String(oid),
    put: (acl) => largeObjectsOf(ddl).put(oid, { ...facts, acl }),
    relation: () => undefined,
  };
}

/** 42501 */
function requireOwner(ddl: DdlStatement, oid: number, { owner }: LargeObjectFacts): void {
  if (hasPrivilegesOf(ddl.catalog, ddl.context.currentRole.oid, owner)) return;
  throw databaseError('insufficientPrivilege', `must be owner of large object ${oid}`);
}

export function commentOnLargeObject(
  ddl: DdlStatement,
  node: Node | undefined,
  text: string | undefined,
): void {
  const { oid, facts } = named(ddl, node);
  requireOwner(ddl, oid, facts);
  const { comment: _old, ...rest } = facts;
  largeObjectsOf(ddl).put(oid, text === undefined ? rest : { ...rest, comment: text });
}

export function ownLargeObject(ddl: DdlStatement, node: Node | undefined): number {
  const { oid, facts } = named(ddl, node);
  requireOwner(ddl, oid, facts);
  return oid;
}

/** What was granted by or to the owner is now by or to the new one. */
export function giveLargeObject(ddl: DdlStatement, oid: number, role: RoleDescriptor): void {
  const objects = largeObjectsOf(ddl);
  const facts = objects.forUpdate(oid);
  if (facts === undefined || facts.owner === role.oid) return;
  const { acl } = facts;
  objects.put(oid, {
    ...facts,
    owner: role.oid,
    ...(acl === undefined
      ? {}
      : { acl: formatAcl(aclOfOwner(parseAcl(acl), facts.owner, role.oid)) }),
  });
}

/** DROP OWNED and REASSIGN OWNED: those of the roles. */
export function largeObjectsOwnedBy(ddl: DdlStatement, roles: ReadonlySet<number>): number[] {
  return [...largeObjectsOf(ddl).all()]
    .filter(({ facts }) => roles.has(facts.owner))
    .map(({ oid }) => oid);
}

/** DROP OWNED: the rights of the roles on all others. */
export function revokeOnLargeObjects(ddl: DdlStatement, roles: ReadonlySet<number>): void {
  const objects = largeObjectsOf(ddl);
  for (const { oid, facts } of [...objects.all()]) {
    const kept = parseAcl(facts.acl ?? []).filter(({ grantee }) => !roles.has(grantee));
    if (facts.acl !== undefined && kept.length < facts.acl.length)
      objects.put(oid, { ...facts, acl: formatAcl(kept) });
  }
}
