// Disjunctions in conditions: common conjuncts are taken out of them, and what they imply for single
// relations below is added, so that it can be pushed down (TPC-H Q19 and Q7).

import type { ColumnId, Expression } from '#common';
import type { LogicalPlan } from '../../logical-plan.ts';
import { factored, restrictionTo } from '../disjunctions.ts';
import { conjunction, conjunctsOf } from '../expression-tree.ts';
import type { Pass } from '../pass.ts';
import { columnsOf, rewritePlan } from '../plan-tree.ts';

export const factorDisjunctionsPass: Pass = {
  name: 'factor disjunctions',
  rewrite: (plan) => rewritePlan(plan, factorNode),
};

function factorNode(plan: LogicalPlan): LogicalPlan {
  const isInner = plan.kind === 'join' && (plan.type === 'inner' || plan.type === 'semi');
  if (plan.kind !== 'filter' && !isInner) return plan;
  const conjuncts = conjunctsOf(plan.condition);
  if (!conjuncts.some((conjunct) => conjunct.kind === 'or')) return plan;
  const whole = conjuncts.flatMap((conjunct) =>
    conjunct.kind === 'or' ? factored(conjunct) : [conjunct],
  );
  const inputs = plan.kind === 'filter' ? [plan.input] : [plan.left, plan.right];
  const relations = inputs.flatMap(relationsOf);
  const implied = whole.flatMap((conjunct) => impliedBy(conjunct, relations));
  const condition = conjunction([...whole, ...implied])!;
  return { ...plan, condition };
}

/** The columns of each relation that inner joins put together. */
function relationsOf(plan: LogicalPlan): ReadonlySet<ColumnId>[] {
  if (plan.kind === 'filter') return relationsOf(plan.input);
  if (plan.kind === 'join' && (plan.type === 'inner' || plan.type === 'cross') && !plan.lateral)
    return [...relationsOf(plan.left), ...relationsOf(plan.right)];
  return [new Set(plan.outputs.map((column) => column.id))];
}

function impliedBy(
  conjunct: Expression,
  relations: readonly ReadonlySet<ColumnId>[],
): Expression[] {
  if (conjunct.kind !== 'or' || relations.length < 2) return [];
  const reads = columnsOf(conjunct);
  const touched = relations.filter((columns) => [...reads].some((column) => columns.has(column)));
  if (touched.length < 2) return [];
  return touched.flatMap((columns) => restrictionTo(conjunct, columns) ?? []);
}
