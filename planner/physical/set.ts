// Set operations and WITH. Their inputs correspond by position, so each is brought to exactly the
// logical node's columns.

import { notSupported } from '#common';
import type { CteDefinition, LogicalPlan } from '../logical-plan.ts';
import { freeColumns } from '../optimize/plan-tree.ts';
import type { PhysicalNode } from '../physical-plan.ts';
import type { PlanBuilder } from './builder.ts';
import {
  ordinalsOf,
  outermost,
  typesOf,
  unordered,
  type Built,
  type Scope,
  type Wanted,
} from './built.ts';
import { costs } from './cost.ts';

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

/** Definitions are computed once for the statement, whatever reads them. */
export function buildWith(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'with' }>,
  place: { readonly scope: Scope; readonly wanted: Wanted | undefined },
): Built {
  for (const definition of plan.definitions) {
    if (builder.ctes.some((cte) => cte.cteId === definition.cteId)) continue;
    const columns = definition.plan.outputs;
    refuseCorrelation(definition);
    const inner = builder.exact(builder.build(definition.plan, outermost), columns);
    const { recursive } = definition;
    builder.ctes.push({
      cteId: definition.cteId,
      name: definition.name,
      plan: inner,
      step:
        recursive === undefined
          ? undefined
          : builder.exact(builder.build(recursive.step, outermost), recursive.step.outputs),
      all: recursive?.all ?? true,
    });
  }
  return builder.build(plan.body, place.scope, place.wanted);
}

export function buildCteScan(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'cteScan' }>,
): Built {
  const rows = builder.cardinality.rows(plan);
  return {
    node: {
      ...builder.frame(typesOf(plan.outputs), { rows, total: rows * costs.tuple }),
      kind: 'cteScan',
      cteId: plan.cteId,
      alias: plan.alias,
      columns: plan.columns,
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}

/** A definition is computed once for the statement, so it cannot depend on an enclosing query's row. */
function refuseCorrelation({ plan, recursive }: CteDefinition): void {
  const isFree =
    freeColumns(plan).size > 0 || (recursive !== undefined && freeColumns(recursive.step).size > 0);
  if (isFree) throw notSupported('a WITH query that depends on the rows of an enclosing query');
}
