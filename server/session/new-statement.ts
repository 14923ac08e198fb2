// Statements before they are bound, and what is known of them by their trees alone.

import { databaseError, type SqlType } from '#common';
import type { BoundQuery, ParsedStatement, ResultColumn } from '#planner';
import type { CachedStatement } from './plan-cache.ts';

const queryNodes = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);
/** Statements that are allowed in a failed transaction. */
const endingNodes = new Set(['ROLLBACK', 'COMMIT', 'PREPARE']);

/** Of no version of the catalog. */
export const unbound = Number.NaN;

export function newStatement(
  parsed: ParsedStatement,
  text: string,
  parameterTypes: readonly (SqlType | undefined)[],
): CachedStatement {
  const node = Object.keys(parsed.statement)[0];
  return {
    text,
    parsed,
    node,
    isQuery: queryNodes.has(node) && !isSelectInto(parsed),
    bound: undefined,
    plan: undefined,
    estimatedFor: undefined,
    steadyPlans: 0,
    plannedFor: 0,
    catalogVersion: unbound,
    boundIn: undefined,
    parameterTypes: parameterTypes.filter((type) => type !== undefined),
    fields: undefined,
    counted: undefined,
  };
}

/** SELECT … INTO makes a table: DDL. */
function isSelectInto(parsed: ParsedStatement): boolean {
  const { statement } = parsed;
  return 'SelectStmt' in statement && statement.SelectStmt.intoClause !== undefined;
}

/** Of a text without statements. */
export function emptyStatement(text: string): ParsedStatement {
  return {
    statement: { EmptyStmt: {} } as never,
    sql: text,
    start: 0,
    end: text.length,
    temporalClauses: new Map(),
    positionOf: () => undefined,
  };
}

/** Results but for a cursor's keys. */
export function visibleResults({ results, cursorKeys }: BoundQuery): readonly ResultColumn[] {
  const hidden = cursorKeys?.length ?? 0;
  return hidden === 0 ? results : results.slice(0, results.length - hidden);
}

/** A SELECT without columns still returns rows; DML without RETURNING does not. */
export function returnsRows(bound: BoundQuery): boolean {
  return bound.command === 'SELECT' || bound.command === 'VALUES';
}

/** COMMIT, ROLLBACK and ROLLBACK TO may run in a failed transaction. */
export function mayRunWhenFailed(statement: CachedStatement): boolean {
  const { statement: tree } = statement.parsed;
  if (!('TransactionStmt' in tree)) return false;
  const kind = String(tree.TransactionStmt.kind ?? '').replace('TRANS_STMT_', '');
  return endingNodes.has(kind) || kind === 'ROLLBACK_TO';
}

export function severalCommands(): Error {
  return databaseError('syntaxError', 'cannot insert multiple commands into a prepared statement');
}
