// INSERT: rows from VALUES, a query or defaults, one value for every column of the table, ON CONFLICT
// and RETURNING.

import type { InsertStmt, MergeWhenClause, Node, SelectStmt } from '@pgsql/types';
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
  tableWithDefaults,
  type ModifiedTable,
} from './modified-table.ts';
import { bodyOf, listItems, locationOf, nodeTag } from './node.ts';
import { bindOnConflict } from './on-conflict.ts';
import { bindRowChecks } from './row-checks.ts';
import { columnReference, type Scope } from './scope.ts';
import { openSelect } from './select.ts';
import { buildSets } from './set-returning.ts';
import { columnDefault, generatedValue } from './stored-expression.ts';
import { expandStar } from './star.ts';
import {
  assignedPart,
  assignmentSteps,
  assignPart,
  defaultElement,
  type AssignmentStep,
} from './subscript-assignment.ts';

/** Values by attribute number; a column that is missing takes its default. */
/** A column of the list, or the part of it that the subscripts name. */
interface InsertTarget {
  readonly column: ColumnDescriptor;
  readonly subscripts: readonly AssignmentStep[] | undefined;
}

interface InsertSource {
  readonly plan: LogicalPlan;
  readonly values: ReadonlyMap<number, Expression>;
}

type Overriding = 'none' | 'user' | 'system';

export function bindInsert(statement: InsertStmt, scope: Scope): BoundModification {
  const { node, columns } = openInsert(statement, scope);
  return { command: 'INSERT', plan: wrapWith(node, scope), columns };
}

/** WITH is left in the scope. */
export function openInsert(
  statement: InsertStmt,
  scope: Scope,
): {
  readonly node: InsertNode;
  readonly columns: readonly PlanColumn[];
  readonly target: ModifiedTable;
} {
  bindWithClause(statement.withClause, scope);
  const target = modifiedTable(statement.relation!, 'INSERT', scope);
  const { table } = target;
  scope.outOfSight.push({ name: target.alias.name, columns: target.columns });
  target.noteWrite('INSERT', insertedNames(statement, target));
  const targets = insertTargets(statement.cols, target, scope);
  const overriding = overridingOf(statement.override);
  const source = bindSource(statement, target, targets, overriding, scope);
  const { plan, assignments } = completeRow(
    target.isView ? tableWithDefaults(target) : table,
    source,
    scope,
  );
  if (target.view !== undefined && statement.onConflictClause !== undefined)
    throw notSupported('ON CONFLICT on a view with INSTEAD OF triggers');
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
  const isUpdate = onConflict?.action === 'update';
  const node: InsertNode = {
    kind: 'insert',
    table,
    source: plan,
    assignments,
    onConflict,
    rowChecks: bindRowChecks(
      target,
      isUpdate ? ['insert', 'conflict', 'update'] : ['insert'],
      scope,
    ),
    returning,
    outputs,
  };
  return { node, columns: outputs, target };
}

/** What INSERT of MERGE gives each column; generated columns are computed when the row is written. */
export function bindInsertedRow(
  clause: MergeWhenClause,
  modified: ModifiedTable,
  scope: Scope,
): readonly Assignment[] {
  const { table } = modified;
  const targets = insertTargets(clause.targetList, modified, scope);
  const overriding = overridingOf(clause.override);
  const context = { table, modified, targets, overriding, listed: clause.targetList, scope };
  const items = clause.values ?? [];
  const cells = scope.within(ExpressionKinds.values, () =>
    items.flatMap((item) => bindCell(item, scope)),
  );
  if (cells.length > 0) checkWidth(cells.length, items.at(targets.length), context);
  const kept = targets
    .slice(0, cells.length)
    .map((target, index) => ({ target, index }))
    .filter(({ target, index }) => !skipColumn(target, [cells], index, context));
  const values = targetValues(
    kept.map(({ target }) => target),
    [],
    scope,
    kept.map(({ target, index }) => cellValue(cells[index], target, context)),
  );
  return liveColumns(table)
    .filter((column) => column.generated === undefined)
    .map((column) => ({
      attributeNumber: column.attributeNumber,
      value: valueOf(column, values, table, scope),
    }));
}

function valueOf(
  column: ColumnDescriptor,
  values: ReadonlyMap<number, Expression>,
  table: TableDescriptor,
  scope: Scope,
): Expression {
  return (
    values.get(column.attributeNumber) ??
    columnDefault(table, column, scope.binder) ??
    constant(null, column.type)
  );
}

function overridingOf(kind: InsertStmt['override']): Overriding {
  if (kind === 'OVERRIDING_SYSTEM_VALUE') return 'system';
  return kind === 'OVERRIDING_USER_VALUE' ? 'user' : 'none';
}

function insertedNames(statement: InsertStmt, target: ModifiedTable): string[] {
  if (statement.cols !== undefined)
    return statement.cols.map((node) => bodyOf(node, 'ResTarget')?.name ?? '');
  return statement.selectStmt === undefined ? [] : target.columns.map(({ name }) => name);
}

function insertTargets(
  listed: readonly Node[] | undefined,
  modified: ModifiedTable,
  scope: Scope,
): readonly InsertTarget[] {
  if (listed === undefined) {
    // Columns of a view that cannot be assigned are refused when a value reaches them.
    const assignable = modified.columns.map(({ column }) => column);
    const end = assignable.indexOf(undefined);
    return assignable
      .slice(0, end < 0 ? undefined : end)
      .filter((column) => column !== undefined)
      .map((column) => ({ column, subscripts: undefined }));
  }
  const targets: InsertTarget[] = [];
  for (const node of listed) {
    const target = bodyOf(node, 'ResTarget')!;
    const position = scope.position(target.location);
    const column = assignedColumn(modified, target.name ?? '', 'insert into', position);
    const subscripts =
      target.indirection === undefined
        ? undefined
        : assignmentSteps(target.indirection, column, scope, position);
    const taken = targets.some(
      (each) =>
        each.column === column && (each.subscripts === undefined || subscripts === undefined),
    );
    if (taken) {
      throw databaseError(
        'duplicateColumn',
        `column "${column.name}" specified more than once`,
        at(position),
      );
    }
    targets.push({ column, subscripts });
  }
  return targets;
}

function bindSource(
  statement: InsertStmt,
  modified: ModifiedTable,
  targets: readonly InsertTarget[],
  overriding: Overriding,
  scope: Scope,
): InsertSource {
  const select = bodyOf(statement.selectStmt, 'SelectStmt');
  if (select === undefined) return { plan: { kind: 'singleRow', outputs: [] }, values: new Map() };
  const { table } = modified;
  const context: SourceContext = {
    table,
    modified,
    targets,
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
  readonly targets: readonly InsertTarget[];
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
  checkWidth(width, lists[0].at(context.targets.length), context);
  const targets = context.targets.slice(0, width);
  const skipped = targets.map((target, index) => skipColumn(target, rows, index, context));
  const ordinals = [...targets.keys()].filter((ordinal) => !skipped[ordinal]);
  const kept = ordinals.map((ordinal) => targets[ordinal]);
  const typed = rows.map((row) =>
    ordinals.map((ordinal) => cellValue(row[ordinal], targets[ordinal], context)),
  );
  const outputs = kept.map(({ column }, index): PlanColumn =>
    scope.newColumn(column.name, typed[0][index].type),
  );
  const single: LogicalPlan = { kind: 'singleRow', outputs: [] };
  const plan: LogicalPlan =
    inner.sets.length === 0
      ? { kind: 'values', rows: typed, outputs }
      : { kind: 'project', input: buildSets(single, inner.sets), expressions: typed[0], outputs };
  return { plan, values: targetValues(kept, outputs, scope) };
}

type Cell = Expression | 'default';

function bindCell(node: Node, scope: Scope): Cell[] {
  if (nodeTag(node) === 'SetToDefault') return ['default'];
  const star = expandStar(node, scope);
  return star === undefined ? [scope.bind(node)] : star.map(({ expression }) => expression);
}

/** True when the column is left to its default in every row. */
function skipColumn(
  { column, subscripts }: InsertTarget,
  rows: readonly (readonly Cell[])[],
  index: number,
  context: SourceContext,
): boolean {
  if (column.identity !== undefined && context.overriding === 'user') return true;
  const allDefault = rows.every((row) => row[index] === 'default');
  if (allDefault && subscripts === undefined) return true;
  if (
    column.generated !== undefined ||
    (column.identity === 'always' && context.overriding !== 'system')
  ) {
    refuseGenerated(column, 'insert');
  }
  return false;
}

function cellValue(cell: Cell, target: InsertTarget, context: SourceContext): Expression {
  const { column } = target;
  if (cell !== 'default') return targetValue(cell, target, context.scope);
  if (target.subscripts !== undefined) throw defaultElement(undefined);
  return columnDefault(context.table, column, context.scope.binder) ?? constant(null, column.type);
}

/** The value in the type of the column, or of the part of it. */
function targetValue(value: Expression, target: InsertTarget, scope: Scope): Expression {
  const { column, subscripts } = target;
  return subscripts === undefined
    ? assignedValue(value, column, scope)
    : assignedPart(value, column, subscripts, scope);
}

function checkWidth(width: number, extra: Node | undefined, context: SourceContext): void {
  if (width > context.targets.length) {
    const refused =
      context.listed === undefined ? context.modified.columns[context.targets.length] : undefined;
    if (refused !== undefined)
      assignedColumn(context.modified, refused.name, 'insert into', undefined);
    throw syntaxError(
      'INSERT has more expressions than target columns',
      extra === undefined ? undefined : context.scope.position(locationOf(extra)),
    );
  }
  if (context.listed !== undefined && width < context.targets.length) {
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
    const { kind } = target.expression;
    if (kind === 'constant' || kind === 'parameter') {
      target.expression = targetValue(target.expression, context.targets[index], scope);
    }
  });
  const bound = open.finish();
  const outputs: PlanColumn[] = [];
  const expressions: Expression[] = [];
  const kept = context.targets.slice(0, open.targets.length).filter((target, index) => {
    const { column } = target;
    if (column.identity !== undefined && context.overriding === 'user') return false;
    if (
      column.generated !== undefined ||
      (column.identity === 'always' && context.overriding !== 'system')
    ) {
      refuseGenerated(column, 'insert');
    }
    const output = bound.columns[index];
    const position = open.targets[index].expression.position;
    const value = columnReference(output.id, output.type, position);
    outputs.push(output);
    expressions.push(targetValue(value, target, scope));
    return true;
  });
  const values = targetValues(kept, outputs, scope, expressions);
  return { plan: exactPlan(bound), values };
}

/** The columns' values; parts of a column are put into one value, the first part into a null one. */
function targetValues(
  targets: readonly InsertTarget[],
  outputs: readonly PlanColumn[],
  scope: Scope,
  expressions: readonly Expression[] = outputs.map(({ id, type }) => columnReference(id, type)),
): Map<number, Expression> {
  const values = new Map<number, Expression>();
  targets.forEach(({ column, subscripts }, index) => {
    const value = expressions[index];
    const before = values.get(column.attributeNumber) ?? constant(null, column.type);
    values.set(
      column.attributeNumber,
      subscripts === undefined ? value : assignPart(before, subscripts, value, scope),
    );
  });
  return values;
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
    valueOf(column, source.values, table, scope);
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
