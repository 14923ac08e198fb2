// pg_inherits and pg_partitioned_table.

import { type TableDescriptor, TypeOid } from '#common';
import { typeCollation } from '#planner';
import { expressionText } from '../../catalog/expression-text.ts';
import { type CatalogRow, type CatalogScope, type RowSources, vector } from '../contract.ts';
import { operatorClassOf } from './operator-classes.ts';

function* userTables({ catalog }: CatalogScope): Iterable<TableDescriptor> {
  for (const relation of catalog.userRelations()) if (relation.kind === 'table') yield relation;
}

function* inheritRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of userTables(scope)) {
    let sequence = 0;
    for (const parent of table.parents ?? []) {
      sequence++;
      yield {
        inhrelid: table.oid,
        inhparent: parent,
        inhseqno: sequence,
        inhdetachpending: false,
      };
    }
    for (const index of table.indexes) {
      if (index.parentOid === undefined) continue;
      yield {
        inhrelid: index.oid,
        inhparent: index.parentOid,
        inhseqno: 1,
        inhdetachpending: false,
      };
    }
  }
}

const strategyCodes = { range: 'r', list: 'l', hash: 'h' } as const;

function* partitionedRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of userTables(scope)) {
    const { partitioning } = table;
    if (partitioning === undefined) continue;
    const { keys } = partitioning;
    const expressions = keys.flatMap(({ expression }) =>
      expression === undefined ? [] : [expressionText(scope.names, expression.sql)],
    );
    const fallback = (table.children ?? []).find(
      (oid) => scope.catalog.tableByOid(oid)?.partitionBound?.kind === 'default',
    );
    yield {
      partrelid: table.oid,
      partstrat: strategyCodes[partitioning.strategy],
      partnatts: keys.length,
      partdefid: fallback ?? 0,
      partattrs: vector(
        TypeOid.int2,
        keys.map(({ attributeNumber }) => attributeNumber),
      ),
      partclass: vector(
        TypeOid.oid,
        keys.map(({ type }) => operatorClassOf(type.oid)),
      ),
      partcollation: vector(
        TypeOid.oid,
        keys.map(({ type }) => typeCollation(type)),
      ),
      partexprs: expressions.length === 0 ? null : expressions.join(', '),
    };
  }
}

export const inheritanceSources: RowSources = {
  pg_inherits: inheritRows,
  pg_partitioned_table: partitionedRows,
};
