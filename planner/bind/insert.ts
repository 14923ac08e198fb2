// INSERT: rows from VALUES, a query or defaults, one value for every column of the table, ON CONFLICT
// and RETURNING.

import type { InsertStmt, Node, SelectStmt } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  type ColumnDescriptor,
  type Expression,
  type TableDescriptor,
} from '#common';
import { at, syntaxError } from '../errors.ts';
import type { Assignment, InsertNode, LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { exactPlan, extend } from './bound-select.ts';
import { bindWithClause, wrapWith } from './cte.ts';
import { constant } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import {
  assignedValue,
  bindReturning,
  refuseGenerated,
  type BoundModification,
} from './modification.ts';
import {
  modifiedTable,
  assignedColumn,
  liveColumns,
  type ModifiedTable,
} from './modified-table.ts';
import { bodyOf, listItems, locationOf, nodeTag } from './node.ts';
import { bindOnConflict } from './on-conflict.ts';
import { columnReference, type Scope } from './scope.ts';
import { openSelect } from './select.ts';
import { columnDefault, generatedValue } from './stored-expression.ts';
import { expandStar } from './star.ts';

/** Values by attribute number; a column that is missing takes its default. */
interface InsertSource {
  readonly plan: LogicalPlan;
  readonly values: ReadonlyMap<number, Expression>;
}

type Overriding = 'none' | 'user' | 'system';

export function bindInsert(statement: InsertStmt, scope: Scope): BoundModification {
  bindWithClause(statement.withClause, scope);
  const target = modifiedTable(statement.relation!, 'INSERT', scope);
  const { table } = target;
  scope.outOfSight.push({ name: target.alias.name, columns: target.columns });
  const columns = targetColumnsOf(statement, target, scope);
  const overriding: Overriding =
    statement.override === 'OVERRIDING_SYSTEM_VALUE'
      ? 'system'
      : statement.override === 'OVERRIDING_USER_VALUE'
        ? 'user'
        : 'none';
  const source = bindSource(statement, target, columns, overriding, scope);
  const { plan, assignments } = completeRow(table, source, scope);
  const onConflict =
    statement.onConflictClause === undefined
      ? undefined
      : bindOnConflict(statement.onConflictClause, target, scope);
  const { returning, columns: outputs } = bindReturning(
    statement.returningClause?.exprs,
    target,
    [],
    scope,
  );
  const node: InsertNode = {
    kind: 'insert',
    table,
    source: plan,
    assignments,
    onConflict,
    returning,
    outputs,
  };
  return { command: 'INSERT', plan: wrapWith(node, scope), columns: outputs };
}

function targetColumnsOf(
  statement: InsertStmt,
  modified: ModifiedTable,
  scope: Scope,
): readonly ColumnDescriptor[] {
  if (statement.cols === undefined) {
    // Columns of a view that cannot be assigned are refused when a value reaches them.
    const assignable = modified.columns.map(({ column }) => column);
    const end = assignable.indexOf(undefined);
    return assignable.slice(0, end < 0 ? undefined : end).filter((column) => column !== undefined);
  }
  const columns: ColumnDescriptor[] = [];
  for (const node of statement.cols) {
    const target = bodyOf(node, 'ResTarget')!;
    const position = scope.position(target.location);
    if (target.indirection !== undefined) {
      throw notSupported('INSERT into a subscript or field of a column', at(position));
    }
    const column = assignedColumn(modified, target.name ?? '', 'insert into', position);
    if (columns.includes(column)) {
      throw databaseError(
        'duplicateColumn',
        `column "${column.name}" specified more than once`,
        at(position),
      );
    }
    columns.push(column);
  }
  return columns;
}

function bindSource(
  statement: InsertStmt,
  modified: ModifiedTable,
  columns: readonly ColumnDescriptor[],
  overriding: Overriding,
  scope: Scope,
): InsertSource {
  const select = bodyOf(statement.selectStmt, 'SelectStmt');
  if (select === undefined) return { plan: { kind: 'singleRow', outputs: [] }, values: new Map() };
  const { table } = modified;
  const context: SourceContext = {
    table,
    modified,
    columns,
    overriding,
    listed: statement.cols,
    scope,
  };
  const isPlainValues =
    select.valuesLists !== undefined &&
    select.withClause === undefined &&
    select.sortClause === undefined &&
    select.limitCount === undefined &&
    select.limitOffset === undefined;
  return isPlainValues ? bindValuesSource(select, context) : bindSelectSource(select, context);
}

interface SourceContext {
  readonly table: TableDescriptor;
  readonly modified: ModifiedTable;
  readonly columns: readonly ColumnDescriptor[];
  readonly overriding: Overriding;
  readonly listed: readonly Node[] | undefined;
  readonly scope: Scope;
}

/** VALUES: each cell takes its column's type at once; DEFAULT is the column's default. */
function bindValuesSource(select: SelectStmt, context: SourceContext): InsertSource {
  const { scope } = context;
  const lists = (select.valuesLists ?? []).map((list) => listItems(list));
  const kind = lists.length === 1 ? ExpressionKinds.valuesSingle : ExpressionKinds.values;
  const inner = scope.child();
  const rows = lists.map((items) => {
    if (items.length !== lists[0].length) {
      throw syntaxError(
        'VALUES lists must all be the same length',
        scope.position(locationOf(items[0])),
      );
    }
    return inner.within(kind, () => items.flatMap((item) => bindCell(item, inner)));
  });
  const width = rows[0].length;
  checkWidth(width, lists[0].at(context.columns.length), context);
  const columns = context.columns.slice(0, width);
  const skipped = columns.map((column, index) => skipColumn(column, rows, index, context));
  const ordinals = [...columns.keys()].filter((ordinal) => !skipped[ordinal]);
  const kept = ordinals.map((ordinal) => columns[ordinal]);
  const outputs = kept.map((column): PlanColumn => scope.newColumn(column.name, column.type));
  const typed = rows.map((row) =>
    ordinals.map((ordinal) => cellValue(row[ordinal], columns[ordinal], context)),
  );
  const plan: LogicalPlan = { kind: 'values', rows: typed, outputs };
  return { plan: inner.sets.length > 0 ? refuseSets() : plan, values: valuesOf(kept, outputs) };
}

function refuseSets(): never {
  throw notSupported('a set-returning function in the VALUES of INSERT');
}

type Cell = Expression | 'default';

function bindCell(node: Node, scope: Scope): Cell[] {
  if (nodeTag(node) === 'SetToDefault') return ['default'];
  const star = expandStar(node, scope);
  return star === undefined ? [scope.bind(node)] : star.map(({ expression }) => expression);
}

/** True when the column is left to its default in every row. */
function skipColumn(
  column: ColumnDescriptor,
  rows: readonly (readonly Cell[])[],
  index: number,
  context: SourceContext,
): boolean {
  if (column.identity !== undefined && context.overriding === 'user') return true;
  const allDefault = rows.every((row) => row[index] === 'default');
  if (allDefault) return true;
  if (
    column.generated !== undefined ||
    (column.identity === 'always' && context.overriding !== 'system')
  ) {
    refuseGenerated(column, 'insert');
  }
  return false;
}

function cellValue(cell: Cell, column: ColumnDescriptor, context: SourceContext): Expression {
  if (cell !== 'default') return assignedValue(cell, column, context.scope);
  return columnDefault(context.table, column, context.scope.binder) ?? constant(null, column.type);
}

function checkWidth(width: number, extra: Node | undefined, context: SourceContext): void {
  if (width > context.columns.length) {
    const refused =
      context.listed === undefined ? context.modified.columns[context.columns.length] : undefined;
    if (refused !== undefined)
      assignedColumn(context.modified, refused.name, 'insert into', undefined);
    throw syntaxError(
      'INSERT has more expressions than target columns',
      extra === undefined ? undefined : context.scope.position(locationOf(extra)),
    );
  }
  if (context.listed !== undefined && width < context.columns.length) {
    throw syntaxError(
      'INSERT has more target columns than expressions',
      context.scope.position(locationOfTarget(context.listed[width])),
    );
  }
}

function locationOfTarget(node: Node | undefined): number | undefined {
  return bodyOf(node, 'ResTarget')?.location ?? 0;
}

/** A query: untyped literals in its target list take the columns' types, other values are cast. */
function bindSelectSource(select: SelectStmt, context: SourceContext): InsertSource {
  const { scope } = context;
  const open = openSelect(select, scope.child());
  checkWidth(open.targets.length, undefined, context);
  open.targets.forEach((target, index) => {
    const column = context.columns[index];
    const { kind } = target.expression;
    if (kind === 'constant' || kind === 'parameter') {
      target.expression = assignedValue(target.expression, column, scope);
    }
  });
  const bound = open.finish();
  const columns = context.columns.slice(0, open.targets.length);
  const values = new Map<number, Expression>();
  columns.forEach((column, index) => {
    if (column.identity !== undefined && context.overriding === 'user') return;
    if (
      column.generated !== undefined ||
      (column.identity === 'always' && context.overriding !== 'system')
    ) {
      refuseGenerated(column, 'insert');
    }
    const { id, type } = bound.columns[index];
    const position = open.targets[index].expression.position;
    values.set(
      column.attributeNumber,
      assignedValue(columnReference(id, type, position), column, scope),
    );
  });
  return { plan: exactPlan(bound), values };
}

function valuesOf(
  columns: readonly ColumnDescriptor[],
  outputs: readonly PlanColumn[],
): Map<number, Expression> {
  return new Map(
    columns.map((column, index) => {
      const { id, type } = outputs[index];
      return [column.attributeNumber, columnReference(id, type)];
    }),
  );
}

/**
 * A value for every column. Generated columns are computed from the others, which therefore become
 * columns of the source first: a default must not be evaluated twice.
 */
function completeRow(
  table: TableDescriptor,
  source: InsertSource,
  scope: Scope,
): { readonly plan: LogicalPlan; readonly assignments: readonly Assignment[] } {
  const { binder } = scope;
  const columns = liveColumns(table);
  const plainValue = (column: ColumnDescriptor): Expression =>
    source.values.get(column.attributeNumber) ??
    columnDefault(table, column, binder) ??
    constant(null, column.type);
  const stored = columns.filter((column) => column.generated === undefined);
  if (stored.length === columns.length) {
    return {
      plan: source.plan,
      assignments: columns.map((column) => ({
        attributeNumber: column.attributeNumber,
        value: plainValue(column),
      })),
    };
  }
  const added = stored.map((column) => ({
    column: scope.newColumn(column.name, column.type),
    expression: plainValue(column),
  }));
  const row = valuesOf(
    stored,
    added.map(({ column }) => column),
  );
  const value = (attributeNumber: number): Expression =>
    row.get(attributeNumber) ??
    constant(null, columns.find((c) => c.attributeNumber === attributeNumber)!.type);
  return {
    plan: extend(source.plan, added),
    assignments: columns.map((column) => ({
      attributeNumber: column.attributeNumber,
      value:
        column.generated === undefined
          ? value(column.attributeNumber)
          : generatedValue(table, column, value, binder),
    })),
  };
}
