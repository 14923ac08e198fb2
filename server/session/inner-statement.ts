// Statements inside others: PREPARE, DECLARE, EXPLAIN, CREATE TABLE AS.

import type { Node } from '@pgsql/types';
import type { ParsedStatement } from '#planner';

/** A part of a statement's tree as a statement of its own. */
export function newParsedStatement(outer: ParsedStatement, node: Node): ParsedStatement {
  return { ...outer, statement: node };
}

/** The query inside a statement that takes its parameters; undefined: it has none. */
export function innerQuery({ statement }: ParsedStatement): Node | undefined {
  if ('ExplainStmt' in statement) return queryOf(statement.ExplainStmt.query);
  return queryOf(statement);
}

function queryOf(node: Node | undefined): Node | undefined {
  if (node === undefined) return undefined;
  if ('DeclareCursorStmt' in node) return node.DeclareCursorStmt.query;
  if ('CreateTableAsStmt' in node) return node.CreateTableAsStmt.query;
  if ('SelectStmt' in node) {
    const { intoClause: _into, ...query } = node.SelectStmt;
    return { SelectStmt: query };
  }
  return 'ExecuteStmt' in node ? undefined : isModification(node) ? node : undefined;
}

function isModification(node: Node): boolean {
  return (
    'InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node || 'MergeStmt' in node
  );
}
