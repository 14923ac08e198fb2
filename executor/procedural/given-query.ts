// A query that a function was given as a text (ts_stat, ts_rewrite): run in the snapshot of the statement
// that calls, at once.

import type { GivenRows } from '#functions';
import { databaseError } from '#common';
import type { Pace, ProceduralHost, Work } from './host.ts';
import { InnerStatement, type StatementScope } from './inner-statement.ts';
import { runStatement } from './statement-run.ts';

/** No variables, and nothing is written. */
function scopeOf(host: ProceduralHost, pace: Pace): StatementScope {
  return {
    host,
    values: [],
    types: [],
    conflict: 'useColumn',
    find: () => undefined,
    parameter: () => undefined,
    fields: () => undefined,
    readOnly: true,
    pace,
  };
}

export function* runGivenQuery(host: ProceduralHost, text: string, pace: Pace): Work<GivenRows> {
  const statement = InnerStatement.parse(text);
  if (!statement.isQuery)
    throw databaseError('invalidParameterValue', 'the text is not a query that returns rows');
  const { prepared, rows } = yield* runStatement(statement, scopeOf(host, pace), Infinity);
  return { types: prepared!.bound.results.map(({ type }) => type.oid), rows: rows ?? [] };
}
