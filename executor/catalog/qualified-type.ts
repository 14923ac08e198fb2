// Types as they are called under any search path (format_type_be_qualified).

import { elementTypeOf, quoteIdentifier, TypeOid } from '#common';
import { typeText } from './entry-names.ts';
import type { CatalogNames } from './names.ts';

/** Types that the SQL standard names: their names are never qualified. */
const standardTypes = new Set<number>([
  TypeOid.bit,
  TypeOid.bool,
  TypeOid.bpchar,
  TypeOid.float4,
  TypeOid.float8,
  TypeOid.int2,
  TypeOid.int4,
  TypeOid.int8,
  TypeOid.numeric,
  TypeOid.interval,
  TypeOid.time,
  TypeOid.timetz,
  TypeOid.timestamp,
  TypeOid.timestamptz,
  TypeOid.varbit,
  TypeOid.varchar,
]);

/** format_type_be_qualified() */
export function qualifiedType(names: CatalogNames, oid: number): string {
  const type = names.catalog.typeByOid(oid) ?? names.catalog.rowType(oid);
  if (type === undefined) {
    const element = elementTypeOf(oid);
    const isStandard = standardTypes.has(element === 0 ? oid : element);
    return `${isStandard ? '' : 'pg_catalog.'}${typeText(names, oid)}`;
  }
  const text = typeText(names, oid);
  const schema = quoteIdentifier(names.catalog.schemaByOid(type.schemaOid)?.name ?? '');
  return text.startsWith(`${schema}.`) ? text : `${schema}.${text}`;
}
