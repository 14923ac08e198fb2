// The window operators of a query level: one for each distinct window, stacked, each adding the
// columns of its calls.

import type { Expression, OrderKey } from '#common';
import type { LogicalPlan } from '../logical-plan.ts';
import type { CollectedWindowCall, Scope } from './scope.ts';
import type { BoundWindow } from './window.ts';

export interface WindowStep {
  readonly window: BoundWindow;
  readonly calls: readonly CollectedWindowCall[];
}

/** The windows that have calls, with all expressions rewritten over the grouping. */
export function rewriteWindows(
  scope: Scope,
  rewrite: (expression: Expression) => Expression,
): WindowStep[] {
  const rewriteKeys = (keys: readonly OrderKey[]): OrderKey[] =>
    keys.map((key) => ({ ...key, expression: rewrite(key.expression) }));
  return scope.windows
    .map((window): WindowStep => ({
      window: {
        ...window,
        partitionBy: window.partitionBy.map(rewrite),
        orderBy: rewriteKeys(window.orderBy),
      },
      calls: scope.windowCalls
        .filter((each) => each.window === window)
        .map((each) => ({
          ...each,
          call: {
            ...each.call,
            arguments: each.call.arguments.map(rewrite),
            filter: each.call.filter === undefined ? undefined : rewrite(each.call.filter),
          },
        })),
    }))
    .filter((step) => step.calls.length > 0);
}

export function buildWindows(input: LogicalPlan, steps: readonly WindowStep[]): LogicalPlan {
  return steps.reduce(
    (plan, { window, calls }): LogicalPlan => ({
      kind: 'window',
      input: plan,
      partitionBy: window.partitionBy,
      orderBy: window.orderBy,
      frame: window.frame,
      calls: calls.map(({ call }) => call),
      outputs: [...plan.outputs, ...calls.map(({ column }) => column)],
    }),
    input,
  );
}
