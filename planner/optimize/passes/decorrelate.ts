// Subquery decorrelation (decorrelation/): EXISTS, IN and their negations as conjuncts become semi and anti
// joins; subqueries as values become outer joins; a LATERAL side whose correlation can be pulled up into
// the join's condition is one no more. What stays is run as a subplan (hashed when it is uncorrelated
// equality, once when it is uncorrelated).

import type { Expression } from '#common';
import type { FilterNode, JoinNode, LogicalPlan, ProjectNode } from '../../logical-plan.ts';
import { groupedAggregate } from '../decorrelation/grouped-aggregate.ts';
import { pullUp } from '../decorrelation/pull-up.ts';
import { planCannotFail } from '../decorrelation/safe-evaluation.ts';
import { semiJoinFor } from '../decorrelation/semi-join.ts';
import { ValueJoins } from '../decorrelation/value-join.ts';
import { hasSubquery, planIsVolatile } from '../expression-facts.ts';
import { columnExpression, conjunction, conjunctsOf } from '../expression-tree.ts';
import type { Pass } from '../pass.ts';
import { type ColumnSource, freeColumns, rewritePlan } from '../plan-tree.ts';

export const decorrelatePass: Pass = {
  name: 'decorrelate',
  rewrite: (plan, context) =>
    rewritePlan(plan, (node) => {
      switch (node.kind) {
        case 'filter':
          return node.barrier ? fenced(node, context) : decorrelateFilter(node, context);
        case 'project':
          return decorrelateProject(node, context);
        case 'join':
          return node.lateral ? decorrelateLateral(node, context) : node;
        default:
          return node;
      }
    }),
};

/** What becomes of a barrier stays below one. */
function fenced(filter: FilterNode, source: ColumnSource): LogicalPlan {
  const plan = decorrelateFilter(filter, source);
  if (plan.kind === 'filter' && plan.barrier) return plan;
  const condition: Expression = { kind: 'constant', value: true, type: filter.condition.type };
  return { ...filter, input: plan, condition, outputs: plan.outputs };
}

function decorrelateFilter(filter: FilterNode, source: ColumnSource): LogicalPlan {
  if (!hasSubquery(filter.condition)) return filter;
  let input = filter.input;
  const kept: Expression[] = [];
  for (const conjunct of conjunctsOf(filter.condition)) {
    const join = semiJoinFor(conjunct, input, source);
    if (join === undefined) kept.push(conjunct);
    else input = join;
  }
  const joins = new ValueJoins(input, source);
  const condition = conjunction(kept.map((conjunct) => joins.rewrite(conjunct)));
  if (joins.input === filter.input) return filter;
  if (condition === undefined) return joins.input;
  const { outputs } = joins.input;
  const filtered: LogicalPlan = { ...filter, input: joins.input, condition, outputs };
  return joins.input === input ? filtered : withColumns(filtered, filter);
}

/** The plan with just the columns that another one has. */
function withColumns(plan: LogicalPlan, like: LogicalPlan): LogicalPlan {
  const { outputs } = like;
  return { kind: 'project', input: plan, expressions: outputs.map(columnExpression), outputs };
}

function decorrelateProject(project: ProjectNode, source: ColumnSource): LogicalPlan {
  if (!project.expressions.some(hasSubquery)) return project;
  const joins = new ValueJoins(project.input, source);
  const expressions = project.expressions.map((expression) => joins.rewrite(expression));
  return joins.input === project.input ? project : { ...project, input: joins.input, expressions };
}

function decorrelateLateral(join: JoinNode, source: ColumnSource): LogicalPlan {
  const { type, left, right } = join;
  const columns = freeColumns(right);
  if (planIsVolatile(right)) return join;
  if (columns.size === 0) return { ...join, lateral: false };
  const made = new Set(left.outputs.map((column) => column.id));
  if (![...columns].every((column) => made.has(column))) return join;
  const outer = { columns, source };
  const pulled = type === 'full' || type === 'right' ? undefined : pullUp(right, outer, 'rows');
  if (pulled !== undefined && freeColumns(pulled.plan).size === 0) {
    const condition = conjunction([...conjunctsOf(join.condition), ...pulled.conjuncts]);
    const plain: JoinNode = {
      ...join,
      type: type === 'cross' && condition !== undefined ? 'inner' : type,
      right: pulled.plan,
      condition,
      lateral: false,
      outputs: [...left.outputs, ...pulled.plan.outputs],
    };
    return withColumns(plain, join);
  }
  return lateralAggregate(join, outer) ?? join;
}

/** An aggregate always has a row, so that the join keeps all left rows; its condition is asked afterwards. */
function lateralAggregate(
  join: JoinNode,
  outer: Parameters<typeof groupedAggregate>[1],
): LogicalPlan | undefined {
  const { left, right, type } = join;
  const condition = conjunction(
    conjunctsOf(join.condition).filter((conjunct) => !isTrue(conjunct)),
  );
  const keepsRows =
    type === 'inner' || type === 'cross' || (type === 'left' && condition === undefined);
  if (!keepsRows || !planCannotFail(right)) return undefined;
  const grouped = groupedAggregate(right, outer);
  if (grouped === undefined) return undefined;
  const joined: JoinNode = {
    kind: 'join',
    type: 'left',
    left,
    right: grouped.plan,
    condition: grouped.condition,
    lateral: false,
    outputs: [...left.outputs, ...grouped.plan.outputs],
  };
  const outputs = [...left.outputs, ...right.outputs];
  const values: LogicalPlan = {
    kind: 'project',
    input: joined,
    expressions: [...left.outputs.map(columnExpression), ...grouped.values],
    outputs,
  };
  if (condition === undefined) return values;
  return { kind: 'filter', input: values, condition, barrier: false, outputs };
}

function isTrue(condition: Expression): boolean {
  return condition.kind === 'constant' && condition.value === true;
}
