// Sorts and limits. A sort vanishes when its input comes in order already; below a limit it keeps
// only the first rows.

import { sqlType, TypeOid, type Expression } from '#common';
import { functionRegistry } from '#functions';
import type { LogicalPlan } from '../logical-plan.ts';
import type { PhysicalNode } from '../physical-plan.ts';
import { mapOptional } from '../optimize/expression-tree.ts';
import type { PlanBuilder } from './builder.ts';
import {
  matchOrder,
  penaltyOf,
  wantedKeys,
  type Built,
  type Ordering,
  type Scope,
  type Wanted,
} from './built.ts';
import { costs, sortCost } from './cost.ts';

type Sort = Extract<LogicalPlan, { kind: 'sort' }>;
type Limit = Extract<LogicalPlan, { kind: 'limit' }>;

export function buildSort(
  builder: PlanBuilder,
  plan: Sort,
  scope: Scope,
  wanted: Wanted | undefined,
): Built {
  const keys = wantedKeys(plan.keys);
  const limitRows = wanted?.limitRows;
  const built = builder.build(
    plan.input,
    scope,
    keys === undefined ? undefined : { keys, limitRows, limit: undefined },
  );
  if (keys !== undefined && matchOrder(built.ordering, keys) === 'forward') return built;
  return sorted(builder, built, { keys: plan.keys, scope, limit: wanted?.limit, limitRows });
}

/** Puts a sort on a built node. */
export function sorted(
  builder: PlanBuilder,
  built: Built,
  parts: {
    readonly keys: Sort['keys'];
    readonly scope: Scope;
    readonly limit?: Expression | undefined;
    readonly limitRows?: number | undefined;
  },
): Built {
  const { node } = built;
  const rows = Math.min(node.estimatedRows, parts.limitRows ?? Infinity);
  const startup =
    node.totalCost +
    sortCost(node.estimatedRows, {
      keyTypes: parts.keys.map(({ expression }) => expression.type.oid),
      limitRows: parts.limitRows,
    });
  return {
    node: {
      ...builder.frame(node.types, { rows, startup, total: startup + rows * costs.tuple }),
      kind: 'sort',
      input: node,
      keys: builder.lowerKeys(parts.keys, built.ordinals, parts.scope),
      limit: parts.limit,
    },
    ordinals: built.ordinals,
    ordering: orderingOf(parts.keys),
    ...penaltyOf(builder.penalty('sort'), built),
  };
}

function orderingOf(keys: Sort['keys']): Ordering {
  const columns = [];
  for (const { expression, descending, nullsFirst } of keys) {
    if (expression.kind !== 'column') break;
    columns.push({ column: expression.column, descending, nullsFirst, notNull: false });
  }
  return { columns, fixed: new Set() };
}

export function buildLimit(builder: PlanBuilder, plan: Limit, scope: Scope): Built {
  const none = new Map();
  const count = mapOptional(plan.count, (expression) => builder.lower(expression, none, scope));
  const offset = mapOptional(plan.offset, (expression) => builder.lower(expression, none, scope));
  const limitRows =
    count === undefined
      ? undefined
      : rowsOf(count, 10) + (offset === undefined ? 0 : rowsOf(offset, 10));
  const limit = plan.withTies || count === undefined ? undefined : lastRow(count, offset);
  const wanted = limitRows === undefined ? undefined : { keys: [], limitRows, limit };
  const built = builder.build(plan.input, scope, wanted);
  const { node } = built;
  const rows = Math.min(node.estimatedRows, limitRows ?? Infinity);
  const fraction = node.estimatedRows === 0 ? 1 : rows / node.estimatedRows;
  const limited: PhysicalNode = {
    ...builder.frame(node.types, {
      rows,
      startup: node.startupCost,
      total: node.startupCost + (node.totalCost - node.startupCost) * fraction,
    }),
    kind: 'limit',
    input: node,
    count,
    offset,
    withTies: plan.withTies,
    tieKeys: builder.lowerKeys(plan.tieKeys, built.ordinals, scope),
  };
  return { ...built, node: limited };
}

function rowsOf(expression: Expression, unknown: number): number {
  if (expression.kind !== 'constant') return unknown;
  const rows = Number(expression.value ?? unknown);
  return Number.isFinite(rows) ? Math.max(0, rows) : unknown;
}

/**
 * count + offset, as int8. Both are capped first, so that the sum cannot overflow; a null count (no
 * limit) becomes the cap.
 */
function lastRow(count: Expression, offset: Expression | undefined): Expression | undefined {
  if (offset === undefined) return count;
  const plus = functionRegistry
    .operatorsNamed('+')
    .find((operator) => operator.left === TypeOid.int8 && operator.right === TypeOid.int8);
  if (plus === undefined || count.kind === 'subplan' || offset.kind === 'subplan') return undefined;
  const type = sqlType(TypeOid.int8);
  const capped = (expression: Expression): Expression => {
    if (expression.kind === 'constant') return expression;
    return {
      kind: 'least',
      type,
      arguments: [expression, { kind: 'constant', type, value: Number.MAX_SAFE_INTEGER }],
    };
  };
  if (count.kind === 'constant' && offset.kind === 'constant') {
    if (count.value === null) return undefined;
    const sum = Number(count.value) + Number(offset.value ?? 0);
    return Number.isSafeInteger(sum) ? { kind: 'constant', type, value: sum } : undefined;
  }
  return {
    kind: 'call',
    type,
    functionOid: plus.functionOid,
    operatorOid: plus.oid,
    arguments: [capped(count), capped(offset)],
  };
}
