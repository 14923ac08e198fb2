// pg_attribute, pg_attrdef: columns of relations and their defaults.

import {
  type ColumnDescriptor,
  type IndexDescriptor,
  type RelationDescriptor,
  type SqlType,
  typeByOid,
  TypeOid,
} from '#common';
import { expressionText } from '../../catalog/expression-text.ts';
import { indexColumnNames } from '../../catalog/index-column-names.ts';
import { defaultOid } from '../catalog-oids.ts';
import {
  aclArray,
  type CatalogRow,
  type CatalogScope,
  type Lookups,
  optionArray,
  type RowSources,
} from '../contract.ts';
import { systemRelationByOid } from '../relations.ts';
import { askedRelations, compositeTypes } from './asked-relations.ts';

/** A column of anything that has columns, as pg_attribute shows it. */
interface AttributeFacts {
  readonly name: string;
  readonly type: SqlType;
  readonly number: number;
  readonly column?: ColumnDescriptor;
  /** Of an expression of an index. */
  readonly statisticsTarget?: number | undefined;
}

function attributesOf(scope: CatalogScope, relation: RelationDescriptor): AttributeFacts[] {
  if (relation.kind === 'sequence') {
    return [
      { name: 'last_value', type: { oid: TypeOid.int8, typmod: -1 }, number: 1 },
      { name: 'log_cnt', type: { oid: TypeOid.int8, typmod: -1 }, number: 2 },
      { name: 'is_called', type: { oid: TypeOid.bool, typmod: -1 }, number: 3 },
    ];
  }
  if (relation.kind === 'index') return indexAttributes(scope, relation);
  return relation.columns.map((column) => ({
    name: column.name,
    type: column.type,
    number: column.attributeNumber,
    column,
  }));
}

function indexAttributes({ catalog }: CatalogScope, index: IndexDescriptor): AttributeFacts[] {
  const table = catalog.tableByOid(index.tableOid)!;
  const numbers = [
    ...index.columns.map(({ attributeNumber }) => attributeNumber),
    ...index.included,
  ];
  const names = indexColumnNames(table, index.columns, index.included);
  return numbers.map((attribute, position) => {
    const column = attribute === 0 ? undefined : table.columns[attribute - 1];
    return {
      name: names[position] ?? column?.name ?? 'expr',
      type: column?.type ?? index.columns[position].type ?? { oid: TypeOid.text, typmod: -1 },
      number: position + 1,
      statisticsTarget: index.columns[position]?.statisticsTarget,
    };
  });
}

function attributeRow(
  scope: CatalogScope,
  relation: { readonly oid: number },
  { name, type, number, column, statisticsTarget }: AttributeFacts,
): CatalogRow {
  const facts = typeByOid(type.oid);
  const isDropped = column?.dropped ?? false;
  const hasDefault = column?.default !== undefined || column?.generated !== undefined;
  return {
    attrelid: relation.oid,
    attname: name,
    atttypid: isDropped ? 0 : type.oid,
    attstattarget: column?.statisticsTarget ?? statisticsTarget ?? -1,
    attlen: facts?.length ?? -1,
    attnum: number,
    attndims:
      facts !== undefined && facts.elementOid !== 0 && facts.category === 'A' && facts.length === -1
        ? 1
        : 0,
    attcacheoff: -1,
    atttypmod: type.typmod,
    attbyval: facts?.facts.byValue ?? false,
    attalign: facts?.facts.alignment ?? 'd',
    attstorage: facts?.facts.storage ?? 'x',
    attcompression: '',
    attnotnull: column?.notNull ?? false,
    atthasdef: hasDefault,
    atthasmissing: column?.missingValue !== undefined,
    attidentity: column?.identity === undefined ? '' : column.identity === 'always' ? 'a' : 'd',
    attgenerated: column?.generated === undefined ? '' : 's',
    attisdropped: isDropped,
    attislocal: column?.isLocal ?? true,
    attinhcount: column?.inheritCount ?? 0,
    attcollation: type.collation ?? facts?.facts.collation ?? 0,
    attfdwoptions: optionArray(column?.foreignOptions),
    attacl: aclArray(scope, column?.acl),
  };
}

/** What PostgreSQL keeps with every stored row. */
const systemColumns: readonly AttributeFacts[] = [
  { name: 'tableoid', type: { oid: TypeOid.oid, typmod: -1 }, number: -6 },
  { name: 'cmax', type: { oid: TypeOid.cid, typmod: -1 }, number: -5 },
  { name: 'xmax', type: { oid: TypeOid.xid, typmod: -1 }, number: -4 },
  { name: 'cmin', type: { oid: TypeOid.cid, typmod: -1 }, number: -3 },
  { name: 'xmin', type: { oid: TypeOid.xid, typmod: -1 }, number: -2 },
  { name: 'ctid', type: { oid: TypeOid.tid, typmod: -1 }, number: -1 },
];

function hasSystemColumns(relation: RelationDescriptor): boolean {
  if (relation.kind === 'system') return systemRelationByOid(relation.oid)?.relationKind === 'r';
  return relation.kind === 'table' || relation.kind === 'sequence';
}

function* attributeRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  for (const composite of compositeTypes(scope, lookups, 'attrelid')) {
    for (const column of composite.columns) {
      const { name, type, attributeNumber: number } = column;
      yield attributeRow(scope, { oid: composite.relationOid }, { name, type, number, column });
    }
  }
  for (const relation of askedRelations(scope, lookups, 'attrelid')) {
    for (const attribute of attributesOf(scope, relation))
      yield attributeRow(scope, relation, attribute);
    if (hasSystemColumns(relation)) {
      for (const { name, type, number } of systemColumns) {
        const row = attributeRow(scope, relation, { name, type, number });
        yield { ...row, attnotnull: true, attstattarget: 0 };
      }
    }
  }
}

function* defaultRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  for (const relation of askedRelations(scope, lookups, 'adrelid')) {
    if (relation.kind !== 'table') continue;
    for (const column of relation.columns) {
      const stored = column.generated ?? column.default;
      if (stored === undefined || column.dropped) continue;
      yield {
        oid: defaultOid(relation, column.attributeNumber),
        adrelid: relation.oid,
        adnum: column.attributeNumber,
        adbin: expressionText(scope.names, stored.sql),
      };
    }
  }
}

export const attributeSources: RowSources = {
  pg_attribute: attributeRows,
  pg_attrdef: defaultRows,
};
