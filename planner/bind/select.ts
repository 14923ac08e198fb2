// A query expression: SELECT, VALUES or a set operation, with its WITH, ORDER BY, LIMIT and locking.
//
// Binding is in two steps. openSelect() binds everything and leaves the target list open, since what
// stands around may still decide the type of untyped literals in it (UNION, INSERT … SELECT);
// finish() closes it and builds the plan, bottom up:
// FROM, WHERE, grouping, HAVING, windows, set-returning calls, target list, DISTINCT, ORDER BY, LIMIT.

import type { SelectStmt } from '@pgsql/types';
import { databaseError, notSupported, type Expression } from '#common';
import { functionRegistry } from '#functions';
import { at } from '../errors.ts';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { someExpression } from '../optimize/expression-tree.ts';
import type { BoundSelect } from './bound-select.ts';
import { collated, collatedForEquality } from './collation.ts';
import { coerceToBoolean } from './coercion.ts';
import { bindWithClause, wrapWith } from './cte.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { bindFromClause } from './from-clause.ts';
import { bindGroupBy, GroupedExpressions } from './grouping.ts';
import { buildAggregate } from './grouping-plan.ts';
import { applyLimit, bindLimit, type BoundLimit } from './limit.ts';
import { bindLocking, lockingClauses } from './locking.ts';
import { bodyOf } from './node.ts';
import { bindDistinct, bindOrderBy, orderKeysOver, type TargetSort } from './order-by.ts';
import { columnReference, type Scope } from './scope.ts';
import { openSetOperation } from './set-operation.ts';
import { buildSets, readSets, splitSets } from './set-returning.ts';
import {
  bindTargetList,
  resolveUnknownTargets,
  targetColumns,
  type Target,
} from './target-list.ts';
import { openValues } from './values.ts';
import { bindUnusedWindows } from './window.ts';
import { buildWindows, rewriteWindows } from './window-plan.ts';

export interface OpenSelect {
  /** Visible output columns; an expression may still be replaced by one of another type. */
  readonly targets: readonly Target[];
  finish(): BoundSelect;
}

/** The whole of a query expression in a scope of its own. */
export function bindSelect(statement: SelectStmt, scope: Scope): BoundSelect {
  const open = openSelect(statement, scope);
  resolveUnknownTargets(open.targets, scope);
  return open.finish();
}

export function openSelect(statement: SelectStmt, scope: Scope): OpenSelect {
  return scope.binder.nested(() => {
    bindWithClause(statement.withClause, scope);
    const open =
      statement.valuesLists !== undefined
        ? openValues(statement, scope)
        : statement.op !== undefined && statement.op !== 'SETOP_NONE'
          ? openSetOperation(statement, scope, openSelect)
          : openPlainSelect(statement, scope);
    if (scope.cteDefinitions.length === 0) return open;
    return {
      targets: open.targets,
      finish() {
        const select = open.finish();
        return { ...select, plan: wrapWith(select.plan, scope) };
      },
    };
  });
}

function openPlainSelect(statement: SelectStmt, scope: Scope): OpenSelect {
  if (statement.intoClause !== undefined) throw notSupported('SELECT … INTO here');
  scope.locking = lockingClauses(statement);
  scope.windowClause = (statement.windowClause ?? []).map((node) => bodyOf(node, 'WindowDef')!);
  const from = scope.within(ExpressionKinds.fromClause, () =>
    bindFromClause(statement.fromClause, scope),
  );
  const targets = bindTargetList(statement.targetList, scope);
  const where = bindCondition(statement.whereClause, ExpressionKinds.where, scope);
  const having = bindCondition(statement.havingClause, ExpressionKinds.having, scope);
  const sorts = bindOrderBy(statement.sortClause, targets, scope);
  const grouping = bindGroupBy(
    statement.groupClause,
    statement.groupDistinct === true,
    targets,
    scope,
  );
  const distinct =
    statement.distinctClause === undefined
      ? undefined
      : bindDistinct(statement.distinctClause, targets, sorts, scope);
  const limit = bindLimit(statement, scope);
  bindUnusedWindows(scope);
  refuseAggregatesInStep(scope);
  const visible = targets.filter((target) => !target.hidden);
  const locking = bindLocking(statement, targets, scope);

  return {
    targets: visible,
    finish() {
      const isGrouped =
        grouping !== undefined ||
        having !== undefined ||
        scope.aggregates.length > 0 ||
        scope.groupings.length > 0;
      const grouped = isGrouped ? new GroupedExpressions(grouping, scope) : undefined;
      const rewrite = (expression: Expression): Expression =>
        grouped?.rewrite(expression) ?? expression;
      // All rewriting comes before building: it may add keys to the grouping.
      recordSelect(statement, { targets, where, having, sorts, distinct, limit, scope });
      for (const target of targets) target.expression = rewrite(target.expression);
      const condition = having === undefined ? undefined : rewrite(having);
      const { early, late } = splitSets(scope, grouping?.keys ?? []);
      const lateSets = late.map((set) => ({ ...set, call: rewrite(set.call) }));
      const windows = rewriteWindows(scope, rewrite);
      // A call that is a key of the grouping as well was replaced by its output.
      const readers = targets.map(({ expression }) => expression);

      let plan = from();
      if (where !== undefined) plan = filter(plan, where);
      plan = buildSets(plan, early);
      if (grouped !== undefined) plan = buildAggregate(plan, grouped);
      if (condition !== undefined) plan = filter(plan, condition);
      plan = buildWindows(plan, windows);
      plan = buildSets(plan, readSets(lateSets, readers));
      const output: SelectOutput = { targets, sorts, distinct, scope };
      const projected = projectAndSort(plan, output);
      const ordered = orderKeysOver(sorts, projected.column);
      const locked = locking(projected.plan);
      return { plan: applyLimit(locked, limit, ordered), columns: projected.visible };
    },
  };
}

/** Notes the parts as they are before grouping, for whoever prints the query. */
function recordSelect(
  statement: SelectStmt,
  parts: {
    readonly targets: readonly Target[];
    readonly where: Expression | undefined;
    readonly having: Expression | undefined;
    readonly sorts: readonly TargetSort[];
    readonly distinct: { readonly on: readonly Target[] | undefined } | undefined;
    readonly limit: BoundLimit | undefined;
    readonly scope: Scope;
  },
): void {
  const { targets, sorts, distinct, scope, where, having, limit } = parts;
  const { record } = scope.binder.context;
  if (record === undefined) return;
  const visible = targets.filter(({ hidden }) => !hidden);
  record.selects.set(statement, {
    scope,
    where,
    having,
    limit,
    targets: visible.map(({ expression, name }) => ({ expression, name })),
    sorts: sorts.map(({ target, key }) => ({
      expression: target.expression,
      key,
      ordinal: visible.indexOf(target) + 1,
    })),
    distinctOn: distinct?.on?.map(({ expression }) => expression),
  });
}

function refuseAggregatesInStep(scope: Scope): void {
  const [aggregate] = scope.aggregates;
  if (aggregate === undefined || !scope.readsOwnResult) return;
  throw databaseError(
    'invalidRecursion',
    "aggregate functions are not allowed in a recursive query's recursive term",
    at(aggregate.expression.position),
  );
}

function bindCondition(
  node: SelectStmt['whereClause'],
  kind: typeof ExpressionKinds.where,
  scope: Scope,
): Expression | undefined {
  if (node === undefined) return undefined;
  return coerceToBoolean(scope.bindAs(kind, node), kind.name, scope.binder);
}

function filter(input: LogicalPlan, condition: Expression): LogicalPlan {
  return { kind: 'filter', input, condition, barrier: false, outputs: input.outputs };
}

interface SelectOutput {
  readonly targets: readonly Target[];
  readonly sorts: readonly TargetSort[];
  readonly distinct: { readonly on: readonly Target[] | undefined } | undefined;
  readonly scope: Scope;
}

interface Projected {
  readonly plan: LogicalPlan;
  readonly visible: readonly PlanColumn[];
  /** The output column of a target. */
  readonly column: (target: Target) => Expression;
}

/**
 * The target list, DISTINCT and ORDER BY. As in PostgreSQL, volatile expressions that no key needs
 * are computed after sorting, so that LIMIT keeps them from running for rows that nobody sees.
 */
function projectAndSort(input: LogicalPlan, output: SelectOutput): Projected {
  const { targets, sorts, distinct, scope } = output;
  const columns = targetColumns(targets, scope, input);
  const columnOf = new Map(targets.map((target, index) => [target, columns[index]]));
  const column = (target: Target): Expression => {
    const { id, type } = columnOf.get(target)!;
    return columnReference(id, type);
  };
  const visible = columns.filter((_column, index) => !targets[index].hidden);
  const project = (below: LogicalPlan): LogicalPlan => ({
    kind: 'project',
    input: below,
    expressions: targets.map((target) => target.expression),
    outputs: columns,
  });
  const late = distinct === undefined && sorts.length > 0 && hasLateTargets(targets, sorts);
  if (late) {
    const keys = orderKeysOver(sorts, (target) => target.expression);
    return { plan: project(sort(input, keys)), visible, column };
  }
  let plan = project(input);
  const keys = orderKeysOver(sorts, column);
  if (distinct?.on !== undefined) {
    plan = sort(plan, keys);
    return {
      plan: {
        kind: 'distinct',
        input: plan,
        on: distinct.on.map((target) => collated(column(target))),
        outputs: columns,
      },
      visible,
      column,
    };
  }
  if (distinct !== undefined) plan = distinctRows(plan, columns);
  return { plan: sort(plan, keys), visible, column };
}

/** DISTINCT. Texts that are equal without being the same are told by their collation. */
function distinctRows(input: LogicalPlan, columns: readonly PlanColumn[]): LogicalPlan {
  const values = columns.map(({ id, type }) => columnReference(id, type));
  const on = values.map(collatedForEquality);
  if (on.every((key, index) => key === values[index]))
    return { kind: 'distinct', input, on: undefined, outputs: columns };
  const keys = on.map((expression) => ({ expression, descending: false, nullsFirst: false }));
  return { kind: 'distinct', input: sort(input, keys), on, outputs: columns };
}

function sort(input: LogicalPlan, keys: ReturnType<typeof orderKeysOver>): LogicalPlan {
  return keys.length === 0 ? input : { kind: 'sort', input, keys, outputs: input.outputs };
}

function hasLateTargets(targets: readonly Target[], sorts: readonly TargetSort[]): boolean {
  const isVolatile = (target: Target): boolean =>
    someExpression(
      target.expression,
      (each) =>
        each.kind === 'call' &&
        functionRegistry.functionByOid(each.functionOid)?.volatility === 'volatile',
    );
  return targets.some(isVolatile) && !sorts.some(({ target }) => isVolatile(target));
}
