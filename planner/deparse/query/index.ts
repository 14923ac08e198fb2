// Stored queries as PostgreSQL prints them: pg_get_viewdef().

import { DatabaseError } from '#common';
import { storedSource, type BindContext } from '../../bind/context.ts';
import { newBinder } from '../../bind/grammar.ts';
import { bodyOf } from '../../bind/node.ts';
import { QueryRecord } from '../../bind/query-record.ts';
import { Scope } from '../../bind/scope.ts';
import { parseStored } from '../../bind/view.ts';
import { parseStatements } from '../../parse/index.ts';
import { laidOut } from './layout.ts';
import { type PrintNames, QueryPrinter } from './printer.ts';

export type { PrintNames } from './printer.ts';

export interface PrintRequest {
  readonly context: BindContext;
  readonly names: PrintNames;
  readonly pretty: boolean;
  /** The result's columns as its reader knows them. */
  readonly columns?: readonly string[];
}

/** undefined: the query has parts that this cannot print, or that PostgreSQL does not have. */
export function printQuery(sql: string, request: PrintRequest): string | undefined {
  try {
    const { statement, temporalClauses } = parseStored(sql);
    const select = bodyOf(statement, 'SelectStmt');
    if (select === undefined || temporalClauses.size > 0) return undefined;
    const record = new QueryRecord();
    const source = storedSource(temporalClauses);
    const binder = newBinder({ ...request.context, record, definesOnly: true }, source);
    const scope = new Scope(binder, undefined);
    scope.locksLeniently = true;
    binder.grammar.select(select, scope);
    const { names, pretty, columns } = request;
    const printer = new QueryPrinter(record, { names, pretty }, ['old', 'new']);
    const text = laidOut(
      printer.query(select, { level: undefined, indent: 0, columns, namesVisible: true }),
    );
    // What does not parse is no definition.
    parseStatements(text);
    return text;
  } catch (error) {
    if (error instanceof DatabaseError && error.sqlState !== 'XX000') return undefined;
    throw error;
  }
}
