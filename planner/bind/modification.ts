// What INSERT, UPDATE and DELETE have in common: the target table, the values assigned to its columns,
// and RETURNING.

import type { Node, RangeVar } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  pseudoColumns,
  type ColumnDescriptor,
  type Expression,
  type TableDescriptor,
} from '#common';
import { at, undefinedColumnOfRelation } from '../errors.ts';
import type { PlanColumn, Returning } from '../logical-plan.ts';
import type { BoundSelect } from './bound-select.ts';
import { coerceToTarget } from './coercion.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { aliasOf } from './from-clause.ts';
import { relationOf } from './relation-name.ts';
import { ScanColumns, tableNamespace, visibleItem, type ItemAlias } from './relation-item.ts';
import type { NamespaceItem, Scope } from './scope.ts';
import { bindTargetList, resolveUnknownTargets, targetColumns } from './target-list.ts';
import { typeName } from './type-name.ts';
import { startOf } from './located.ts';

export interface BoundModification extends BoundSelect {
  readonly command: 'INSERT' | 'UPDATE' | 'DELETE';
}

export interface ModifiedTable {
  readonly table: TableDescriptor;
  readonly alias: ItemAlias;
  readonly position: number | undefined;
}

const verbs = { INSERT: 'insert into', UPDATE: 'update', DELETE: 'delete from' } as const;

/** The table that a statement writes; anything else in its place is an error. */
export function modifiedTable(
  range: RangeVar,
  command: BoundModification['command'],
  scope: Scope,
): ModifiedTable {
  const { binder } = scope;
  const position = binder.position(range.location);
  if (range.schemaname === undefined && scope.findCte(range.relname ?? '') !== undefined) {
    throw databaseError(
      'undefinedTable',
      `relation "${range.relname}" cannot be the target of a modifying statement`,
      at(position),
    );
  }
  const relation = relationOf(binder, range);
  const { name } = relation;
  switch (relation.kind) {
    case 'table':
      break;
    case 'view':
      throw notSupported(`${command} on view "${name}"`, at(position));
    case 'system':
      throw databaseError(
        'insufficientPrivilege',
        `permission denied: "${name}" is a system catalog`,
      );
    case 'sequence':
      throw databaseError('wrongObjectType', `cannot change sequence "${name}"`);
    case 'index':
      throw databaseError('wrongObjectType', `cannot ${verbs[command]} index "${name}"`);
  }
  if (binder.source.temporalClauses.has(range.location ?? 0)) {
    throw databaseError(
      'syntaxError',
      'FOR SYSTEM_TIME cannot be used on a modified table',
      at(position),
    );
  }
  binder.touch(relation.oid, 'write');
  return { table: relation, alias: aliasOf(range.alias, name), position };
}

export function liveColumns(table: TableDescriptor): readonly ColumnDescriptor[] {
  return table.columns.filter((column) => !column.dropped);
}

/** A column by name that a statement assigns to. */
export function assignedColumn(
  table: TableDescriptor,
  name: string,
  position: number | undefined,
): ColumnDescriptor {
  const column = liveColumns(table).find((each) => each.name === name);
  if (column !== undefined) return column;
  if (
    name === 'tableoid' ||
    name === 'ctid' ||
    (pseudoColumns as readonly string[]).includes(name)
  ) {
    throw databaseError(
      'featureNotSupported',
      `cannot assign to system column "${name}"`,
      at(position),
    );
  }
  throw undefinedColumnOfRelation(name, table.name, position);
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
  inner.items.push(item, ...others);
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
    name: alias.name,
    relation: alias.explicit ? undefined : { schemaOid: table.schemaOid, oid: table.oid },
    table,
    rowKey: () => undefined,
  };
  return { item, scan };
}
