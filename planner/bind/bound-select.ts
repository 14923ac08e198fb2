// The outcome of binding a query expression: its plan and its visible columns. The plan may make
// further (hidden) columns that only its ORDER BY needs.

import type { Expression } from '#common';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { columnReference } from './scope.ts';

export interface BoundSelect {
  readonly plan: LogicalPlan;
  readonly columns: readonly PlanColumn[];
}

/** The plan with exactly the visible columns, in order. */
export function exactPlan(select: BoundSelect): LogicalPlan {
  const { plan, columns } = select;
  const exact =
    plan.outputs.length === columns.length &&
    columns.every((column, index) => plan.outputs[index].id === column.id);
  if (exact) return plan;
  return {
    kind: 'project',
    input: plan,
    expressions: columns.map((column) => columnReference(column.id, column.type)),
    outputs: columns,
  };
}

/** A projection that keeps the input's columns and computes further ones. */
export function extend(
  input: LogicalPlan,
  added: readonly { readonly column: PlanColumn; readonly expression: Expression }[],
): LogicalPlan {
  if (added.length === 0) return input;
  return {
    kind: 'project',
    input,
    expressions: [
      ...input.outputs.map(({ id, type }): Expression => ({ kind: 'column', column: id, type })),
      ...added.map(({ expression }) => expression),
    ],
    outputs: [...input.outputs, ...added.map(({ column }) => column)],
  };
}
