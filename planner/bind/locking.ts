// FOR UPDATE, FOR SHARE …: which tables' rows are locked. The row keys travel as hidden columns up to
// the lock operator, which stands above the sort and below LIMIT, as in PostgreSQL.

import type { LockingClause, SelectStmt } from '@pgsql/types';
import { databaseError } from '#common';
import { at } from '../errors.ts';
import type { LockRowsNode, LogicalPlan, RowLockStrength, RowLockWait } from '../logical-plan.ts';
import { isCursorQuery, noteCursorKey } from './current-of.ts';
import { bodyOf } from './node.ts';
import type { NamespaceItem, Scope } from './scope.ts';
import type { Target } from './target-list.ts';

const strengths: Readonly<Record<string, RowLockStrength>> = {
  LCS_FORKEYSHARE: 'key share',
  LCS_FORSHARE: 'share',
  LCS_FORNOKEYUPDATE: 'no key update',
  LCS_FORUPDATE: 'update',
};
const phrases: Readonly<Record<RowLockStrength, string>> = {
  'key share': 'FOR KEY SHARE',
  share: 'FOR SHARE',
  'no key update': 'FOR NO KEY UPDATE',
  update: 'FOR UPDATE',
};
const waits: Readonly<Record<string, RowLockWait>> = {
  LockWaitBlock: 'wait',
  LockWaitSkip: 'skip locked',
  LockWaitError: 'nowait',
};
const strengthOrder: readonly RowLockStrength[] = ['key share', 'share', 'no key update', 'update'];

/** Adds the row keys as hidden targets and returns how to put the lock operator over a plan. */
export function bindLocking(
  statement: SelectStmt,
  targets: Target[],
  scope: Scope,
): (plan: LogicalPlan) => LogicalPlan {
  const clauses = scope.locking;
  if (clauses.length === 0) {
    addCursorKey(statement, targets, scope);
    return (plan) => plan;
  }
  const obstacle = lockObstacle(statement, scope);
  if (obstacle !== undefined) {
    if (scope.locksLeniently) return (plan) => plan;
    throw databaseError(
      'featureNotSupported',
      `${phraseOf(clauses[0])} is not allowed with ${obstacle}`,
    );
  }
  const locks = new Map<NamespaceItem, { strength: RowLockStrength; wait: RowLockWait }>();
  for (const clause of clauses) {
    const strength = strengths[clause.strength ?? ''] ?? 'update';
    const wait = waits[clause.waitPolicy ?? ''] ?? 'wait';
    for (const item of lockedItems(clause, scope)) {
      const known = locks.get(item);
      const strongest =
        known !== undefined &&
        strengthOrder.indexOf(known.strength) > strengthOrder.indexOf(strength)
          ? known.strength
          : strength;
      locks.set(item, { strength: strongest, wait: strongerWait(known?.wait, wait) });
    }
  }
  const rows: LockRowsNode['targets'][number][] = [];
  for (const [item, lock] of locks) {
    if (item.nullable) {
      throw databaseError(
        'featureNotSupported',
        `${phrases[lock.strength]} cannot be applied to the nullable side of an outer join`,
      );
    }
    const key = item.rowKey();
    if (key === undefined || item.table === undefined) continue;
    scope.binder.touch(item.table.oid, 'rowLock');
    if (item.access !== undefined) item.access.updates = true;
    targets.push({ expression: key, name: 'rowkey', hidden: true });
    if (isCursorQuery(statement, scope)) noteCursorKey(item, key.column, scope, true);
    rows.push({ table: item.table, rowKey: key.column, ...lock });
  }
  if (rows.length === 0) return (plan) => plan;
  return (plan) => ({ kind: 'lockRows', input: plan, targets: rows, outputs: plan.outputs });
}

/** A cursor without locks stands on the rows of the one table that it reads, if they are as they are there. */
function addCursorKey(statement: SelectStmt, targets: Target[], scope: Scope): void {
  if (!isCursorQuery(statement, scope) || scope.items.length !== 1) return;
  if (lockObstacle(statement, scope) !== undefined) return;
  const [item] = scope.items;
  const key = item.rowKey();
  if (key === undefined || item.table === undefined) return;
  targets.push({ expression: key, name: 'rowkey', hidden: true });
  noteCursorKey(item, key.column, scope, false);
}

/** "FOR UPDATE", for messages. */
export function phraseOf(clause: LockingClause): string {
  return phrases[strengths[clause.strength ?? ''] ?? 'update'];
}

function strongerWait(left: RowLockWait | undefined, right: RowLockWait): RowLockWait {
  if (left === undefined || left === right) return right;
  return left === 'nowait' || right === 'nowait' ? 'nowait' : 'skip locked';
}

function lockedItems(clause: LockingClause, scope: Scope): NamespaceItem[] {
  if (clause.lockedRels === undefined)
    return scope.items.filter((item) => item.table !== undefined);
  return clause.lockedRels.map((node) => {
    const range = bodyOf(node, 'RangeVar')!;
    const position = scope.position(range.location);
    const item = scope.items.find((each) => each.name === range.relname && each.relationVisible);
    if (item === undefined) {
      throw databaseError(
        'undefinedTable',
        `relation "${range.relname}" in ${phraseOf(clause)} clause not found in FROM clause`,
        at(position),
      );
    }
    if (item.unlockable !== undefined) {
      throw databaseError(
        'featureNotSupported',
        `${phraseOf(clause)} cannot be applied to ${item.unlockable}`,
        at(position),
      );
    }
    return item;
  });
}

/** The clauses of a query level, before its FROM is bound. */
export function lockingClauses(statement: SelectStmt): LockingClause[] {
  return (statement.lockingClause ?? []).map((node) => bodyOf(node, 'LockingClause')!);
}

/** PostgreSQL's CheckSelectLocking: what makes rows of the result no rows of tables. */
function lockObstacle(statement: SelectStmt, scope: Scope): string | undefined {
  if (statement.distinctClause !== undefined) return 'DISTINCT clause';
  if (statement.groupClause !== undefined) return 'GROUP BY clause';
  if (statement.havingClause !== undefined) return 'HAVING clause';
  if (scope.aggregates.length > 0) return 'aggregate functions';
  if (scope.windowCalls.length > 0) return 'window functions';
  if (scope.sets.length > 0) return 'set-returning functions in the target list';
  return undefined;
}
