// FOR UPDATE, FOR SHARE …: which tables' rows are locked. The row keys travel as hidden columns up to
// the lock operator, which stands above the sort and below LIMIT, as in PostgreSQL.

import type { LockingClause, SelectStmt } from '@pgsql/types';
import { databaseError, notSupported } from '#common';
import { at } from '../errors.ts';
import type { LockRowsNode, LogicalPlan, RowLockStrength, RowLockWait } from '../logical-plan.ts';
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
  const clauses = (statement.lockingClause ?? []).map((node) => bodyOf(node, 'LockingClause')!);
  if (clauses.length === 0) return (plan) => plan;
  checkLockable(statement, phraseOf(clauses[0]), scope);
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
    const key = item.rowKey();
    if (key === undefined || item.table === undefined) continue;
    scope.binder.touch(item.table.oid, 'rowLock');
    targets.push({ expression: key, name: 'rowkey', hidden: true });
    rows.push({ table: item.table, rowKey: key.column, ...lock });
  }
  if (rows.length === 0) return (plan) => plan;
  return (plan) => ({ kind: 'lockRows', input: plan, targets: rows, outputs: plan.outputs });
}

function phraseOf(clause: LockingClause): string {
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
    if (item.table === undefined) {
      throw notSupported(`${phraseOf(clause)} OF something that is no table`, at(position));
    }
    return item;
  });
}

/** PostgreSQL's CheckSelectLocking. */
function checkLockable(statement: SelectStmt, phrase: string, scope: Scope): void {
  const refuse = (what: string): never => {
    throw databaseError('featureNotSupported', `${phrase} is not allowed with ${what}`);
  };
  if (statement.distinctClause !== undefined) refuse('DISTINCT clause');
  if (statement.groupClause !== undefined) refuse('GROUP BY clause');
  if (statement.havingClause !== undefined) refuse('HAVING clause');
  if (scope.aggregates.length > 0) refuse('aggregate functions');
  if (scope.windowCalls.length > 0) refuse('window functions');
  if (scope.sets.length > 0) refuse('set-returning functions in the target list');
}
