// What INSERT, UPDATE and DELETE have in common: the values assigned to columns, and RETURNING.

import type { Node } from '@pgsql/types';
import {
  databaseError,
  type ColumnDescriptor,
  type Expression,
  type TableDescriptor,
} from '#common';
import { at } from '../errors.ts';
import type { PlanColumn, Returning } from '../logical-plan.ts';
import type { BoundSelect } from './bound-select.ts';
import { coerceToTarget } from './coercion.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { liveColumns, type ModifiedTable, type WriteCommand } from './modified-table.ts';
import { ScanColumns, tableNamespace, visibleItem } from './relation-item.ts';
import type { NamespaceItem, Scope } from './scope.ts';
import { bindTargetList, resolveUnknownTargets, targetColumns } from './target-list.ts';
import { typeName } from './type-name.ts';
import { startOf } from './located.ts';

export interface BoundModification extends BoundSelect {
  readonly command: WriteCommand | 'MERGE';
}

/** transformAssignedExpr(): the value in the column's type, by assignment cast. */
export function assignedValue(
  value: Expression,
  column: ColumnDescriptor,
  scope: Scope,
): Expression {
  const { binder } = scope;
  const converted = coerceToTarget(value, column.type, 'assignment', binder);
  if (converted !== undefined) return converted;
  throw databaseError(
    'datatypeMismatch',
    `column "${column.name}" is of type ${typeName(column.type, binder)} but expression is of type ${typeName(value.type, binder)}`,
    { ...at(startOf(value)), hint: 'You will need to rewrite or cast the expression.' },
  );
}

/** A column of the row as it was before the statement. */
export function existingValue(
  table: TableDescriptor,
  row: NamespaceItem,
  column: ColumnDescriptor,
): Expression {
  const index = liveColumns(table).findIndex(
    ({ attributeNumber }) => attributeNumber === column.attributeNumber,
  );
  return row.columns[index].expression();
}

/** Refuses a value for a column that only the system fills. */
export function refuseGenerated(column: ColumnDescriptor, verb: 'insert' | 'update'): void {
  if (column.generated !== undefined) {
    if (verb === 'update') {
      throw databaseError(
        'generatedAlways',
        `column "${column.name}" can only be updated to DEFAULT`,
        {
          detail: `Column "${column.name}" is a generated column.`,
        },
      );
    }
    throw databaseError(
      'generatedAlways',
      `cannot insert a non-DEFAULT value into column "${column.name}"`,
      {
        detail: `Column "${column.name}" is a generated column.`,
      },
    );
  }
  if (column.identity !== 'always') return;
  const detail = `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`;
  if (verb === 'update') {
    throw databaseError(
      'generatedAlways',
      `column "${column.name}" can only be updated to DEFAULT`,
      { detail },
    );
  }
  throw databaseError(
    'generatedAlways',
    `cannot insert a non-DEFAULT value into column "${column.name}"`,
    {
      detail,
      hint: 'Use OVERRIDING SYSTEM VALUE to override.',
    },
  );
}

export interface BoundReturning {
  readonly returning: Returning | undefined;
  readonly columns: readonly PlanColumn[];
}

/** RETURNING sees the written row under the target's name, and the other items of the statement. */
export function bindReturning(
  nodes: readonly Node[] | undefined,
  target: ModifiedTable,
  others: readonly NamespaceItem[],
  scope: Scope,
): BoundReturning {
  if (nodes === undefined) return { returning: undefined, columns: [] };
  const { item, scan } = writtenRow(target, scope);
  const inner = scope.child();
  inner.items.push(target.present(item), ...others);
  return inner.within(ExpressionKinds.returning, () => {
    const targets = bindTargetList(nodes, inner);
    resolveUnknownTargets(targets, inner);
    const columns = targetColumns(targets, inner);
    const expressions = targets.map(({ expression }) => expression);
    return {
      returning: { row: scan.outputs, rowSources: scan.sources, expressions },
      columns,
    };
  });
}

/** The row as written, as an item whose columns are given out when read. */
export function writtenRow(
  target: ModifiedTable,
  scope: Scope,
): { readonly item: NamespaceItem; readonly scan: ScanColumns } {
  const { table, alias } = target;
  const scan = new ScanColumns(table, alias, scope);
  const item: NamespaceItem = {
    ...visibleItem,
    ...tableNamespace(table, alias, scan),
    ...(target.view === undefined ? {} : { pseudoColumn: () => undefined }),
    name: alias.name,
    relation: alias.explicit ? undefined : { schemaOid: table.schemaOid, oid: table.oid },
    table,
    rowKey: () => undefined,
  };
  return { item, scan };
}
