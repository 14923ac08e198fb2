// The tables and schemas that CREATE and ALTER PUBLICATION name: found, locked and checked.

import type { Node, PublicationTable } from '@pgsql/types';
import {
  BuiltinOid,
  databaseError,
  type RelationDescriptor,
  type SchemaDescriptor,
  type TableDescriptor,
} from '#common';
import { bodyOf, isSuperuser } from '#planner';
import { isTemporarySchema, TableLock } from '#storage';
import { schemaDoesNotExist } from '../errors.ts';
import { relationKind } from '../object-description.ts';
import type { DdlStatement } from '../statement.ts';
import { familyOf } from '../table-family.ts';

export interface PublishedTable {
  readonly table: TableDescriptor;
  /** As written; those of a parent table have what the parent was given. */
  readonly source: PublicationTable;
}

export interface PublishedObjects {
  readonly tables: readonly PublishedTable[];
  readonly schemas: readonly SchemaDescriptor[];
}

/** 42P01, 3F000, 42501, 22023. */
export function readObjects(
  ddl: DdlStatement,
  nodes: readonly Node[] | undefined,
): PublishedObjects {
  const tables: PublishedTable[] = [];
  const schemas: SchemaDescriptor[] = [];
  for (const node of nodes ?? []) {
    const spec = bodyOf(node, 'PublicationObjSpec')!;
    if (spec.pubobjtype === 'PUBLICATIONOBJ_TABLE') addNamed(ddl, spec.pubtable!, tables);
    else {
      const schema = schemaOf(ddl, spec.pubobjtype, spec.name);
      if (!schemas.some(({ oid }) => oid === schema.oid)) schemas.push(schema);
    }
  }
  return { tables, schemas };
}

function schemaOf(
  ddl: DdlStatement,
  type: string | undefined,
  name: string | undefined,
): SchemaDescriptor {
  if (type === 'PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA') {
    const found = ddl.context.searchPath.find(
      (each) =>
        each !== 'pg_catalog' &&
        !isTemporarySchema(each) &&
        ddl.catalog.findSchema(each) !== undefined,
    );
    if (found === undefined)
      throw databaseError('invalidSchemaName', 'no schema has been selected for CURRENT_SCHEMA');
    return ddl.schema(found);
  }
  const schema = ddl.catalog.findSchema(name ?? '');
  if (schema === undefined) throw schemaDoesNotExist(name ?? '');
  return schema;
}

function addNamed(ddl: DdlStatement, source: PublicationTable, tables: PublishedTable[]): void {
  const found = ddl.requireRelation(source.relation!, TableLock.shareUpdateExclusive);
  const known = tables.find(({ table }) => table.oid === found.oid);
  if (known !== undefined) {
    requireSame(known, source);
    return;
  }
  requirePublishable(found);
  const table = found as TableDescriptor;
  const isPartitioned = table.partitioning !== undefined;
  const isWhole = source.relation?.inh === true && !isPartitioned;
  for (const member of isWhole ? familyOf(ddl, table.oid) : [table]) {
    const other = tables.find((each) => each.table.oid === member.oid);
    if (other === undefined) tables.push({ table: member, source });
    else if (member.oid !== table.oid) requireSame(other, source);
  }
}

/** A table may be named twice only if nothing special is said of it. */
function requireSame({ table, source: first }: PublishedTable, source: PublicationTable): void {
  if (first.whereClause !== undefined || source.whereClause !== undefined) {
    throw databaseError(
      'duplicateObject',
      `conflicting or redundant WHERE clauses for table "${table.name}"`,
    );
  }
  if (first.columns !== undefined || source.columns !== undefined) {
    throw databaseError(
      'duplicateObject',
      `conflicting or redundant column lists for table "${table.name}"`,
    );
  }
}

/** 42501 unless the role owns the table. */
export function requireTableOwner(ddl: DdlStatement, table: TableDescriptor): void {
  if (isSuperuser(ddl.catalog, ddl.context.currentRole.oid)) return;
  ddl.requireOwner('table', table);
}

/** 22023 for what has no rows that could be sent. */
export function requirePublishable(relation: RelationDescriptor): void {
  const why = obstacle(relation);
  if (why === undefined) return;
  throw databaseError(
    'invalidParameterValue',
    `cannot add relation "${relation.name}" to publication`,
    { detail: why },
  );
}

function obstacle(relation: RelationDescriptor): string | undefined {
  if (relation.kind === 'system') return 'This operation is not supported for system tables.';
  if (relation.kind !== 'table' || relation.materialized !== undefined)
    return `This operation is not supported for ${pluralOf(relationKind(relation))}.`;
  if (relation.foreign !== undefined) return 'This operation is not supported for foreign tables.';
  if (relation.persistence === 'temporary')
    return 'This operation is not supported for temporary tables.';
  if (relation.persistence === 'unlogged')
    return 'This operation is not supported for unlogged tables.';
  return undefined;
}

function pluralOf(noun: string): string {
  return noun === 'index' ? 'indexes' : `${noun}s`;
}

/** 22023 for the server's own schemas and those of sessions. */
export function requirePublishableSchema({ oid, name }: SchemaDescriptor): void {
  const isSystem = oid === BuiltinOid.pgCatalogSchema || oid === BuiltinOid.informationSchema;
  if (!isSystem && !isTemporarySchema(name)) return;
  throw databaseError('invalidParameterValue', `cannot add schema "${name}" to publication`, {
    detail: isSystem
      ? 'This operation is not supported for system schemas.'
      : 'Temporary schemas cannot be replicated.',
  });
}
