// Which relations a scan of pg_class and of the catalogs beside it is about, by what its lookups say.

import type { ColumnDescriptor, RelationDescriptor, UserTypeDescriptor } from '#common';
import type { CatalogScope, Lookups } from '../contract.ts';

/** The relations that a lookup by oid, or by name and schema, leaves; all of them without one. */
export function* askedRelations(
  { catalog }: CatalogScope,
  lookups: Lookups,
  oidColumn: string,
): Iterable<RelationDescriptor> {
  const oid = lookups.get(oidColumn);
  if (oid !== undefined) {
    const relation = typeof oid === 'number' ? catalog.relationByOid(oid) : undefined;
    if (relation !== undefined) yield relation;
    return;
  }
  const name = lookups.get('relname');
  if (typeof name === 'string') {
    for (const schema of catalog.schemas()) {
      const relation = catalog.findRelation(schema.oid, name);
      if (relation !== undefined) yield relation;
    }
    return;
  }
  const schema = lookups.get('relnamespace');
  for (const relation of catalog.relations()) {
    if (schema === undefined || relation.schemaOid === schema) yield relation;
  }
}

export interface CompositeRelation {
  readonly type: UserTypeDescriptor;
  readonly relationOid: number;
  readonly columns: readonly ColumnDescriptor[];
}

/** Composite types, which have a place in pg_class as well; those that the lookups leave. */
export function* compositeTypes(
  { catalog }: CatalogScope,
  lookups: Lookups,
  oidColumn: string,
): Iterable<CompositeRelation> {
  const oid = lookups.get(oidColumn);
  const name = lookups.get('relname');
  for (const type of catalog.types()) {
    const { definition } = type;
    if (definition.type !== 'composite') continue;
    if (oid !== undefined && oid !== definition.relationOid) continue;
    if (name !== undefined && name !== type.name) continue;
    yield { type, relationOid: definition.relationOid, columns: definition.columns };
  }
}
