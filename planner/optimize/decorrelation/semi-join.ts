// EXISTS and IN as conjuncts of a filter become semi joins, NOT EXISTS an anti join, when the correlation
// can be pulled up into the join's condition. NOT IN becomes an anti join only where neither side can be
// null, since one null makes the whole condition unknown.

import type { Expression, SubqueryExpression } from '#common';
import type { JoinNode, LogicalPlan } from '../../logical-plan.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import { conjunction, conjunctsOf } from '../expression-tree.ts';
import { notNullColumns } from '../not-null.ts';
import { type ColumnSource, freeColumns } from '../plan-tree.ts';
import { pullUp } from './pull-up.ts';

/** The join that asks the conjunct of each row of the input; undefined when there is none. */
export function semiJoinFor(
  conjunct: Expression,
  input: LogicalPlan,
  source: ColumnSource,
): JoinNode | undefined {
  const negated = conjunct.kind === 'not';
  const subquery = negated ? conjunct.argument : conjunct;
  if (subquery.kind !== 'subquery') return undefined;
  const parts = { subquery, input, negated, source };
  if (subquery.mode === 'exists') return semiJoin({ ...parts, test: undefined });
  if (subquery.mode !== 'any' || subquery.test === undefined) return undefined;
  if (negated && !neverNull(subquery, input)) return undefined;
  if (hasSubquery(subquery.test) || isVolatile(subquery.test)) return undefined;
  return semiJoin({ ...parts, test: subquery.test });
}

/** NOT (x = ANY …) is NOT EXISTS (… x = …) only when no comparison can be null. */
function neverNull(subquery: SubqueryExpression, input: LogicalPlan): boolean {
  const known = notNullColumns(input);
  for (const column of notNullColumns(subquery.plan as LogicalPlan)) known.add(column);
  const tests = subquery.test === undefined ? [] : conjunctsOf(subquery.test);
  return tests.every(
    (test) =>
      test.kind === 'call' &&
      test.operatorOid !== undefined &&
      test.arguments.every(
        (argument) =>
          (argument.kind === 'constant' && argument.value !== null) ||
          (argument.kind === 'column' && known.has(argument.column)),
      ),
  );
}

function semiJoin(parts: {
  readonly subquery: SubqueryExpression;
  readonly input: LogicalPlan;
  readonly negated: boolean;
  readonly test: Expression | undefined;
  readonly source: ColumnSource;
}): JoinNode | undefined {
  const { subquery, input, negated, test, source } = parts;
  const plan = subquery.plan as LogicalPlan;
  const outer = { columns: freeColumns(plan), source };
  const pulled = pullUp(plan, outer, test === undefined ? 'exists' : 'in');
  if (pulled === undefined || freeColumns(pulled.plan).size > 0) return undefined;
  // A condition over columns of an enclosing query stays correlated to it; that is fine below a subplan.
  const condition = conjunction([
    ...pulled.conjuncts,
    ...(test === undefined ? [] : conjunctsOf(test)),
  ]);
  return {
    kind: 'join',
    type: negated ? 'anti' : 'semi',
    left: input,
    right: pulled.plan,
    condition,
    lateral: false,
    outputs: input.outputs,
  };
}
