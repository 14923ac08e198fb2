// information_schema's views of privileges: what was granted on tables, columns and sequences, and what
// owners have, as far as the current role or a role of its gives or has it.

import type { ColumnDescriptor, RelationDescriptor } from '#common';
import {
  type AclItem,
  aclOf,
  columnGrantable,
  hasPrivilegesOf,
  parseAcl,
  publicGrantee,
  relationGrantable,
} from '#planner';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';

const tableRights: Readonly<Record<string, string>> = {
  a: 'INSERT',
  r: 'SELECT',
  w: 'UPDATE',
  d: 'DELETE',
  D: 'TRUNCATE',
  x: 'REFERENCES',
  t: 'TRIGGER',
};
const columnRights = 'arwx';

type Listed = Exclude<RelationDescriptor, { readonly kind: 'index' | 'system' }>;

function* listedRelations({ catalog }: CatalogScope): Iterable<Listed> {
  for (const relation of catalog.userRelations()) {
    if (relation.kind !== 'index' && relation.kind !== 'system') yield relation;
  }
}

/** The part of a row that tells of a right; undefined when it is none of the current role's business. */
function rightRow(
  { catalog, context }: CatalogScope,
  owner: number,
  { grantee, grantor }: AclItem,
  isGrantable: boolean,
  withPublic: boolean,
): CatalogRow | undefined {
  const current = catalog.findRole(context.functions.currentUser)?.oid ?? 0;
  const concerns =
    (withPublic && grantee === publicGrantee) ||
    hasPrivilegesOf(catalog, current, grantor) ||
    (grantee !== publicGrantee && hasPrivilegesOf(catalog, current, grantee));
  if (!concerns) return undefined;
  const byOwnership = grantee !== publicGrantee && hasPrivilegesOf(catalog, grantee, owner);
  const name = (oid: number): string => catalog.roleByOid(oid)?.name ?? '';
  return {
    grantor: name(grantor),
    grantee: grantee === publicGrantee ? 'PUBLIC' : name(grantee),
    is_grantable: isGrantable || byOwnership ? 'YES' : 'NO',
  };
}

function place({ catalog }: CatalogScope, relation: Listed): CatalogRow {
  return {
    table_catalog: catalog.database.name,
    table_schema: catalog.schemaByOid(relation.schemaOid)?.name ?? '',
    table_name: relation.name,
  };
}

function* tablePrivileges(scope: CatalogScope, withPublic: boolean): Iterable<CatalogRow> {
  for (const relation of listedRelations(scope)) {
    if (relation.kind === 'sequence') continue;
    for (const item of aclOf(relationGrantable(relation))) {
      for (const [letter, isGrantable] of item.rights) {
        const right = rightRow(scope, relation.owner, item, isGrantable, withPublic);
        if (right === undefined || !(letter in tableRights)) continue;
        yield {
          ...right,
          ...place(scope, relation),
          privilege_type: tableRights[letter],
          with_hierarchy: letter === 'r' ? 'YES' : 'NO',
        };
      }
    }
  }
}

/** Rights on the table hold for each column; rights on the column come on top. */
function* columnPrivileges(scope: CatalogScope, withPublic: boolean): Iterable<CatalogRow> {
  for (const relation of listedRelations(scope)) {
    if (relation.kind === 'sequence') continue;
    const whole = aclOf(relationGrantable(relation));
    for (const column of relation.columns) {
      if (column.dropped) continue;
      const own = column.acl === undefined ? [] : parseAcl(column.acl);
      yield* columnRows(scope, relation, column, [...whole, ...own], withPublic);
    }
  }
}

function* columnRows(
  scope: CatalogScope,
  relation: Listed,
  column: ColumnDescriptor,
  items: readonly AclItem[],
  withPublic: boolean,
): Iterable<CatalogRow> {
  const { owner } = columnGrantable(column, relation.owner);
  const seen = new Set<string>();
  for (const item of items) {
    for (const [letter, isGrantable] of item.rights) {
      const key = `${item.grantor}.${item.grantee}.${letter}.${isGrantable}`;
      if (!columnRights.includes(letter) || seen.has(key)) continue;
      seen.add(key);
      const right = rightRow(scope, owner, item, isGrantable, withPublic);
      if (right === undefined) continue;
      yield {
        ...right,
        ...place(scope, relation),
        column_name: column.name,
        privilege_type: tableRights[letter],
      };
    }
  }
}

function* usagePrivileges(scope: CatalogScope, withPublic: boolean): Iterable<CatalogRow> {
  const { catalog } = scope;
  for (const sequence of listedRelations(scope)) {
    if (sequence.kind !== 'sequence') continue;
    for (const item of aclOf(relationGrantable(sequence))) {
      const isGrantable = item.rights.get('U');
      if (isGrantable === undefined) continue;
      const right = rightRow(scope, sequence.owner, item, isGrantable, withPublic);
      if (right === undefined) continue;
      yield {
        ...right,
        object_catalog: catalog.database.name,
        object_schema: catalog.schemaByOid(sequence.schemaOid)?.name ?? '',
        object_name: sequence.name,
        object_type: 'SEQUENCE',
        privilege_type: 'USAGE',
      };
    }
  }
}

/** Only the system's own relations have no rows: everybody may read them. */
export const informationPrivilegeSources: RowSources = {
  table_privileges: (scope) => tablePrivileges(scope, true),
  role_table_grants: (scope) => tablePrivileges(scope, false),
  column_privileges: (scope) => columnPrivileges(scope, true),
  role_column_grants: (scope) => columnPrivileges(scope, false),
  usage_privileges: (scope) => usagePrivileges(scope, true),
  role_usage_grants: (scope) => usagePrivileges(scope, false),
};
