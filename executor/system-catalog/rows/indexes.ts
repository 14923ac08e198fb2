// pg_index.

import { type IndexDescriptor, type TableDescriptor, typeByOid, TypeOid } from '#common';
import { expressionText } from '../../catalog/expression-text.ts';
import {
  type CatalogRow,
  type CatalogScope,
  type Lookups,
  type RowSources,
  vector,
} from '../contract.ts';
import { askedRelations } from './asked-relations.ts';
import { operatorClassOf } from './operator-classes.ts';

function* indexRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const { catalog } = scope;
  const indexOid = lookups.get('indexrelid');
  if (typeof indexOid === 'number') {
    const index = catalog.indexByOid(indexOid);
    if (index !== undefined) yield indexRow(scope, catalog.tableByOid(index.tableOid)!, index);
    return;
  }
  for (const relation of askedRelations(scope, lookups, 'indrelid')) {
    if (relation.kind !== 'table') continue;
    for (const index of relation.indexes) yield indexRow(scope, relation, index);
  }
}

const descendingBit = 1;
const nullsFirstBit = 2;

function indexRow(
  { names }: CatalogScope,
  table: TableDescriptor,
  index: IndexDescriptor,
): CatalogRow {
  const keys = index.columns.map(({ attributeNumber }) => attributeNumber);
  const types = keys.map((attribute) =>
    attribute === 0 ? TypeOid.text : table.columns[attribute - 1].type.oid,
  );
  const expressions = index.columns.flatMap(({ expression }) =>
    expression === undefined ? [] : [expressionText(names, expression.sql)],
  );
  const constraint = table.constraints.find(
    (candidate) => 'indexOid' in candidate && candidate.indexOid === index.oid,
  );
  return {
    indexrelid: index.oid,
    indrelid: table.oid,
    indnatts: keys.length + index.included.length,
    indnkeyatts: keys.length,
    indisunique: index.unique,
    indnullsnotdistinct: index.nullsNotDistinct,
    indisprimary: index.primary,
    indisexclusion: constraint?.type === 'exclude',
    indimmediate: constraint?.deferrable !== true,
    indisclustered: false,
    indisvalid: index.valid,
    indcheckxmin: false,
    indisready: true,
    indislive: true,
    indisreplident:
      typeof table.replicaIdentity === 'object' && table.replicaIdentity.indexOid === index.oid,
    indkey: vector(TypeOid.int2, [...keys, ...index.included]),
    indcollation: vector(
      TypeOid.oid,
      index.columns.map(
        ({ attributeNumber, collation }, at) =>
          collation ??
          table.columns[attributeNumber - 1]?.type.collation ??
          typeByOid(types[at])?.facts.collation ??
          0,
      ),
    ),
    indclass: vector(
      TypeOid.oid,
      types.map((type, at) => index.columns[at].operatorClassOid ?? operatorClassOf(type)),
    ),
    indoption: vector(
      TypeOid.int2,
      index.columns.map(
        (column) =>
          (column.descending ? descendingBit : 0) | (column.nullsFirst ? nullsFirstBit : 0),
      ),
    ),
    indexprs: expressions.length === 0 ? null : expressions.join(', '),
    indpred: index.predicate === undefined ? null : expressionText(names, index.predicate.sql),
  };
}

export const indexSources: RowSources = { pg_index: indexRows };
