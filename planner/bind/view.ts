// Views: the stored definition is parsed and bound where the view is named, out of sight of what
// surrounds it. Parse trees are kept by text.

import type { LockingClause, SelectStmt } from '@pgsql/types';
import { databaseError, type ViewDescriptor } from '#common';
import { parseStatements, stackDepthError, type ParsedStatement } from '../parse/index.ts';
import type { BoundSelect } from './bound-select.ts';
import { storedSource, type Binder } from './context.ts';
import { bindLimits } from './limits.ts';
import { withLocking } from './lock-inheritance.ts';
import { bodyOf } from './node.ts';
import { Scope } from './scope.ts';

export function bindViewDefinition(
  view: ViewDescriptor,
  binder: Binder,
  locking: readonly LockingClause[],
): BoundSelect {
  if (binder.viewDepth >= bindLimits.viewDepthMax) throw stackDepthError();
  const { statement, temporalClauses } = parseStored(view.definition.sql);
  const select: SelectStmt | undefined = bodyOf(statement, 'SelectStmt');
  if (select === undefined) {
    throw databaseError('invalidObjectDefinition', `view "${view.name}" has no query`);
  }
  binder.viewDepth++;
  try {
    const scope = new Scope(binder, undefined);
    scope.locksLeniently = true;
    return binder.inView(view, () =>
      binder.withSource(storedSource(temporalClauses), () =>
        binder.grammar.select(withLocking(select, locking), scope),
      ),
    );
  } finally {
    binder.viewDepth--;
  }
}

const parsed = new Map<string, ParsedStatement>();

/** The one statement of a stored text; kept, since views and defaults are bound again and again. */
export function parseStored(sql: string): ParsedStatement {
  let statement = parsed.get(sql);
  if (statement === undefined) {
    [statement] = parseStatements(sql);
    if (statement === undefined)
      throw databaseError('invalidObjectDefinition', 'empty stored definition');
    if (parsed.size >= bindLimits.storedTextsMax) parsed.clear();
    parsed.set(sql, statement);
  }
  return statement;
}

/** Conditions of the view come before anything that a statement asks of its rows, unless that is leakproof. */
export function isBarrier(view: ViewDescriptor): boolean {
  return view.options?.['security_barrier'] === 'true';
}
