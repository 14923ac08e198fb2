// UPDATE … SET … FROM … WHERE … RETURNING.

import type { UpdateStmt } from '@pgsql/types';
import type { Expression, TableDescriptor } from '#common';
import type { Assignment, LogicalPlan, PlanColumn, UpdateNode } from '../logical-plan.ts';
import { extend } from './bound-select.ts';
import { bindWithClause, wrapWith } from './cte.ts';
import { currentOf } from './current-of.ts';
import { bindFromClause, crossJoin } from './from-clause.ts';
import { checkNameConflicts } from './from-element.ts';
import { bindReturning, existingValue, type BoundModification } from './modification.ts';
import { modifiedTable, liveColumns, type ModifiedTable } from './modified-table.ts';
import { bindRowChecks, securedRows } from './row-checks.ts';
import { columnReference, type NamespaceItem, type Scope } from './scope.ts';
import { assignedNames, bindSetClause, type SetClause } from './set-clause.ts';
import { generatedValue } from './stored-expression.ts';
import { targetItem } from './triggered-view.ts';
import { bindWriteCondition } from './write-condition.ts';

export function bindUpdate(statement: UpdateStmt, scope: Scope): BoundModification {
  const { node, columns } = openUpdate(statement, scope);
  return { command: 'UPDATE', plan: wrapWith(node, scope), columns };
}

export interface OpenUpdate {
  readonly node: UpdateNode;
  readonly columns: readonly PlanColumn[];
  /** The row as it was, over the node's source. */
  readonly row: NamespaceItem;
  readonly target: ModifiedTable;
}

/** WITH is left in the scope. `wholeRow`: the source makes every column of the row. */
export function openUpdate(statement: UpdateStmt, scope: Scope, wholeRow = false): OpenUpdate {
  bindWithClause(statement.withClause, scope);
  const target = modifiedTable(statement.relation!, 'UPDATE', scope);
  const { table } = target;
  const cursor = currentOf(statement.whereClause, target, scope);
  const scan = targetItem(target, scope, cursor);
  if (wholeRow) for (const column of scan.item.columns) column.expression();
  const written = target.present(scan.item);
  const from = bindFromClause(statement.fromClause, scope);
  const others = [...scope.items];
  checkNameConflicts(others, [written]);
  scope.items.unshift(written);
  target.noteWrite('UPDATE', assignedNames(statement.targetList));
  const set = bindSetClause(statement.targetList, target, scope, (column) =>
    existingValue(table, scan.item, column),
  );
  const filtered = bindWriteCondition(
    cursor === undefined ? statement.whereClause : undefined,
    target,
    scan.item,
    scope,
  );
  const rowKey = written.rowKey()!;
  const generated = newRow(table, scan.item, set, scope);
  const { returning, columns } = bindReturning(
    statement.returningClause?.exprs,
    target,
    others,
    scope,
  );
  const secured = securedRows(target, scan.item, 'update', scope);
  const rowChecks = bindRowChecks(target, ['update'], scope);
  const rows = (): LogicalPlan => secured(scan.build());
  const joined = statement.fromClause === undefined ? rows() : crossJoin(rows(), from(), false);
  const withRecords = extend(filtered(joined), set.records);
  const node: UpdateNode = {
    kind: 'update',
    table,
    source: extend(withRecords, generated.added),
    rowKey: rowKey.column,
    assignments: generated.assignments,
    rowChecks,
    returning,
    outputs: columns,
  };
  return { node, columns, row: scan.item, target };
}

interface NewRow {
  readonly assignments: readonly Assignment[];
  /** New values that generated columns read, computed once. */
  readonly added: Parameters<typeof extend>[1];
}

/** The assignments, and the generated columns that depend on what they change. */
function newRow(table: TableDescriptor, row: NamespaceItem, set: SetClause, scope: Scope): NewRow {
  const columns = liveColumns(table);
  const generated = columns.filter((column) => column.generated !== undefined);
  if (generated.length === 0) return { assignments: set.assignments, added: [] };
  const plain = set.assignments.filter(
    (each) => !generated.some((column) => column.attributeNumber === each.attributeNumber),
  );
  const added = plain.map(({ attributeNumber, value }) => {
    const { name, type } = columns.find((column) => column.attributeNumber === attributeNumber)!;
    return { column: scope.newColumn(name, type), expression: value };
  });
  const values = new Map<number, Expression>();
  plain.forEach(({ attributeNumber }, index) => {
    const { id, type } = added[index].column;
    values.set(attributeNumber, columnReference(id, type));
  });
  const valueOf = (attributeNumber: number): Expression => {
    const assigned = values.get(attributeNumber);
    if (assigned !== undefined) return assigned;
    const index = columns.findIndex((column) => column.attributeNumber === attributeNumber);
    return row.columns[index].expression();
  };
  return {
    assignments: [
      ...plain.map(({ attributeNumber }) => ({
        attributeNumber,
        value: values.get(attributeNumber)!,
      })),
      ...generated.map((column) => ({
        attributeNumber: column.attributeNumber,
        value: generatedValue(table, column, valueOf, scope.binder),
      })),
    ],
    added,
  };
}
