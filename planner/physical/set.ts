// Set operations and WITH. Their inputs correspond by position, so each is brought to exactly the
// logical node's columns.

import { type ColumnId, type Expression, notSupported } from '#common';
import type { CteScanNode, LogicalPlan } from '../logical-plan.ts';
import { freeColumns, rewritePlan } from '../optimize/plan-tree.ts';
import type { PhysicalNode } from '../physical-plan.ts';
import { columnTypes, type PlanBuilder } from './builder.ts';
import {
  ordinalsOf,
  outermost,
  typesOf,
  unordered,
  type Built,
  type Scope,
  type Wanted,
} from './built.ts';
import { bulkCost, costs } from './cost.ts';

type WithNode = Extract<LogicalPlan, { kind: 'with' }>;
type Correlation = NonNullable<CteScanNode['correlation']>;

export function buildSetOperation(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'setOperation' }>,
  scope: Scope,
): Built {
  const inputs = plan.inputs.map((input) =>
    builder.exact(builder.build(input, scope), input.outputs),
  );
  const types = typesOf(plan.outputs);
  const total = inputs.reduce((sum, input) => sum + input.totalCost, 0);
  const rows = builder.cardinality.rows(plan);
  let node: PhysicalNode;
  if (plan.operation === 'union') {
    const all = inputs.reduce((sum, input) => sum + input.estimatedRows, 0);
    node = { ...builder.frame(types, { rows: all, total }), kind: 'append', inputs };
    if (!plan.all) {
      node = {
        ...builder.frame(types, { rows, total: total + all * costs.hashBuild }),
        kind: 'distinct',
        strategy: 'hash',
        input: node,
        on: undefined,
      };
    }
  } else {
    const [left, right] = inputs as [PhysicalNode, PhysicalNode];
    node = {
      ...builder.frame(types, {
        rows,
        total: total + (left.estimatedRows + right.estimatedRows) * costs.hashBuild,
      }),
      kind: 'setOperation',
      operation: plan.operation,
      all: plan.all,
      left,
      right,
    };
  }
  return { node, ordinals: ordinalsOf(plan.outputs), ordering: unordered };
}

/**
 * Definitions are computed once for the statement, whatever reads them; those that depend on the row of
 * an enclosing query, once for each such row.
 */
export function buildWith(
  builder: PlanBuilder,
  plan: WithNode,
  place: { readonly scope: Scope; readonly wanted: Wanted | undefined },
): Built {
  const correlations = new Map<number, Correlation>();
  for (const definition of plan.definitions) {
    if (builder.ctes.some((cte) => cte.cteId === definition.cteId)) continue;
    const first = correlate(definition.plan, correlations);
    const { recursive } = definition;
    const free = outerReads(
      recursive === undefined ? [first] : [first, correlate(recursive.step, correlations)],
    );
    const outerSlots = [...free.keys()].map((column) => outerSlot(place.scope, column));
    const isCorrelated = outerSlots.length > 0;
    const cteId = isCorrelated ? -builder.newId() : definition.cteId;
    if (isCorrelated) correlations.set(definition.cteId, { cteId, reads: [...free.values()] });
    const scope = isCorrelated ? place.scope : outermost;
    const build = (part: LogicalPlan): PhysicalNode =>
      builder.exact(builder.build(part, scope), part.outputs);
    builder.ctes.push({
      cteId,
      name: definition.name,
      plan: build(first),
      step: recursive === undefined ? undefined : build(correlate(recursive.step, correlations)),
      all: recursive?.all ?? true,
      ...(isCorrelated ? { outerSlots } : {}),
    });
  }
  return builder.build(correlate(plan.body, correlations), place.scope, place.wanted);
}

/** Tells the scans of correlated definitions what they depend on. */
function correlate(plan: LogicalPlan, correlations: ReadonlyMap<number, Correlation>): LogicalPlan {
  if (correlations.size === 0) return plan;
  return rewritePlan(plan, (node) => {
    const correlation = node.kind === 'cteScan' ? correlations.get(node.cteId) : undefined;
    return correlation === undefined ? node : { ...node, correlation };
  });
}

/** The columns of enclosing queries that a definition reads. */
function outerReads(parts: readonly LogicalPlan[]): ReadonlyMap<ColumnId, Expression> {
  const reads = new Map<ColumnId, Expression>();
  for (const part of parts) {
    const types = columnTypes(part);
    for (const column of freeColumns(part)) {
      const type = types.get(column) ?? { oid: 0, typmod: -1 };
      reads.set(column, { kind: 'column', type, column });
    }
  }
  return reads;
}

function outerSlot(scope: Scope, column: ColumnId): number {
  const slot = scope.slots.get(column);
  if (slot === undefined)
    throw notSupported('a WITH query that depends on the rows of an enclosing query here');
  return slot;
}

export function buildCteScan(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'cteScan' }>,
): Built {
  const rows = builder.cardinality.rows(plan);
  return {
    node: {
      ...builder.frame(typesOf(plan.outputs), { rows, total: bulkCost(rows, costs.tuple) }),
      kind: 'cteScan',
      cteId: plan.correlation?.cteId ?? plan.cteId,
      alias: plan.alias,
      columns: plan.columns,
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}
