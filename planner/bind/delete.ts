// DELETE FROM … USING … WHERE … RETURNING.

import type { DeleteStmt } from '@pgsql/types';
import type { DeleteNode, LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { bindWithClause, wrapWith } from './cte.ts';
import { currentOf } from './current-of.ts';
import { bindFromClause, crossJoin } from './from-clause.ts';
import { checkNameConflicts } from './from-element.ts';
import { bindReturning, type BoundModification } from './modification.ts';
import { modifiedTable, type ModifiedTable } from './modified-table.ts';
import { securedRows } from './row-checks.ts';
import type { NamespaceItem, Scope } from './scope.ts';
import { targetItem } from './triggered-view.ts';
import { bindWriteCondition } from './write-condition.ts';

export function bindDelete(statement: DeleteStmt, scope: Scope): BoundModification {
  const { node, columns } = openDelete(statement, scope);
  return { command: 'DELETE', plan: wrapWith(node, scope), columns };
}

export interface OpenDelete {
  readonly node: DeleteNode;
  readonly columns: readonly PlanColumn[];
  /** The row as it was, over the node's source. */
  readonly row: NamespaceItem;
  readonly target: ModifiedTable;
}

/** WITH is left in the scope. `wholeRow`: the source makes every column of the row. */
export function openDelete(statement: DeleteStmt, scope: Scope, wholeRow = false): OpenDelete {
  bindWithClause(statement.withClause, scope);
  const target = modifiedTable(statement.relation!, 'DELETE', scope);
  target.noteWrite('DELETE', []);
  const cursor = currentOf(statement.whereClause, target, scope);
  const scan = targetItem(target, scope, cursor);
  if (wholeRow) for (const column of scan.item.columns) column.expression();
  const deleted = target.present(scan.item);
  const from = bindFromClause(statement.usingClause, scope);
  const others = [...scope.items];
  checkNameConflicts(others, [deleted]);
  scope.items.unshift(deleted);
  const filtered = bindWriteCondition(
    cursor === undefined ? statement.whereClause : undefined,
    target,
    scan.item,
    scope,
  );
  const rowKey = deleted.rowKey()!;
  const { returning, columns } = bindReturning(
    statement.returningClause?.exprs,
    target,
    others,
    scope,
  );
  const secured = securedRows(target, scan.item, 'delete', scope);
  const rows = (): LogicalPlan => secured(scan.build());
  const joined = statement.usingClause === undefined ? rows() : crossJoin(rows(), from(), false);
  const source = filtered(joined);
  const node: DeleteNode = {
    kind: 'delete',
    table: target.table,
    source,
    rowKey: rowKey.column,
    returning,
    outputs: columns,
  };
  return { node, columns, row: scan.item, target };
}
