// Structural equality of expressions, which is PostgreSQL's equal() over parse trees: a grouped
// expression is found again by it, and so is one that is sorted or made distinct. Positions do not
// count, and neither do the ids that a subquery gives to the columns of its own plan.

import { type Expression, Jsonb, type SubqueryExpression } from '#common';
import type { LogicalPlan } from '../logical-plan.ts';
import { copyWithFreshColumns, substituteColumns } from './plan-tree.ts';
import { columnExpression } from './expression-tree.ts';

export function sameExpression(left: Expression, right: Expression): boolean {
  return left === right || (left.kind === right.kind && sameValue(left, right));
}

function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  // A document has no fields that can be seen.
  if (left instanceof Jsonb || right instanceof Jsonb)
    return left instanceof Jsonb && right instanceof Jsonb && String(left) === String(right);
  if (isSubquery(left) && isSubquery(right)) return sameSubquery(left, right);
  return sameFields(left, right);
}

function sameFields(left: object, right: object): boolean {
  const leftKeys = Object.keys(left).filter((key) => key !== 'position');
  const rightKeys = Object.keys(right).filter((key) => key !== 'position');
  if (leftKeys.length !== rightKeys.length) return false;
  return leftKeys.every((key) =>
    sameValue((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]),
  );
}

function isSubquery(value: object): value is SubqueryExpression {
  return (value as Partial<Expression>).kind === 'subquery';
}

function sameSubquery(left: SubqueryExpression, right: SubqueryExpression): boolean {
  return left.mode === right.mode && sameFields(withOwnColumns(left), withOwnColumns(right));
}

/** A copy whose own columns are numbered by their order in the plan, below all ids of statements. */
function withOwnColumns(subquery: SubqueryExpression): SubqueryExpression {
  let next = 0;
  const source = { fresh: () => --next };
  const { plan, columns } = copyWithFreshColumns(subquery.plan as LogicalPlan, source);
  const types = new Map((subquery.plan as LogicalPlan).outputs.map(({ id, type }) => [id, type]));
  const rename = (expression: Expression): Expression =>
    substituteColumns(expression, (id) => {
      const renamed = columns.get(id);
      const type = types.get(id);
      if (renamed === undefined || type === undefined) return undefined;
      return columnExpression({ id: renamed, type });
    });
  return {
    ...subquery,
    plan,
    outputs: subquery.outputs.map((id) => columns.get(id) ?? id),
    test: subquery.test === undefined ? undefined : rename(subquery.test),
  };
}
