// DELETE FROM … USING … WHERE … RETURNING.

import type { DeleteStmt } from '@pgsql/types';
import type { DeleteNode, LogicalPlan } from '../logical-plan.ts';
import { bindWithClause, wrapWith } from './cte.ts';
import { bindFromClause, crossJoin } from './from-clause.ts';
import { checkNameConflicts } from './from-element.ts';
import { bindReturning, type BoundModification } from './modification.ts';
import { modifiedTable } from './modified-table.ts';
import { securedRows } from './row-checks.ts';
import type { Scope } from './scope.ts';
import { targetItem } from './triggered-view.ts';
import { bindWriteCondition } from './write-condition.ts';

export function bindDelete(statement: DeleteStmt, scope: Scope): BoundModification {
  bindWithClause(statement.withClause, scope);
  const target = modifiedTable(statement.relation!, 'DELETE', scope);
  target.noteWrite('DELETE', []);
  const scan = targetItem(target, scope);
  const deleted = target.present(scan.item);
  const from = bindFromClause(statement.usingClause, scope);
  const others = [...scope.items];
  checkNameConflicts(others, [deleted]);
  scope.items.unshift(deleted);
  const filtered = bindWriteCondition(statement.whereClause, target, scan.item, scope);
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
  return { command: 'DELETE', plan: wrapWith(node, scope), columns };
}
