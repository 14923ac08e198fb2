// Privileges of a bound statement (PostgreSQL's ExecCheckRTPerms): 42501 for the first relation that
// the role may not use so. It runs once per plan and role, never per execution.

import {
  type ColumnDescriptor,
  type DatabaseError,
  databaseError,
  type RelationDescriptor,
} from '#common';
import { type Grantable, hasRights, heldRights, isSuperuser } from '#policy';
import type { RelationAccess } from './bind/access.ts';
import type { Catalog } from './catalog.ts';

export function checkAccess(
  accesses: readonly RelationAccess[],
  catalog: Catalog,
  currentRole: number,
): void {
  for (const access of accesses) {
    const role = access.as ?? currentRole;
    if (isSuperuser(catalog, role)) continue;
    if (!isAllowed(access, catalog, role)) throw relationDenied(access.relation);
  }
}

function isAllowed(access: RelationAccess, catalog: Catalog, role: number): boolean {
  const { relation } = access;
  if (relation.kind === 'index') return true;
  if (relation.kind === 'system') {
    const writes = access.inserts || access.updates || access.deletes;
    return !writes && !secretRelations.has(relation.name);
  }
  const object = relationGrantable(relation);
  if (relation.kind === 'sequence') return hasRights(catalog, role, object, 'r');
  const { columns } = relation;
  const may = (letter: string, numbers: ReadonlySet<number>): boolean =>
    hasRights(catalog, role, object, letter) ||
    mayOnColumns(catalog, role, { letter, numbers, columns, owner: relation.owner });
  if (access.deletes && !hasRights(catalog, role, object, 'd')) return false;
  return (
    (!access.selects || may('r', access.selected)) &&
    (!access.inserts || may('a', access.inserted)) &&
    (!access.updates || may('w', access.updated))
  );
}

/** Without columns (count(*)), a right on any of them will do. */
function mayOnColumns(
  catalog: Catalog,
  role: number,
  wanted: {
    readonly letter: string;
    readonly numbers: ReadonlySet<number>;
    readonly columns: readonly ColumnDescriptor[];
    readonly owner: number;
  },
): boolean {
  const { letter, numbers, columns, owner } = wanted;
  const may = (column: ColumnDescriptor): boolean =>
    column.acl !== undefined && hasRights(catalog, role, columnGrantable(column, owner), letter);
  if (numbers.size === 0) return columns.some((column) => !column.dropped && may(column));
  return [...numbers].every((number) => {
    const column = columns.find((each) => each.attributeNumber === number);
    return column !== undefined && may(column);
  });
}

export function relationGrantable(
  relation: Exclude<RelationDescriptor, { readonly kind: 'index' | 'system' }>,
): Grantable {
  const { owner, acl } = relation;
  const kind = relation.kind === 'sequence' ? 'sequence' : 'table';
  return { kind, owner, ...(acl === undefined ? {} : { acl }) };
}

/** A large object as the catalog has it. */
export function largeObjectGrantable({
  owner,
  acl,
}: {
  readonly owner: number;
  readonly acl?: readonly string[];
}): Grantable {
  return { kind: 'large object', owner, ...(acl === undefined ? {} : { acl }) };
}

export function columnGrantable({ acl }: ColumnDescriptor, owner: number): Grantable {
  return { kind: 'column', owner, ...(acl === undefined ? {} : { acl }) };
}

/** Relations of the system catalog that hold secrets: only superusers read them. */
export const secretRelations: ReadonlySet<string> = new Set([
  'pg_authid',
  'pg_shadow',
  'pg_statistic',
  'pg_statistic_ext_data',
  'pg_largeobject',
  'pg_user_mapping',
  'pg_hba_file_rules',
  'pg_ident_file_mappings',
  'pg_file_settings',
  'pg_config',
  'pg_backend_memory_contexts',
  'pg_shmem_allocations',
  'pg_subscription',
  'pg_replication_origin_status',
]);

const relationWords: Readonly<Record<RelationDescriptor['kind'], string>> = {
  table: 'table',
  view: 'view',
  sequence: 'sequence',
  index: 'index',
  system: 'table',
};

export function relationDenied(relation: {
  readonly kind: RelationDescriptor['kind'];
  readonly name: string;
}): DatabaseError {
  return accessDenied(relationWords[relation.kind], relation.name);
}

export function accessDenied(kind: string, name: string, position?: number): DatabaseError {
  return databaseError('insufficientPrivilege', `permission denied for ${kind} ${name}`, {
    ...(position === undefined ? {} : { position }),
  });
}

/** USAGE (U) or CREATE (C). The server's own schemas are open to everybody for use. */
export function mayOnSchema(
  catalog: Catalog,
  role: number,
  schema: {
    readonly name: string;
    readonly owner: number;
    readonly acl?: readonly string[];
  },
  letter: 'U' | 'C',
): boolean {
  const { name, owner, acl } = schema;
  if (name === 'pg_catalog' || name === 'information_schema' || name.startsWith('pg_temp_'))
    return letter === 'U' || heldRights(catalog, role, { kind: 'schema', owner }, 'C') === 'C';
  const object: Grantable = { kind: 'schema', owner, ...(acl === undefined ? {} : { acl }) };
  return hasRights(catalog, role, object, letter);
}
