// DELETE FROM … USING … WHERE … RETURNING.

import type { DeleteStmt } from '@pgsql/types';
import type { DeleteNode, LogicalPlan } from '../logical-plan.ts';
import { currentVersions } from '../temporal.ts';
import { coerceToBoolean } from './coercion.ts';
import { bindWithClause, wrapWith } from './cte.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { bindFromClause, crossJoin } from './from-clause.ts';
import { checkNameConflicts } from './from-element.ts';
import { bindReturning, modifiedTable, type BoundModification } from './modification.ts';
import { tableItem } from './relation-item.ts';
import type { Scope } from './scope.ts';

export function bindDelete(statement: DeleteStmt, scope: Scope): BoundModification {
  bindWithClause(statement.withClause, scope);
  const target = modifiedTable(statement.relation!, 'DELETE', scope);
  const deleted = tableItem(target.table, target.alias, currentVersions, scope);
  const from = bindFromClause(statement.usingClause, scope);
  const others = [...scope.items];
  checkNameConflicts(others, [deleted.item]);
  scope.items.unshift(deleted.item);
  const where =
    statement.whereClause === undefined
      ? undefined
      : coerceToBoolean(
          scope.bindAs(ExpressionKinds.where, statement.whereClause),
          'WHERE',
          scope.binder,
        );
  const rowKey = deleted.item.rowKey()!;
  const { returning, columns } = bindReturning(
    statement.returningClause?.exprs,
    target,
    others,
    scope,
  );
  const joined =
    statement.usingClause === undefined
      ? deleted.build()
      : crossJoin(deleted.build(), from(), false);
  const source: LogicalPlan =
    where === undefined
      ? joined
      : {
          kind: 'filter',
          input: joined,
          condition: where,
          barrier: false,
          outputs: joined.outputs,
        };
  const node: DeleteNode = {
    kind: 'delete',
    table: target.table,
    source,
    rowKey: rowKey.column,
    returning,
    outputs: columns,
  };
  return { command: 'DELETE', plan: wrapWith(node, scope), columns };
}
