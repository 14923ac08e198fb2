// FOR UPDATE on a subquery or a view in FROM holds for the tables inside it.

import type { LockingClause, SelectStmt } from '@pgsql/types';
import { bodyOf } from './node.ts';

/** The clauses that reach an item of FROM, as clauses of its own query. */
export function inheritedLocking(
  clauses: readonly LockingClause[],
  name: string,
): readonly LockingClause[] {
  return clauses
    .filter(
      ({ lockedRels }) =>
        lockedRels === undefined ||
        lockedRels.some((node) => bodyOf(node, 'RangeVar')?.relname === name),
    )
    .map(({ strength, waitPolicy }) => ({ strength, waitPolicy }));
}

export function withLocking(statement: SelectStmt, clauses: readonly LockingClause[]): SelectStmt {
  if (clauses.length === 0 || statement.valuesLists !== undefined) return statement;
  const added = clauses.map((clause) => ({ LockingClause: clause }));
  return { ...statement, lockingClause: [...(statement.lockingClause ?? []), ...added] };
}
