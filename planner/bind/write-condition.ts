// WHERE of UPDATE and DELETE, and what views in the target's place add to it.

import type { Node } from '@pgsql/types';
import type { LogicalPlan } from '../logical-plan.ts';
import { coerceToBoolean } from './coercion.ts';
import { andAll } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import type { ModifiedTable } from './modified-table.ts';
import type { NamespaceItem, Scope } from './scope.ts';

/** Binds the conditions and returns how to put them over the rows of the target. */
export function bindWriteCondition(
  node: Node | undefined,
  target: ModifiedTable,
  row: NamespaceItem,
  scope: Scope,
): (input: LogicalPlan) => LogicalPlan {
  const conditions = [...target.conditions(row)];
  if (node !== undefined) {
    conditions.push(
      coerceToBoolean(scope.bindAs(ExpressionKinds.where, node), 'WHERE', scope.binder),
    );
  }
  if (conditions.length === 0) return (input) => input;
  const condition = andAll(conditions);
  return (input) => ({ kind: 'filter', input, condition, barrier: false, outputs: input.outputs });
}
