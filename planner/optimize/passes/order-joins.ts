// Join order (join-order/). A tree of joins is flattened into relations and conjuncts and put together
// anew, bushy trees included; outer, semi and anti joins find their place among the inner ones. Full and
// lateral joins are relations of their own to this pass. Very long lists of inner joins are ordered
// left-deep (order-many-joins.ts).

import type { Expression } from '#common';
import type { Cardinality } from '../cardinality.ts';
import type { JoinNode, LogicalPlan } from '../../logical-plan.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import { conjunctsOf } from '../expression-tree.ts';
import { bestOrder } from '../join-order/best-order.ts';
import { bitRelationsMax, joinGraph, type Relation } from '../join-order/join-graph.ts';
import { joinTree } from '../join-order/join-tree.ts';
import type { Pass } from '../pass.ts';
import { columnsOf, mapExpressions, mapInputs, rewriteSubqueries } from '../plan-tree.ts';
import { orderManyJoins } from './order-many-joins.ts';

export const orderJoinsPass: Pass = {
  name: 'order joins',
  rewrite: (plan, context) => orderJoins(plan, context.cardinality(plan)),
};

/** The plan with all its joins in the best order that was found. */
export function orderJoins(plan: LogicalPlan, cardinality: Cardinality): LogicalPlan {
  if (isInner(plan) || isDependent(plan) || isFilteredJoin(plan)) {
    const parts = flatten(plan, true);
    const ordered = parts.relations.length > 2 ? reorder(parts, cardinality) : undefined;
    if (ordered !== undefined) return ordered;
  }
  return mapInputs(
    mapExpressions(plan, (expression) => inSubqueries(expression, cardinality)),
    (input) => orderJoins(input, cardinality),
  );
}

function reorder(parts: Parts, cardinality: Cardinality): LogicalPlan {
  const { relations, conjuncts } =
    parts.relations.length <= bitRelationsMax ? parts : flatten(parts.plan, false);
  const inner = conjuncts.map((conjunct) => inSubqueries(conjunct, cardinality));
  const ordered = relations.map((relation): Relation => {
    const { dependence } = relation;
    return {
      ...relation,
      plan: orderJoins(relation.plan, cardinality),
      dependence:
        dependence === undefined
          ? undefined
          : {
              ...dependence,
              conjuncts: dependence.conjuncts.map((conjunct) =>
                inSubqueries(conjunct, cardinality),
              ),
            },
    };
  });
  if (ordered.length > bitRelationsMax) {
    const plans = ordered.map(({ plan }) => plan);
    return orderManyJoins(plans, inner, cardinality);
  }
  const graph = joinGraph(ordered, inner, cardinality);
  return joinTree(graph, bestOrder(graph));
}

function inSubqueries(expression: Expression, cardinality: Cardinality): Expression {
  return rewriteSubqueries(expression, (query) => orderJoins(query, cardinality));
}

function isInner(plan: LogicalPlan): plan is JoinNode & { readonly type: 'inner' | 'cross' } {
  return plan.kind === 'join' && (plan.type === 'inner' || plan.type === 'cross') && !plan.lateral;
}

/** A join of another type whose left side may change by inner joins. */
function isDependent(
  plan: LogicalPlan,
): plan is JoinNode & { readonly type: 'left' | 'semi' | 'anti' } {
  return (
    plan.kind === 'join' &&
    (plan.type === 'left' || plan.type === 'semi' || plan.type === 'anti') &&
    !plan.lateral &&
    !conjunctsOf(plan.condition).some(isVolatile)
  );
}

/** A condition asked above an outer join; the ones above inner joins are in them already. */
function isFilteredJoin(plan: LogicalPlan): plan is Extract<LogicalPlan, { kind: 'filter' }> {
  return (
    plan.kind === 'filter' &&
    !plan.barrier &&
    (isInner(plan.input) || isDependent(plan.input)) &&
    conjunctsOf(plan.condition).every(
      (conjunct) => !isVolatile(conjunct) && !hasSubquery(conjunct) && columnsOf(conjunct).size > 0,
    )
  );
}

interface Parts {
  readonly plan: LogicalPlan;
  readonly relations: Relation[];
  readonly conjuncts: Expression[];
}

/** With `dependent`, the right sides of outer, semi and anti joins become relations too. */
function flatten(plan: LogicalPlan, dependent: boolean): Parts {
  const parts: Parts = { plan, relations: [], conjuncts: [] };
  const enter = (node: LogicalPlan): void => {
    if (isInner(node)) {
      enter(node.left);
      enter(node.right);
      parts.conjuncts.push(...conjunctsOf(node.condition));
    } else if (dependent && isDependent(node)) {
      const before = parts.relations.length;
      enter(node.left);
      const { type } = node;
      parts.relations.push({
        plan: node.right,
        dependence: { type, conjuncts: conjunctsOf(node.condition) },
        leftCount: parts.relations.length - before,
      });
    } else if (dependent && isFilteredJoin(node)) {
      enter(node.input);
      parts.conjuncts.push(...conjunctsOf(node.condition));
    } else {
      parts.relations.push({ plan: node, dependence: undefined, leftCount: 0 });
    }
  };
  enter(plan);
  return parts;
}
