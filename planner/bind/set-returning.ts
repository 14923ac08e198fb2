// Set-returning functions outside FROM: each call becomes a column that a projectSet operator below
// the projection makes. Nested calls are computed in levels, the innermost first.

import { databaseError, type CallExpression, type Expression } from '#common';
import { at } from '../errors.ts';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { columnsOf } from '../optimize/plan-tree.ts';
import { sameExpression } from '../optimize/same-expression.ts';
import { type ExpressionKind, ExpressionKinds } from './expression-kind.ts';
import { recordFields } from './record-shape.ts';
import { columnTypeOf } from './collation.ts';
import { columnReference, type CollectedSet, type Scope } from './scope.ts';

const keyKinds: ReadonlySet<ExpressionKind> = new Set([
  ExpressionKinds.groupBy,
  ExpressionKinds.orderBy,
  ExpressionKinds.distinctOn,
]);

/** Collects a set-returning call of an expression and returns the column that stands for it. */
export function collectSet(
  call: CallExpression,
  name: string,
  scope: Scope,
  position: number | undefined,
): Expression {
  const place = scope.kind.sets;
  if (place !== undefined) {
    throw databaseError(
      'featureNotSupported',
      `set-returning functions are not allowed in ${place}`,
      at(position),
    );
  }
  if (scope.setForbidden !== undefined) {
    throw databaseError(
      'featureNotSupported',
      `set-returning functions are not allowed in ${scope.setForbidden}`,
      {
        ...at(position),
        hint: 'You might be able to move the set-returning function into a LATERAL FROM item.',
      },
    );
  }
  // A key repeats the call of the select list, where each call is one of its own.
  const known = keyKinds.has(scope.kind)
    ? scope.sets.find((set) => sameExpression(set.call, call))
    : undefined;
  if (known !== undefined) return columnReference(known.column.id, known.column.type, position);
  const column = scope.newColumn(name, columnTypeOf(call));
  const read = columnsOf(call);
  const inner = scope.sets.filter((set) => read.has(set.column.id));
  const level = Math.max(-1, ...inner.map((set) => set.level)) + 1;
  const fields = recordFields(call, scope.binder);
  if (fields !== undefined) scope.binder.recordShapes.set(column.id, fields);
  scope.sets.push({ column, call, level });
  return columnReference(column.id, column.type, position);
}

/** A condition has one value. 42804. */
export function refuseSet(expression: Expression, construct: string, scope: Scope): void {
  if (scope.sets.length === 0) return;
  const read = columnsOf(expression);
  if (!scope.sets.some(({ column }) => read.has(column.id))) return;
  throw databaseError(
    'datatypeMismatch',
    `argument of ${construct} must not return a set`,
    at(expression.position),
  );
}

/** The sets that grouping keys read, themselves or within one another, are computed before the grouping, the others after it. */
export function splitSets(
  scope: Scope,
  groupKeys: readonly Expression[],
): { readonly early: readonly CollectedSet[]; readonly late: readonly CollectedSet[] } {
  const early = readSets(scope.sets, groupKeys);
  return { early, late: scope.sets.filter((set) => !early.includes(set)) };
}

/** The sets whose columns the expressions read, and those that the calls of these read. */
export function readSets(
  sets: readonly CollectedSet[],
  readers: readonly Expression[],
): readonly CollectedSet[] {
  const read = new Set(readers.flatMap((reader) => [...columnsOf(reader)]));
  // A call reads sets of lower levels only.
  for (const { column, call } of sets.toSorted((left, right) => right.level - left.level)) {
    if (read.has(column.id)) for (const id of columnsOf(call)) read.add(id);
  }
  return sets.filter((set) => read.has(set.column.id));
}

/** Stacks the projectSet operators that collected calls need over a plan. */
export function buildSets(input: LogicalPlan, collected: readonly CollectedSet[]): LogicalPlan {
  const levels = Math.max(-1, ...collected.map((set) => set.level));
  let plan = input;
  for (let level = 0; level <= levels; level++) {
    const sets = collected.filter((set) => set.level === level);
    if (sets.length === 0) continue;
    plan = {
      kind: 'projectSet',
      input: plan,
      expressions: [...plan.outputs.map(passThrough), ...sets.map((set) => set.call)],
      outputs: [...plan.outputs, ...sets.map((set) => set.column)],
    };
  }
  return plan;
}

function passThrough(column: PlanColumn): Expression {
  return columnReference(column.id, column.type);
}
