// Statements inside others: PREPARE, DECLARE, EXPLAIN.

import type { Node } from '@pgsql/types';
import type { ParsedStatement } from '#planner';

/** A part of a statement's tree as a statement of its own. */
export function newParsedStatement(outer: ParsedStatement, node: Node): ParsedStatement {
  return { ...outer, statement: node };
}
