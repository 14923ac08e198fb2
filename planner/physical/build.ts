// From a logical node to a physical one: the dispatcher, and the nodes that have no file of their own.

import type { ColumnId, Expression } from '#common';
import type { LogicalPlan } from '../logical-plan.ts';
import type { PhysicalNode } from '../physical-plan.ts';
import { conjunctsOf } from '../optimize/expression-tree.ts';
import { buildAggregate, buildDistinct, buildWindow } from './group.ts';
import type { PlanBuilder } from './builder.ts';
import {
  ordinalsOf,
  typesOf,
  unordered,
  withoutLimit,
  type Built,
  type Ordering,
  type Scope,
  type Wanted,
} from './built.ts';
import { costs } from './cost.ts';
import { buildJoin } from './join.ts';
import { buildDelete, buildInsert, buildMerge, buildUpdate, buildSequence } from './modify.ts';
import { buildFunctionScan, buildScan, buildSystemScan } from './scan.ts';
import { buildCteScan, buildSetOperation, buildWith } from './set.ts';
import { buildLimit, buildSort } from './sort.ts';

const noOrdinals: ReadonlyMap<ColumnId, number> = new Map();

export function buildNode(
  builder: PlanBuilder,
  plan: LogicalPlan,
  scope: Scope,
  wanted?: Wanted,
): Built {
  switch (plan.kind) {
    case 'scan':
      return buildScan(builder, { scan: plan, conjuncts: [], scope, wanted });
    case 'systemScan':
      return buildSystemScan(builder, plan, { conjuncts: [], scope });
    case 'functionScan':
      return buildFunctionScan(builder, plan, { conjuncts: [], scope });
    case 'values':
      return buildValues(builder, plan, scope);
    case 'filter':
      return buildFilter(builder, plan, { scope, wanted });
    case 'project':
      return buildProject(builder, plan, { scope, wanted });
    case 'projectSet':
      return buildProjectSet(builder, plan, scope);
    case 'join':
      return buildJoin(builder, plan, scope, withoutLimit(wanted));
    case 'aggregate':
      return buildAggregate(builder, plan, scope);
    case 'window':
      return buildWindow(builder, plan, scope);
    case 'sort':
      return buildSort(builder, plan, scope, wanted);
    case 'limit':
      return buildLimit(builder, plan, scope);
    case 'distinct':
      return buildDistinct(builder, plan, scope);
    case 'setOperation':
      return buildSetOperation(builder, plan, scope);
    case 'with':
      return buildWith(builder, plan, { scope, wanted });
    case 'cteScan':
      return buildCteScan(builder, plan);
    case 'lockRows':
      return buildLockRows(builder, plan, { scope, wanted });
    case 'insert':
      return buildInsert(builder, plan, scope);
    case 'update':
      return buildUpdate(builder, plan, scope);
    case 'delete':
      return buildDelete(builder, plan, scope);
    case 'sequence':
      return buildSequence(builder, plan, scope);
    case 'merge':
      return buildMerge(builder, plan, scope);
    case 'empty':
    case 'singleRow':
      return buildResult(builder, plan, { conjuncts: [], scope });
  }
}

interface Place {
  readonly scope: Scope;
  readonly wanted: Wanted | undefined;
}

function buildResult(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'empty' | 'singleRow' }>,
  place: { readonly conjuncts: readonly Expression[]; readonly scope: Scope },
): Built {
  return {
    node: {
      ...builder.frame(typesOf(plan.outputs), { rows: 1, total: costs.startup }),
      kind: 'result',
      condition: builder.lowerCondition(place.conjuncts, {
        ordinals: noOrdinals,
        scope: place.scope,
      }),
      empty: plan.kind === 'empty',
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}

function buildValues(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'values' }>,
  scope: Scope,
): Built {
  return {
    node: {
      ...builder.frame(typesOf(plan.outputs), {
        rows: plan.rows.length,
        total: plan.rows.length * costs.tuple,
      }),
      kind: 'values',
      rows: plan.rows.map((row) => row.map((value) => builder.lower(value, noOrdinals, scope))),
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}

/** A filter right above a leaf becomes part of it; elsewhere it is an operator. */
function buildFilter(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'filter' }>,
  { scope, wanted }: Place,
): Built {
  const conjuncts = conjunctsOf(plan.condition).filter((conjunct) => !isTrue(conjunct));
  const { input } = plan;
  if (input.kind === 'scan') return buildScan(builder, { scan: input, conjuncts, scope, wanted });
  if (input.kind === 'systemScan') return buildSystemScan(builder, input, { conjuncts, scope });
  if (input.kind === 'functionScan') return buildFunctionScan(builder, input, { conjuncts, scope });
  if (input.kind === 'empty') return buildResult(builder, input, { conjuncts: [], scope });
  if (input.kind === 'singleRow') {
    return buildResult(builder, input, { conjuncts, scope });
  }
  // All that a barrier has left to do is done.
  if (conjuncts.length === 0) return builder.build(input, scope, wanted);
  const built = builder.build(input, scope, withoutLimit(wanted));
  const { node, ordinals } = built;
  const selectivity = builder.cardinality.selectivity(conjuncts);
  return {
    ...built,
    node: {
      ...builder.frame(node.types, {
        rows: node.estimatedRows * selectivity,
        startup: node.startupCost,
        total: node.totalCost + node.estimatedRows * conjuncts.length * costs.operator,
      }),
      kind: 'filter',
      input: node,
      condition: builder.lowerCondition(conjuncts, { ordinals, scope })!,
    },
  };
}

function isTrue(conjunct: Expression): boolean {
  return conjunct.kind === 'constant' && conjunct.value === true;
}

/** A projection of plain columns only renames; others compute. */
function buildProject(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'project' }>,
  { scope, wanted }: Place,
): Built {
  const built = builder.build(
    plan.input,
    scope,
    wanted === undefined ? undefined : wantedBelow(plan, wanted),
  );
  const { node } = built;
  const renames = plan.expressions.every(
    (expression) => expression.kind === 'column' && built.ordinals.has(expression.column),
  );
  const ordering = orderingAbove(plan, built.ordering);
  if (renames) {
    const ordinals = new Map<ColumnId, number>();
    plan.expressions.forEach((expression, at) => {
      if (expression.kind === 'column')
        ordinals.set(plan.outputs[at].id, built.ordinals.get(expression.column)!);
    });
    return { node, ordinals, ordering };
  }
  return {
    node: {
      ...builder.frame(typesOf(plan.outputs), {
        rows: node.estimatedRows,
        startup: node.startupCost,
        total: node.totalCost + node.estimatedRows * costs.operator * plan.expressions.length,
      }),
      kind: 'project',
      input: node,
      expressions: plan.expressions.map((expression) =>
        builder.lower(expression, built.ordinals, scope),
      ),
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering,
  };
}

/** The wanted order in terms of the projection's input, as far as it passes columns on. */
function wantedBelow(
  plan: Extract<LogicalPlan, { kind: 'project' }>,
  wanted: Wanted,
): Wanted | undefined {
  const keys: Wanted['keys'][number][] = [];
  for (const key of wanted.keys) {
    const at = plan.outputs.findIndex((column) => column.id === key.column);
    const expression = plan.expressions[at];
    if (expression?.kind !== 'column') return undefined;
    keys.push({ ...key, column: expression.column });
  }
  return { ...wanted, keys };
}

function orderingAbove(
  plan: Extract<LogicalPlan, { kind: 'project' }>,
  ordering: Ordering,
): Ordering {
  const made = new Map<ColumnId, ColumnId>();
  plan.expressions.forEach((expression, at) => {
    if (expression.kind === 'column') made.set(expression.column, plan.outputs[at].id);
  });
  const columns = [];
  for (const column of ordering.columns) {
    const id = made.get(column.column);
    if (id === undefined) break;
    columns.push({ ...column, column: id });
  }
  const fixed = new Set<ColumnId>();
  for (const column of ordering.fixed) {
    const id = made.get(column);
    if (id !== undefined) fixed.add(id);
  }
  return { columns, fixed };
}

function buildProjectSet(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'projectSet' }>,
  scope: Scope,
): Built {
  const built = builder.build(plan.input, scope);
  const { node } = built;
  return {
    node: {
      ...builder.frame(typesOf(plan.outputs), {
        rows: node.estimatedRows * 10,
        total: node.totalCost + node.estimatedRows * 10 * costs.tuple,
      }),
      kind: 'projectSet',
      input: node,
      expressions: plan.expressions.map((expression) =>
        builder.lower(expression, built.ordinals, scope),
      ),
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}

function buildLockRows(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'lockRows' }>,
  { scope, wanted }: Place,
): Built {
  // Skipped rows make room for later ones, so what is below must not stop at the limit.
  const skips = plan.targets.some((target) => target.wait === 'skip locked');
  const built = builder.build(plan.input, scope, skips ? withoutLimit(wanted) : wanted);
  const node: PhysicalNode = {
    ...builder.frame(built.node.types, {
      rows: built.node.estimatedRows,
      total: built.node.totalCost + built.node.estimatedRows * costs.lookup,
    }),
    kind: 'lockRows',
    input: built.node,
    targets: plan.targets.map((target) => ({
      table: target.table,
      rowKey: built.ordinals.get(target.rowKey)!,
      strength: target.strength,
      wait: target.wait,
    })),
    limit: wanted?.limit,
  };
  return { ...built, node };
}
