// Projection pruning: every node makes only the columns that something above it reads. An outer join that
// neither adds columns nor repeats rows goes altogether.

import type { ColumnId, Expression } from '#common';
import type { JoinNode, LogicalPlan, PlanColumn } from '../../logical-plan.ts';
import { isVolatile, planIsVolatile } from '../expression-facts.ts';
import { conjunctsOf } from '../expression-tree.ts';
import { notNullColumns } from '../not-null.ts';
import type { Pass } from '../pass.ts';
import {
  addColumns,
  freeColumns,
  mapExpressions,
  mapInputs,
  rewriteSubqueries,
  visitExpressions,
} from '../plan-tree.ts';
import { isUniqueBy, uniqueColumns } from '../unique-columns.ts';

export const pruneColumnsPass: Pass = {
  name: 'prune columns',
  // The statement's own result columns are asked for by name, so the root keeps all that it makes.
  rewrite: (plan) => prune(plan, idsOf(plan)),
};

function idsOf(plan: LogicalPlan): Set<ColumnId> {
  return new Set(plan.outputs.map((column) => column.id));
}

function prune(plan: LogicalPlan, needed: ReadonlySet<ColumnId>): LogicalPlan {
  const node = mapExpressions(narrow(plan, needed), (expression) =>
    rewriteSubqueries(expression, (query) => prune(query, idsOf(query))),
  );
  switch (node.kind) {
    case 'filter':
    case 'sort':
    case 'limit':
    case 'lockRows':
    case 'window': {
      const below = new Set(needed);
      addOwn(node, below);
      const input = prune(node.input, below);
      const made =
        node.kind === 'window' ? node.outputs.slice(node.outputs.length - node.calls.length) : [];
      const outputs = [...input.outputs, ...made];
      return input === node.input && isSame(outputs, node.outputs)
        ? node
        : { ...node, input, outputs };
    }
    case 'distinct': {
      // Rows are compared as wholes: every column counts.
      const input = prune(node.input, idsOf(node.input));
      if (isDistinctAlready(node, input)) return input;
      return input === node.input ? node : { ...node, input };
    }
    case 'project':
    case 'projectSet':
    case 'aggregate': {
      const below = new Set<ColumnId>();
      addOwn(node, below);
      const input = prune(node.input, below);
      return input === node.input ? node : { ...node, input };
    }
    case 'join': {
      if (addsNothing(node, needed)) return prune(node.left, needed);
      const below = new Set(needed);
      addOwn(node, below);
      if (node.lateral) for (const column of freeColumns(node.right)) below.add(column);
      const left = prune(node.left, below);
      const right = prune(node.right, below);
      const leftOnly = node.type === 'semi' || node.type === 'anti';
      const outputs = leftOnly ? left.outputs : [...left.outputs, ...right.outputs];
      return left === node.left && right === node.right && isSame(outputs, node.outputs)
        ? node
        : { ...node, left, right, outputs };
    }
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge': {
      const below = new Set<ColumnId>();
      addOwn(node, below);
      if (node.kind !== 'insert') below.add(node.rowKey);
      return { ...node, source: prune(node.source, below) };
    }
    case 'with':
      return mapInputs(node, (input) => prune(input, input === node.body ? needed : idsOf(input)));
    default:
      return mapInputs(node, (input) => prune(input, idsOf(input)));
  }
}

/** A node that stays as it is stays the same object: estimates are known by it. */
function isSame(columns: readonly PlanColumn[], others: readonly PlanColumn[]): boolean {
  return columns.length === others.length && columns.every((column, at) => column === others[at]);
}

/** DISTINCT over rows with a whole key, of which no part is null, finds nothing to drop. */
function isDistinctAlready(
  node: Extract<LogicalPlan, { kind: 'distinct' }>,
  input: LogicalPlan,
): boolean {
  if (node.on !== undefined) return false;
  const known = notNullColumns(input);
  const present = input.outputs.map(({ id }) => id).filter((id) => known.has(id));
  return isUniqueBy(input, new Set(present));
}

/** No column of the right side is read, and each left row has one partner at most. */
function addsNothing(join: JoinNode, needed: ReadonlySet<ColumnId>): boolean {
  if (join.type !== 'left' || join.lateral) return false;
  if (join.right.outputs.some((column) => needed.has(column.id))) return false;
  const conjuncts = conjunctsOf(join.condition);
  if (conjuncts.some(isVolatile) || planIsVolatile(join.right)) return false;
  return uniqueColumns(join.right, conjuncts, idsOf(join.left));
}

/** Drops the outputs of one node that nobody reads, where it makes them itself. */
function narrow(plan: LogicalPlan, needed: ReadonlySet<ColumnId>): LogicalPlan {
  if (plan.outputs.every((column) => needed.has(column.id))) return plan;
  // What a volatile expression does is done, be its value read or not.
  const kept = plan.outputs.map(
    (column, at) =>
      needed.has(column.id) || (plan.kind === 'project' && isVolatile(plan.expressions[at])),
  );
  const keep = <Item>(items: readonly Item[]) => items.filter((_, at) => kept[at]);
  const outputs = keep(plan.outputs);
  switch (plan.kind) {
    case 'scan':
      return { ...plan, outputs, sources: keep(plan.sources) };
    case 'systemScan':
    case 'cteScan':
      return { ...plan, outputs, columns: keep(plan.columns) };
    case 'project':
      return { ...plan, outputs, expressions: keep(plan.expressions) };
    case 'aggregate':
      return narrowAggregate(plan, needed);
    default:
      return plan;
  }
}

/** Group keys stay, since they make the groups; aggregates go when unread. */
function narrowAggregate(
  plan: Extract<LogicalPlan, { kind: 'aggregate' }>,
  needed: ReadonlySet<ColumnId>,
): LogicalPlan {
  const keys = plan.groupKeys.length;
  const kept = plan.aggregates.map((_, at) => needed.has(plan.outputs[keys + at].id));
  return {
    ...plan,
    aggregates: plan.aggregates.filter((_, at) => kept[at]),
    outputs: plan.outputs.filter(
      (_, at) => at < keys || at >= keys + kept.length || kept[at - keys],
    ),
  };
}

function addOwn(plan: LogicalPlan, columns: Set<ColumnId>): void {
  visitExpressions(plan, (expression: Expression) => addColumns(expression, columns));
  if (plan.kind === 'lockRows') for (const target of plan.targets) columns.add(target.rowKey);
}
