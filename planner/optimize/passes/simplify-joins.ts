// Outer-join simplification: an outer join whose null-extended rows a condition above would reject
// is an inner join (or loses one of its two outer sides). RIGHT joins are turned round into LEFT
// joins first, so that later passes meet one kind only.

import type { ColumnId } from '#common';
import type { JoinNode, LogicalPlan } from '../../logical-plan.ts';
import { conjunctsOf } from '../expression-tree.ts';
import { nullRejected } from '../expression-facts.ts';
import type { Pass } from '../pass.ts';
import { mapExpressions, mapInputs, rewriteSubqueries } from '../plan-tree.ts';

export const simplifyJoinsPass: Pass = {
  name: 'simplify joins',
  rewrite: (plan) => simplify(plan, new Set()),
};

/** `rejected`: columns of which a null makes a condition above fail. */
function simplify(plan: LogicalPlan, rejected: ReadonlySet<ColumnId>): LogicalPlan {
  const inner = mapExpressions(plan, (expression) =>
    rewriteSubqueries(expression, (query) => simplify(query, new Set())),
  );
  switch (inner.kind) {
    case 'filter': {
      const known = new Set(rejected);
      for (const conjunct of conjunctsOf(inner.condition)) addAll(known, nullRejected(conjunct));
      return mapInputs(inner, (input) => simplify(input, known));
    }
    case 'project': {
      const known = new Set<ColumnId>();
      inner.expressions.forEach((expression, at) => {
        if (rejected.has(inner.outputs[at].id)) addAll(known, nullRejected(expression));
      });
      return mapInputs(inner, (input) => simplify(input, known));
    }
    case 'sort':
    case 'distinct':
    case 'lockRows':
      return mapInputs(inner, (input) =>
        simplify(input, inner.kind === 'distinct' && inner.on !== undefined ? new Set() : rejected),
      );
    case 'join':
      return simplifyJoin(inner, rejected);
    default:
      return mapInputs(inner, (input) => simplify(input, new Set()));
  }
}

function simplifyJoin(plan: JoinNode, rejected: ReadonlySet<ColumnId>): LogicalPlan {
  let join = plan;
  const rejects = (side: LogicalPlan) => side.outputs.some((column) => rejected.has(column.id));
  if (join.type === 'full') {
    const left = rejects(join.left);
    const right = rejects(join.right);
    if (left || right) join = { ...join, type: left && right ? 'inner' : left ? 'left' : 'right' };
  }
  if (join.type === 'right' && !join.lateral) {
    join = {
      ...join,
      type: 'left',
      left: join.right,
      right: join.left,
      outputs: [...join.right.outputs, ...join.left.outputs],
    };
  }
  if (join.type === 'left' && rejects(join.right)) join = { ...join, type: 'inner' };

  const known = new Set(rejected);
  const own = new Set<ColumnId>();
  for (const conjunct of conjunctsOf(join.condition)) addAll(own, nullRejected(conjunct));
  const both = new Set([...known, ...own]);
  switch (join.type) {
    case 'inner':
    case 'cross':
    case 'semi':
      return { ...join, left: simplify(join.left, both), right: simplify(join.right, both) };
    case 'left':
      return { ...join, left: simplify(join.left, known), right: simplify(join.right, own) };
    case 'anti':
      return { ...join, left: simplify(join.left, known), right: simplify(join.right, own) };
    case 'right':
      return { ...join, left: simplify(join.left, own), right: simplify(join.right, known) };
    case 'full':
      return {
        ...join,
        left: simplify(join.left, new Set()),
        right: simplify(join.right, new Set()),
      };
  }
}

function addAll(target: Set<ColumnId>, columns: Iterable<ColumnId>): void {
  for (const column of columns) target.add(column);
}
