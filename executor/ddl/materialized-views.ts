// CREATE and REFRESH MATERIALIZED VIEW. A materialized view is a table that keeps the query which fills
// it; nobody else writes it. Refreshing fills new trees and puts them in the place of the old ones.

import type { CreateTableAsStmt, RefreshMatViewStmt } from '@pgsql/types';
import { databaseError, notSupported, type TableDescriptor } from '#common';
import {
  bindStatement,
  definitionElements,
  type ParsedStatement,
  parseStatements,
  stringsOf,
} from '#planner';
import { TableLock } from '#storage';
import type { UtilityWork } from './contract.ts';
import { columnsOf, fill } from './query-result.ts';
import { buildTable } from './create-table.ts';
import { prepareIndexComputations } from '../write/index-computations.ts';
import type { DdlStatement } from './statement.ts';
import { readTableOptions } from './table-options.ts';
import { dropTrees, withNewTrees } from './table-trees.ts';
import { viewDefinition } from './views.ts';

export function* createMaterializedView(
  ddl: DdlStatement,
  statement: CreateTableAsStmt,
): UtilityWork {
  const into = statement.into!;
  const query = statement.query!;
  if (!('SelectStmt' in query)) throw notSupported('a materialized view over EXECUTE');
  const place = ddl.creationName(into.rel!);
  if (!ddl.claimName(place)) {
    if (statement.if_not_exists !== true) ddl.requireFreeName(place);
    ddl.notice(`relation "${place.name}" already exists, skipping`, '42P07');
    return 'CREATE MATERIALIZED VIEW';
  }
  const parsed: ParsedStatement = { ...ddl.parsed, statement: query };
  const bound = bindStatement(parsed, ddl.bindContext);
  const { definition: written, usesTemporary } = viewDefinition(ddl, parsed, bound);
  const definition = { ...written, sql: written.sql.replace(/\s+with\s+(no\s+)?data\s*$/i, '') };
  if (usesTemporary) {
    throw databaseError(
      'featureNotSupported',
      'materialized views must not use temporary tables or views',
    );
  }
  const table = buildTable(ddl, {
    place,
    elements: { columns: columnsOf(bound, stringsOf(into.colNames)), constraints: [] },
    options: readTableOptions(ddl, definitionElements(into.options)),
    tablespace: into.tableSpaceName,
    persistence: 'permanent',
  });
  const populated = into.skipData !== true;
  const view: TableDescriptor = { ...table, materialized: { definition, populated } };
  ddl.put(view);
  if (!populated) return 'CREATE MATERIALIZED VIEW';
  return `SELECT ${yield* fill(ddl, view, bound)}`;
}

export function* refreshMaterializedView(
  ddl: DdlStatement,
  statement: RefreshMatViewStmt,
): UtilityWork {
  const tag = 'REFRESH MATERIALIZED VIEW';
  const found = ddl.requireRelation(statement.relation!, TableLock.accessExclusive);
  if (found.kind !== 'table' || found.materialized === undefined) {
    throw databaseError('featureNotSupported', `"${found.name}" is not a materialized view`);
  }
  ddl.requireOwner('materialized view', found);
  const populated = statement.skipData !== true;
  if (statement.concurrent === true) requireConcurrent(ddl, found, populated);
  const { definition } = found.materialized;
  const emptied = withNewTrees(ddl, { ...found, materialized: { definition, populated } });
  dropTrees(ddl, found);
  ddl.put(emptied);
  if (!populated) return tag;
  const [parsed] = parseStatements(definition.sql);
  const bound = bindStatement(parsed, ddl.bindContext);
  prepareIndexComputations(emptied, ddl.executionContext);
  yield* fill(ddl, emptied, bound);
  return tag;
}

/** Rows are told apart by a unique index. 55000. */
function requireConcurrent(ddl: DdlStatement, view: TableDescriptor, populated: boolean): void {
  if (!populated) {
    throw databaseError(
      'syntaxError',
      'CONCURRENTLY and WITH NO DATA options cannot be used together',
    );
  }
  if (view.materialized?.populated !== true) {
    throw databaseError(
      'featureNotSupported',
      'CONCURRENTLY cannot be used when the materialized view is not populated',
    );
  }
  const isKey = view.indexes.some(
    (index) =>
      index.unique &&
      index.predicate === undefined &&
      index.columns.every(({ expression }) => expression === undefined),
  );
  if (isKey) return;
  const schema = ddl.schemaByOid(view.schemaOid).name;
  throw databaseError(
    'objectNotInPrerequisiteState',
    `cannot refresh materialized view "${schema}.${view.name}" concurrently`,
    {
      hint: 'Create a unique index with no WHERE clause on one or more columns of the materialized view.',
    },
  );
}
