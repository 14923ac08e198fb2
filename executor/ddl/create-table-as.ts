// CREATE TABLE AS and SELECT INTO: a table shaped like the result of a query, and filled with it.

import type { CreateTableAsStmt, IntoClause, Node, SelectStmt } from '@pgsql/types';
import { notSupported } from '#common';
import { bindStatement, definitionElements, type ParsedStatement, stringsOf } from '#planner';
import type { UtilityWork } from './contract.ts';
import { buildTable } from './create-table.ts';
import { columnsOf, fill } from './query-result.ts';
import { createMaterializedView } from './materialized-views.ts';
import { persistenceOf } from './sequences.ts';
import type { DdlStatement } from './statement.ts';
import { readTableOptions } from './table-options.ts';
import { scheduleOnCommit } from './temporary-tables.ts';

export function* createTableAs(ddl: DdlStatement, statement: CreateTableAsStmt): UtilityWork {
  if (statement.objtype === 'OBJECT_MATVIEW') return yield* createMaterializedView(ddl, statement);
  const query = statement.query!;
  if (!('SelectStmt' in query)) throw notSupported('CREATE TABLE AS EXECUTE');
  return yield* makeTable(ddl, query, statement.into!, statement.if_not_exists ?? false);
}

export function* selectInto(ddl: DdlStatement, statement: SelectStmt): UtilityWork {
  const { intoClause, ...query } = statement;
  return yield* makeTable(ddl, { SelectStmt: query }, intoClause!, false);
}

function* makeTable(
  ddl: DdlStatement,
  query: Node,
  into: IntoClause,
  ifNotExists: boolean,
): UtilityWork {
  const range = into.rel!;
  const place = ddl.creationName(range);
  if (!ddl.claimName(place)) {
    if (!ifNotExists) ddl.requireFreeName(place);
    ddl.notice(`relation "${place.name}" already exists, skipping`, '42P07');
    return 'CREATE TABLE AS';
  }
  const parsed: ParsedStatement = { ...ddl.parsed, statement: query };
  const { parameterTypes } = ddl.context;
  const bound = bindStatement(parsed, {
    ...ddl.bindContext,
    parameterTypes,
    allowParameters: parameterTypes.length > 0,
  });
  const table = buildTable(ddl, {
    place,
    elements: { columns: columnsOf(bound, stringsOf(into.colNames)), constraints: [] },
    options: readTableOptions(ddl, definitionElements(into.options)),
    tablespace: into.tableSpaceName,
    persistence: place.schema.name.startsWith('pg_temp_')
      ? 'temporary'
      : persistenceOf(range.relpersistence),
  });
  scheduleOnCommit(ddl, table, into.onCommit);
  if (into.skipData === true) return 'CREATE TABLE AS';
  const rows = yield* fill(ddl, ddl.table(table.oid), bound);
  return `SELECT ${rows}`;
}
