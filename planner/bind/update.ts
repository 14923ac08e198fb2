// UPDATE … SET … FROM … WHERE … RETURNING.

import type { UpdateStmt } from '@pgsql/types';
import type { Expression, TableDescriptor } from '#common';
import type { Assignment, LogicalPlan, UpdateNode } from '../logical-plan.ts';
import { currentVersions } from '../temporal.ts';
import { extend } from './bound-select.ts';
import { coerceToBoolean } from './coercion.ts';
import { bindWithClause, wrapWith } from './cte.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { bindFromClause, crossJoin } from './from-clause.ts';
import { checkNameConflicts } from './from-element.ts';
import {
  bindReturning,
  liveColumns,
  modifiedTable,
  type BoundModification,
} from './modification.ts';
import { tableItem, type RelationItem } from './relation-item.ts';
import { columnReference, type Scope } from './scope.ts';
import { bindSetClause, type SetClause } from './set-clause.ts';
import { generatedValue } from './stored-expression.ts';

export function bindUpdate(statement: UpdateStmt, scope: Scope): BoundModification {
  bindWithClause(statement.withClause, scope);
  const target = modifiedTable(statement.relation!, 'UPDATE', scope);
  const { table } = target;
  const written = tableItem(table, target.alias, currentVersions, scope);
  const from = bindFromClause(statement.fromClause, scope);
  const others = [...scope.items];
  checkNameConflicts(others, [written.item]);
  scope.items.unshift(written.item);
  const set = bindSetClause(statement.targetList, table, scope);
  const where =
    statement.whereClause === undefined
      ? undefined
      : coerceToBoolean(
          scope.bindAs(ExpressionKinds.where, statement.whereClause),
          'WHERE',
          scope.binder,
        );
  const rowKey = written.item.rowKey()!;
  const generated = newRow(table, written, set, scope);
  const { returning, columns } = bindReturning(
    statement.returningClause?.exprs,
    target,
    others,
    scope,
  );

  const joined =
    statement.fromClause === undefined
      ? written.build()
      : crossJoin(written.build(), from(), false);
  const filtered: LogicalPlan =
    where === undefined
      ? joined
      : {
          kind: 'filter',
          input: joined,
          condition: where,
          barrier: false,
          outputs: joined.outputs,
        };
  const withRecords = extend(filtered, set.records);
  const node: UpdateNode = {
    kind: 'update',
    table,
    source: extend(withRecords, generated.added),
    rowKey: rowKey.column,
    assignments: generated.assignments,
    returning,
    outputs: columns,
  };
  return { command: 'UPDATE', plan: wrapWith(node, scope), columns };
}

interface NewRow {
  readonly assignments: readonly Assignment[];
  /** New values that generated columns read, computed once. */
  readonly added: Parameters<typeof extend>[1];
}

/** The assignments, and the generated columns that depend on what they change. */
function newRow(
  table: TableDescriptor,
  written: RelationItem,
  set: SetClause,
  scope: Scope,
): NewRow {
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
    return written.item.columns[index].expression();
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
