// From a join order back to a logical plan: each conjunct is asked as soon as its relations are there.

import type { Expression } from '#common';
import type { JoinNode, LogicalPlan } from '../../logical-plan.ts';
import { conjunction } from '../expression-tree.ts';
import { equalityOf, type JoinGraph } from './join-graph.ts';
import type { Candidate } from './join-search.ts';

export function joinTree(graph: JoinGraph, best: ReadonlyMap<number, Candidate>): LogicalPlan {
  const whole = graph.relations.reduce((bits, { bit }) => bits | bit, 0);
  const tree = treeOf(graph, best, whole);
  // A conjunct that reads no relation at all is asked once, at the top.
  const constant = graph.edges.filter(({ relations }) => relations === 0);
  return filtered(
    tree,
    constant.map(({ conjunct }) => conjunct),
  );
}

function treeOf(graph: JoinGraph, best: ReadonlyMap<number, Candidate>, set: number): LogicalPlan {
  const { left, right, rows } = best.get(set)!;
  if (left === 0) {
    const relation = graph.relations[31 - Math.clz32(set)];
    // One of a single relation that had to stay in the join (volatile): with its relation.
    const own = graph.edges.filter(({ relations }) => relations === set);
    return relation.dependence === undefined
      ? filtered(
          relation.plan,
          own.map(({ conjunct }) => conjunct),
        )
      : relation.plan;
  }
  const sides = [treeOf(graph, best, left), treeOf(graph, best, right)] as const;
  return joinOf(graph, { left, right, rows }, sides);
}

function joinOf(
  graph: JoinGraph,
  bits: { readonly left: number; readonly right: number; readonly rows: number },
  [left, right]: readonly [LogicalPlan, LogicalPlan],
): LogicalPlan {
  const conjuncts = conjunctsBetween(graph, bits.left, bits.right);
  const single = (bits.right & (bits.right - 1)) === 0;
  const dependence = single ? graph.relations[31 - Math.clz32(bits.right)].dependence : undefined;
  if (dependence === undefined) {
    const condition = conjunction(conjuncts);
    const type = condition === undefined ? 'cross' : 'inner';
    return { ...join(left, right, type, condition), estimatedRows: bits.rows };
  }
  const joined = join(left, right, dependence.type, conjunction(dependence.conjuncts));
  return conjuncts.length === 0
    ? { ...joined, estimatedRows: bits.rows }
    : filtered(joined, conjuncts);
}

function join(
  left: LogicalPlan,
  right: LogicalPlan,
  type: JoinNode['type'],
  condition: Expression | undefined,
): JoinNode {
  const outputs =
    type === 'semi' || type === 'anti' ? left.outputs : [...left.outputs, ...right.outputs];
  return { kind: 'join', type, left, right, condition, lateral: false, outputs };
}

/** What is asked when the two sets meet: conjuncts of both, and one equality of each class. */
function conjunctsBetween(graph: JoinGraph, left: number, right: number): Expression[] {
  const both = left | right;
  const conjuncts: Expression[] = [];
  for (const each of graph.classes) {
    if ((each.relations & left) === 0 || (each.relations & right) === 0) continue;
    const one = each.members.find(({ bit }) => (bit & left) !== 0)!;
    const other = each.members.find(({ bit }) => (bit & right) !== 0)!;
    conjuncts.push(equalityOf(each, one, other));
  }
  const dependentRight =
    (right & (right - 1)) === 0 && graph.relations[31 - Math.clz32(right)].dependence !== undefined;
  for (const { conjunct, relations } of graph.edges) {
    if (relations === 0 || (relations & ~both) !== 0) continue;
    const crosses = (relations & ~left) !== 0 && (relations & ~right) !== 0;
    if (crosses || (dependentRight && relations === right)) conjuncts.push(conjunct);
  }
  return conjuncts;
}

function filtered(plan: LogicalPlan, conjuncts: readonly Expression[]): LogicalPlan {
  const condition = conjunction(conjuncts);
  if (condition === undefined) return plan;
  return { kind: 'filter', input: plan, condition, barrier: false, outputs: plan.outputs };
}
