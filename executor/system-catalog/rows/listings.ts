// The views of pg_catalog for people: pg_tables, pg_indexes, pg_views, pg_sequences.

import { canonicalInteger, type RelationDescriptor, type TableDescriptor } from '#common';
import { viewText } from '../../catalog/view-text.ts';
import { indexDefinition } from '../../catalog/definitions.ts';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';
import { systemRelations } from '../relations.ts';

function schemaName({ catalog }: CatalogScope, relation: RelationDescriptor): string {
  return catalog.schemaByOid(relation.schemaOid)?.name ?? '';
}

function roleName({ catalog }: CatalogScope, oid: number): string {
  return catalog.roleByOid(oid)?.name ?? '';
}

function* userTables({ catalog }: CatalogScope): Iterable<TableDescriptor> {
  for (const relation of catalog.userRelations()) if (relation.kind === 'table') yield relation;
}

function* tableRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const relation of systemRelations()) {
    if (relation.relationKind !== 'r') continue;
    yield {
      schemaname: schemaName(scope, relation),
      tablename: relation.name,
      tableowner: roleName(scope, relation.owner),
      hasindexes: true,
      hasrules: false,
      hastriggers: false,
      rowsecurity: false,
    };
  }
  for (const table of userTables(scope)) {
    if (table.materialized !== undefined) continue;
    yield {
      schemaname: schemaName(scope, table),
      tablename: table.name,
      tableowner: roleName(scope, table.owner),
      hasindexes: table.indexes.length > 0,
      hasrules: table.rules !== undefined,
      hastriggers:
        table.referencedBy.length > 0 || table.constraints.some(({ type }) => type === 'foreign'),
      rowsecurity: table.rowSecurity?.enabled ?? false,
    };
  }
}

function* indexRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of userTables(scope)) {
    for (const index of table.indexes) {
      yield {
        schemaname: schemaName(scope, table),
        tablename: table.name,
        indexname: index.name,
        indexdef: indexDefinition(scope.names, index, false),
      };
    }
  }
}

function* viewRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const view of scope.catalog.userRelations()) {
    if (view.kind !== 'view') continue;
    yield {
      schemaname: schemaName(scope, view),
      viewname: view.name,
      viewowner: roleName(scope, view.owner),
      definition: viewText(scope.names, view, false) ?? null,
    };
  }
}

function* materializedViewRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of userTables(scope)) {
    const { materialized } = table;
    if (materialized === undefined) continue;
    yield {
      schemaname: schemaName(scope, table),
      matviewname: table.name,
      matviewowner: roleName(scope, table.owner),
      hasindexes: table.indexes.length > 0,
      ispopulated: materialized.populated,
      definition: viewText(scope.names, table, false) ?? null,
    };
  }
}

const number = (text: string): number | bigint => canonicalInteger(BigInt(text));

function* sequenceListing(scope: CatalogScope): Iterable<CatalogRow> {
  for (const sequence of scope.catalog.userRelations()) {
    if (sequence.kind !== 'sequence') continue;
    const counter = scope.catalog.storage.readCounter(sequence.counterId);
    yield {
      schemaname: schemaName(scope, sequence),
      sequencename: sequence.name,
      sequenceowner: roleName(scope, sequence.owner),
      data_type: sequence.dataType,
      start_value: number(sequence.start),
      min_value: number(sequence.minimum),
      max_value: number(sequence.maximum),
      increment_by: number(sequence.increment),
      cycle: sequence.cycle,
      cache_size: number(sequence.cache),
      last_value: counter?.isCalled === true ? canonicalInteger(counter.lastValue) : null,
    };
  }
}

function* sequenceRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const sequence of scope.catalog.userRelations()) {
    if (sequence.kind !== 'sequence') continue;
    yield {
      seqrelid: sequence.oid,
      seqtypid: sequence.dataType,
      seqstart: number(sequence.start),
      seqincrement: number(sequence.increment),
      seqmax: number(sequence.maximum),
      seqmin: number(sequence.minimum),
      seqcache: number(sequence.cache),
      seqcycle: sequence.cycle,
    };
  }
}

export const listingSources: RowSources = {
  pg_tables: tableRows,
  pg_indexes: indexRows,
  pg_views: viewRows,
  pg_matviews: materializedViewRows,
  pg_sequences: sequenceListing,
  pg_sequence: sequenceRows,
};
