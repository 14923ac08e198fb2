// RETURNING of a statement that a rule replaces: its columns are those of the RETURNING of the rule's action.

import type { Node } from '@pgsql/types';
import { type Expression, sqlType } from '#common';
import type { LogicalPlan, PlanColumn, Returning } from '../logical-plan.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { liveColumns } from './modified-table.ts';
import { visibleItem } from './relation-item.ts';
import type { BoundAction } from './rule-action.ts';
import type { StatementRows } from './rule-statement.ts';
import { type NamespaceItem, Scope } from './scope.ts';
import { bindTargetList, resolveUnknownTargets, targetColumns } from './target-list.ts';

/** The action with the statement's RETURNING in place of its own; one without RETURNING stays as it is. */
export function ruleReturning(
  bound: BoundAction,
  nodes: readonly Node[] | undefined,
  rows: StatementRows,
  scope: Scope,
): BoundAction {
  const replaced = replacedIn(bound.plan, (returning) => boundOver(returning, nodes, rows, scope));
  return replaced === undefined ? bound : { ...bound, plan: replaced, columns: replaced.outputs };
}

interface NewReturning {
  readonly returning: Returning;
  readonly columns: readonly PlanColumn[];
}

/** undefined: nothing in the plan returns rows. */
function replacedIn(
  plan: LogicalPlan,
  replace: (returning: Returning) => NewReturning,
): LogicalPlan | undefined {
  if (plan.kind === 'with') {
    const body = replacedIn(plan.body, replace);
    return body === undefined ? undefined : { ...plan, body, outputs: body.outputs };
  }
  if (plan.kind === 'sequence') {
    const step = plan.steps[plan.returned];
    const changed = step === undefined ? undefined : replacedIn(step, replace);
    if (changed === undefined) return undefined;
    const steps = plan.steps.with(plan.returned, changed);
    return { ...plan, steps, outputs: changed.outputs };
  }
  if (!('returning' in plan) || plan.returning === undefined) return undefined;
  const { returning, columns } = replace(plan.returning);
  return { ...plan, returning, outputs: columns };
}

/** The target list over the columns that the action returns. */
function boundOver(
  returning: Returning,
  nodes: readonly Node[] | undefined,
  { table, present }: StatementRows,
  { binder }: Scope,
): NewReturning {
  const inner = new Scope(binder, undefined);
  const names = liveColumns(table).map(({ name }) => name);
  const row: NamespaceItem = {
    ...visibleItem,
    name: table.name,
    relation: { schemaOid: table.schemaOid, oid: table.oid },
    table: undefined,
    columns: returning.expressions.map((expression, index) => ({
      name: names[index] ?? '',
      type: expression.type,
      expression: (): Expression => expression,
    })),
    pseudoColumn: () => undefined,
    rowKey: () => undefined,
    rowType: sqlType(table.rowTypeOid),
  };
  inner.items.push(present(row));
  return inner.within(ExpressionKinds.returning, () => {
    const targets = bindTargetList(nodes, inner);
    resolveUnknownTargets(targets, inner);
    const columns = targetColumns(targets, inner);
    const expressions = targets.map(({ expression }) => expression);
    return { returning: { ...returning, expressions }, columns };
  });
}
