// Which operators must not compute rows ahead: those with volatile expressions (nextval(), advisory locks,
// routines that write) whose reader may stop before their end: a LIMIT above them, or a subquery of which
// the first row is enough. PostgreSQL computes no row that is not asked for.

import type { Expression } from '#common';
import { nodeInputs, type PhysicalNode, type PhysicalPlan } from '#planner';
import { isVolatile } from './expression/volatility.ts';

/** Operators that pass rows on before they have read all of them. */
const streaming: ReadonlySet<PhysicalNode['kind']> = new Set([
  'filter',
  'project',
  'projectSet',
  'nestedLoop',
  'hashJoin',
  'append',
  'limit',
  'lockRows',
]);

export interface EarlyStops {
  /** Whose reader may stop before their end. */
  readonly stoppable: ReadonlySet<PhysicalNode>;
  /** Those of them that compute row by row. */
  readonly rowByRow: ReadonlySet<PhysicalNode>;
}

export function earlyStops(plan: PhysicalPlan): EarlyStops {
  const stoppable = new Set<PhysicalNode>();
  const rowByRow = new Set<PhysicalNode>();
  const visit = (node: PhysicalNode, mayStop: boolean): void => {
    if (mayStop) stoppable.add(node);
    if (mayStop && expressionsOf(node).some(isVolatile)) rowByRow.add(node);
    const stops = node.kind === 'limit' || (mayStop && streaming.has(node.kind));
    // The right side of a hash join is read to its end first.
    for (const [side, input] of nodeInputs(node).entries())
      visit(input, stops && !(node.kind === 'hashJoin' && side === 1));
  };
  visit(plan.root, false);
  for (const subplan of plan.subplans) visit(subplan, true);
  for (const cte of plan.ctes) visit(cte.plan, false);
  return { stoppable, rowByRow };
}

function expressionsOf(node: PhysicalNode): readonly Expression[] {
  switch (node.kind) {
    case 'scan':
      return node.filter === undefined ? [] : [node.filter];
    case 'filter':
      return [node.condition];
    case 'project':
    case 'projectSet':
      return node.expressions;
    default:
      return [];
  }
}

/** Is there such a node in the tree? */
export function containsNode(node: PhysicalNode, nodes: ReadonlySet<PhysicalNode>): boolean {
  if (nodes.size === 0) return false;
  return nodes.has(node) || nodeInputs(node).some((input) => containsNode(input, nodes));
}
