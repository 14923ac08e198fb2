// Whether a plan has at most one row for given values of some of its columns: what lets a subquery become a
// join, a DISTINCT vanish, and group keys be left out.

import type { ColumnId, Expression } from '#common';
import type { LogicalPlan, ScanNode } from '../logical-plan.ts';
import { defaultEquality } from './equivalence.ts';
import { uniqueKeys } from './estimate/key-joins.ts';
import { conjunctsOf } from './expression-tree.ts';
import { columnsOf } from './plan-tree.ts';

/** True when the conjuncts fix a unique key of the plan by columns from `outer`. */
export function uniqueColumns(
  plan: LogicalPlan,
  conjuncts: readonly Expression[],
  outer: ReadonlySet<ColumnId>,
): boolean {
  const fixed = new Set<ColumnId>();
  for (const conjunct of conjuncts) {
    const equality = defaultEquality(conjunct);
    if (equality === undefined) continue;
    const { left, right } = equality;
    for (const [own, other] of [
      [left, right],
      [right, left],
    ]) {
      if (own.kind !== 'column' || outer.has(own.column)) continue;
      if ([...columnsOf(other)].every((column) => outer.has(column))) fixed.add(own.column);
    }
  }
  return isUniqueBy(plan, fixed);
}

/** No two rows of the plan agree in all these columns (none of them null). */
export function isUniqueBy(plan: LogicalPlan, columns: ReadonlySet<ColumnId>): boolean {
  switch (plan.kind) {
    case 'scan':
      return scanIsUnique(plan, columns);
    case 'filter':
      return isUniqueBy(plan.input, withConstants(columns, plan.condition));
    case 'sort':
    case 'limit':
    case 'lockRows':
    case 'window':
      return isUniqueBy(plan.input, columns);
    case 'project': {
      const below = new Set<ColumnId>();
      plan.expressions.forEach((expression, at) => {
        if (expression.kind === 'column' && columns.has(plan.outputs[at].id))
          below.add(expression.column);
      });
      return isUniqueBy(plan.input, below);
    }
    case 'aggregate': {
      if (plan.groupingSets !== undefined) return false;
      return plan.outputs.slice(0, plan.groupKeys.length).every(({ id }) => columns.has(id));
    }
    case 'distinct':
      return (
        (plan.on === undefined && plan.outputs.every(({ id }) => columns.has(id))) ||
        isUniqueBy(plan.input, columns)
      );
    case 'join':
      return joinIsUnique(plan, columns);
    case 'singleRow':
    case 'empty':
      return true;
    default:
      return false;
  }
}

function scanIsUnique(plan: ScanNode, columns: ReadonlySet<ColumnId>): boolean {
  const { system, valid } = plan.temporal;
  if (system.kind === 'range' || valid.kind !== 'all') return false;
  const attributes = new Set<number>();
  plan.sources.forEach((source, at) => {
    if (!columns.has(plan.outputs[at].id)) return;
    if (source.kind === 'attribute') attributes.add(source.attributeNumber);
    if (source.kind === 'rowKey') for (const key of plan.table.keyColumns) attributes.add(key);
  });
  return uniqueKeys(plan.table).some((key) => key.every((attribute) => attributes.has(attribute)));
}

/** Columns that a condition sets equal to a constant have one value anyway. */
function withConstants(columns: ReadonlySet<ColumnId>, condition: Expression): Set<ColumnId> {
  const known = new Set(columns);
  for (const conjunct of conjunctsOf(condition)) {
    const equality = defaultEquality(conjunct);
    if (equality === undefined) continue;
    const { left, right } = equality;
    if (left.kind === 'column' && right.kind !== 'column' && isFixed(right)) known.add(left.column);
    if (right.kind === 'column' && left.kind !== 'column' && isFixed(left)) known.add(right.column);
  }
  return known;
}

function isFixed(expression: Expression): boolean {
  return expression.kind === 'constant' || expression.kind === 'parameter';
}

/** One side by itself, the other by what the join sets equal to it. */
function joinIsUnique(
  plan: Extract<LogicalPlan, { kind: 'join' }>,
  columns: ReadonlySet<ColumnId>,
): boolean {
  if (plan.lateral) return false;
  if (plan.type === 'semi' || plan.type === 'anti') return isUniqueBy(plan.left, columns);
  if (plan.type === 'full' || plan.type === 'right') return false;
  const left = new Set(plan.left.outputs.map((column) => column.id));
  const joined = new Set(columns);
  const joinedRight = new Set(columns);
  for (const conjunct of conjunctsOf(plan.condition)) {
    const equality = defaultEquality(conjunct);
    if (equality?.left.kind !== 'column' || equality.right.kind !== 'column') continue;
    for (const side of [equality.left.column, equality.right.column])
      (left.has(side) ? joinedRight : joined).add(side);
  }
  // Every left row has one right row at most: then left rows are what counts. And the other way round.
  const rightPerLeft = isUniqueBy(plan.right, joined);
  if (rightPerLeft && isUniqueBy(plan.left, columns)) return true;
  return (
    plan.type !== 'left' && isUniqueBy(plan.left, joinedRight) && isUniqueBy(plan.right, columns)
  );
}
