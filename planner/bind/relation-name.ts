// From the name of a relation to its descriptor, along the search path.

import type { RangeVar } from '@pgsql/types';
import { databaseError, type RelationDescriptor, type SchemaDescriptor } from '#common';
import { at, undefinedTable } from '../errors.ts';
import type { Binder } from './context.ts';

export interface QualifiedName {
  readonly schema: string | undefined;
  readonly name: string;
}

/** The relation that a possibly qualified name means; undefined when there is none. */
export function findRelation(
  binder: Binder,
  { schema, name }: QualifiedName,
): RelationDescriptor | undefined {
  const { catalog } = binder.context;
  if (schema !== undefined) {
    // pg_temp is the session's own schema of temporary objects, whatever its number.
    const named =
      schema === 'pg_temp'
        ? binder.searchPath.find((candidate) => candidate.startsWith('pg_temp_'))
        : schema;
    const found = named === undefined ? undefined : catalog.findSchema(named);
    return found === undefined ? undefined : catalog.findRelation(found.oid, name);
  }
  for (const candidate of binder.searchPath) {
    const found: SchemaDescriptor | undefined = catalog.findSchema(candidate);
    const relation = found === undefined ? undefined : catalog.findRelation(found.oid, name);
    if (relation !== undefined) return relation;
  }
  return undefined;
}

/** The relation of a RangeVar, or 42P01. */
export function relationOf(binder: Binder, range: RangeVar): RelationDescriptor {
  const position = binder.position(range.location);
  const name = range.relname ?? '';
  if (
    range.catalogname !== undefined &&
    range.catalogname !== binder.context.catalog.database.name
  ) {
    throw databaseError(
      'featureNotSupported',
      `cross-database references are not implemented: "${range.catalogname}.${range.schemaname}.${name}"`,
      at(position),
    );
  }
  const relation = findRelation(binder, { schema: range.schemaname, name });
  if (range.schemaname !== undefined) binder.useSchema(range.schemaname, position);
  if (relation === undefined) {
    throw undefinedTable(
      range.schemaname === undefined ? name : `${range.schemaname}.${name}`,
      position,
    );
  }
  return relation;
}
