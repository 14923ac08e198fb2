// The target list of SELECT and RETURNING: * expanded, names figured out, untyped literals made text.

import type { Node } from '@pgsql/types';
import { databaseError, targetListMax, type Expression } from '#common';
import { at } from '../errors.ts';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { columnName } from './column-name.ts';

import { bodyOf } from './node.ts';
import type { Scope } from './scope.ts';
import { columnTypeOf } from './collation.ts';
import { textIfUnknown } from './sort-key.ts';
import { expandStar } from './star.ts';
import { recordFields } from './record-shape.ts';

/** A column of the output; hidden ones serve ORDER BY alone. */
export interface Target {
  expression: Expression;
  readonly name: string;
  readonly hidden: boolean;
}

export function bindTargetList(nodes: readonly Node[] | undefined, scope: Scope): Target[] {
  const targets: Target[] = [];
  for (const node of nodes ?? []) {
    const target = bodyOf(node, 'ResTarget')!;
    const value = target.val!;
    const star = expandStar(value, scope);
    if (star !== undefined) {
      for (const column of star)
        targets.push({ expression: column.expression, name: column.name, hidden: false });
      continue;
    }
    const expression = scope.bind(value);
    targets.push({
      expression,
      name: target.name ?? columnName(value, scope.binder),
      hidden: false,
    });
  }
  if (targets.length > targetListMax) {
    throw databaseError(
      'tooManyColumns',
      `target lists can have at most ${targetListMax} entries`,
      at(undefined),
    );
  }
  return targets;
}

/** resolveTargetListUnknowns(): what is still untyped becomes text. */
export function resolveUnknownTargets(targets: readonly Target[], scope: Scope): void {
  for (const target of targets) target.expression = textIfUnknown(target.expression, scope.binder);
}

/** Output columns of targets: a plain column keeps its id, anything else gets one. */
export function targetColumns(
  targets: readonly Target[],
  scope: Scope,
  input?: LogicalPlan,
): PlanColumn[] {
  const { binder } = scope;
  const made = input === undefined ? undefined : new Set(input.outputs.map((column) => column.id));
  return targets.map(({ expression, name }) => {
    const { type } = expression;
    // A column of an enclosing query gets an id of its own: an outer join may make it null here only.
    if (expression.kind === 'column' && made?.has(expression.column) !== false) {
      return { id: expression.column, name, type };
    }
    const column = binder.newColumn(undefined, name, columnTypeOf(expression));
    const fields = recordFields(expression, binder);
    if (fields !== undefined) binder.recordShapes.set(column.id, fields);
    return column;
  });
}
