// information_schema.columns and the facts about types that other relations of it share.

import {
  baseTypeOf,
  BuiltinOid,
  CollationOid,
  type ColumnDescriptor,
  type Datum,
  type RelationDescriptor,
  type SqlType,
  typeByOid,
  typeDisplayName,
  TypeOid,
} from '#common';
import { updatableEvents, updateEvents } from '../../catalog/updatability.ts';
import { expressionText } from '../../catalog/expression-text.ts';
import type { CatalogRow, CatalogScope, Lookups, RowSources } from '../contract.ts';
import { systemRelationByOid } from '../relations.ts';

export function yesNo(value: boolean): string {
  return value ? 'YES' : 'NO';
}

/** Relations that information_schema shows: tables and views. */
export function* shownRelations(
  { catalog }: CatalogScope,
  lookups: Lookups,
): Iterable<Extract<RelationDescriptor, { readonly rowTypeOid: number }>> {
  const wanted = lookups.get('table_name');
  const schemaName = lookups.get('table_schema');
  const isUserSchema =
    typeof schemaName === 'string' &&
    schemaName !== 'pg_catalog' &&
    schemaName !== 'information_schema';
  for (const relation of isUserSchema ? catalog.userRelations() : catalog.relations()) {
    if (!('rowTypeOid' in relation)) continue;
    if (relation.kind === 'table' && relation.materialized !== undefined) continue;
    if (wanted !== undefined && relation.name !== wanted) continue;
    yield relation;
  }
}

/** information_schema's word for a type: ARRAY, format_type() or USER-DEFINED. */
export function dataType(type: SqlType): string {
  const facts = typeByOid(baseTypeOf(type.oid));
  if (facts === undefined) return 'USER-DEFINED';
  if (facts.category === 'A' && facts.length === -1) return 'ARRAY';
  if (facts.oid >= BuiltinOid.firstUserOid) return 'USER-DEFINED';
  if (facts.oid !== type.oid) return typeDisplayName(facts.oid) ?? facts.name;
  return typeDisplayName(type.oid) ?? facts.name;
}

const integerBits: ReadonlyMap<number, number> = new Map<number, number>([
  [TypeOid.int2, 16],
  [TypeOid.int4, 32],
  [TypeOid.int8, 64],
]);
const floatBits: ReadonlyMap<number, number> = new Map<number, number>([
  [TypeOid.float4, 24],
  [TypeOid.float8, 53],
]);
const timeTypes = new Set<number>([
  TypeOid.time,
  TypeOid.timetz,
  TypeOid.timestamp,
  TypeOid.timestamptz,
]);
const microsecondDigits = 6;
/** What PostgreSQL answers for text without a limit. */
const octetLengthMax = 1073741824;
const bytesPerCharacter = 4;
const typmodOffset = 4;

function belowDomains(type: SqlType): SqlType {
  const known = typeByOid(type.oid);
  if (known?.kind !== 'domain') return type;
  return belowDomains({ oid: known.facts.base, typmod: known.facts.baseModifier });
}

/** Lengths, precisions and scales by type and modifier. */
export function typeFacts(type: SqlType): CatalogRow {
  const { oid, typmod } = belowDomains(type);
  if (oid === TypeOid.varchar || oid === TypeOid.bpchar) {
    const length = typmod < 0 ? null : typmod - typmodOffset;
    return {
      character_maximum_length: length,
      character_octet_length: length === null ? octetLengthMax : length * bytesPerCharacter,
    };
  }
  if (oid === TypeOid.text) return { character_octet_length: octetLengthMax };
  if (oid === TypeOid.bit || oid === TypeOid.varbit)
    return { character_maximum_length: typmod < 0 ? null : typmod };
  const integer = integerBits.get(oid);
  if (integer !== undefined)
    return { numeric_precision: integer, numeric_precision_radix: 2, numeric_scale: 0 };
  const float = floatBits.get(oid);
  if (float !== undefined) return { numeric_precision: float, numeric_precision_radix: 2 };
  if (oid === TypeOid.numeric) {
    if (typmod < 0) return { numeric_precision_radix: 10 };
    const packed = typmod - typmodOffset;
    const scale = ((packed & 0x7ff) ^ 1024) - 1024;
    return { numeric_precision: packed >> 16, numeric_precision_radix: 10, numeric_scale: scale };
  }
  if (oid === TypeOid.date) return { datetime_precision: 0 };
  if (timeTypes.has(oid)) return { datetime_precision: typmod < 0 ? microsecondDigits : typmod };
  if (oid === TypeOid.interval) return intervalFacts(typmod);
  return {};
}

function intervalFacts(typmod: number): CatalogRow {
  const digits = typmod & 0xffff;
  return { datetime_precision: typmod < 0 || digits === 0xffff ? microsecondDigits : digits };
}

/** udt_catalog, udt_schema, udt_name: of the type below a domain. */
export function userTypeName({ catalog }: CatalogScope, { oid }: SqlType): CatalogRow {
  const base = baseTypeOf(oid);
  const place = catalog.typeByOid(base) ?? catalog.rowType(base);
  const schema = base < BuiltinOid.firstUserOid ? undefined : place?.schemaOid;
  return {
    udt_catalog: catalog.database.name,
    udt_schema: schema === undefined ? 'pg_catalog' : (catalog.schemaByOid(schema)?.name ?? ''),
    udt_name: typeByOid(base)?.name ?? place?.name ?? null,
  };
}

/** domain_catalog, domain_schema, domain_name. */
export function domainName({ catalog }: CatalogScope, { oid }: SqlType): CatalogRow {
  const type = catalog.typeByOid(oid);
  if (type?.definition.type !== 'domain' || type.oid !== oid) return {};
  return {
    domain_catalog: catalog.database.name,
    domain_schema: catalog.schemaByOid(type.schemaOid)?.name ?? '',
    domain_name: type.name,
  };
}

/** collation_catalog, collation_schema, collation_name; nothing for the default. */
function collationName({ catalog }: CatalogScope, type: SqlType): CatalogRow {
  const oid = type.collation ?? typeByOid(type.oid)?.facts.collation ?? CollationOid.default;
  if (oid === 0 || oid === CollationOid.default) return {};
  const collation = catalog.collationByOid(oid);
  if (collation === undefined) return {};
  return {
    collation_catalog: catalog.database.name,
    collation_schema: catalog.schemaByOid(collation.schemaOid)?.name ?? '',
    collation_name: collation.name,
  };
}

function identityFacts({ catalog }: CatalogScope, column: ColumnDescriptor): CatalogRow {
  const sequence =
    column.identity === undefined ? undefined : catalog.relationByOid(column.sequenceOid ?? 0);
  if (sequence?.kind !== 'sequence') return { is_identity: 'NO', identity_cycle: 'NO' };
  return {
    is_identity: 'YES',
    identity_generation: column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT',
    identity_start: sequence.start,
    identity_increment: sequence.increment,
    identity_maximum: sequence.maximum,
    identity_minimum: sequence.minimum,
    identity_cycle: yesNo(sequence.cycle),
  };
}

function* columnRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const { catalog, names } = scope;
  const shown = (sql: string): Datum => expressionText(names, sql);
  for (const relation of shownRelations(scope, lookups)) {
    const schema = catalog.schemaByOid(relation.schemaOid)?.name ?? '';
    const isTable =
      relation.kind === 'table' || systemRelationByOid(relation.oid)?.relationKind === 'r';
    const isUpdatable = (column: string): boolean => {
      const events = updatableEvents(relation, catalog, { triggers: false, column });
      const both = updateEvents.update | updateEvents.delete;
      return (events & both) === both;
    };
    let ordinal = 0;
    for (const column of relation.columns) {
      ordinal++;
      if (column.dropped) continue;
      yield {
        table_catalog: catalog.database.name,
        table_schema: schema,
        table_name: relation.name,
        column_name: column.name,
        ordinal_position: ordinal,
        column_default: column.default === undefined ? null : shown(column.default.sql),
        is_nullable: yesNo(!column.notNull),
        data_type: dataType(column.type),
        ...typeFacts(column.type),
        ...collationName(scope, column.type),
        ...userTypeName(scope, column.type),
        ...domainName(scope, column.type),
        dtd_identifier: String(column.attributeNumber),
        is_self_referencing: 'NO',
        ...identityFacts(scope, column),
        is_generated: column.generated === undefined ? 'NEVER' : 'ALWAYS',
        generation_expression: column.generated === undefined ? null : shown(column.generated.sql),
        is_updatable: yesNo(isTable || isUpdatable(column.name)),
      };
    }
  }
}

export const informationColumnSources: RowSources = { columns: columnRows };
