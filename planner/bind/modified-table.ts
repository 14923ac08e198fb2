// The table that INSERT, UPDATE or DELETE writes, named by itself or through views that PostgreSQL calls
// automatically updatable: one table, plain columns, no grouping.

import type { Node, RangeVar } from '@pgsql/types';
import {
  databaseError,
  type ColumnDescriptor,
  type Expression,
  type TableDescriptor,
  type ViewDescriptor,
} from '#common';
import { at, undefinedColumnOfRelation } from '../errors.ts';
import type { RowCheck } from '../logical-plan.ts';
import { viewAsTable } from '../view-table.ts';
import { attributeNamed, notedItem, type RelationAccess } from './access.ts';
import { coerceToBoolean } from './coercion.ts';
import { storedSource, type SourceText } from './context.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { aliasOf } from './from-clause.ts';
import { bodyOf, nodeTag } from './node.ts';
import { relationOf } from './relation-name.ts';
import { isPseudoColumn, visibleItem, type ItemAlias } from './relation-item.ts';
import { Scope, type NamespaceItem } from './scope.ts';
import { hasInsteadTrigger } from './triggered-view.ts';
import { updateObstacle } from './updatable-view.ts';
import { isBarrier, parseStored } from './view.ts';

export type WriteCommand = 'INSERT' | 'UPDATE' | 'DELETE';

export interface ModifiedTable {
  readonly table: TableDescriptor;
  /** Under which its scan is known. */
  readonly alias: ItemAlias;
  /** No ONLY: rows of tables that inherit from it are meant, too. */
  readonly inherited: boolean;
  readonly isView: boolean;
  /** A view that INSTEAD OF triggers write; `table` stands for it. */
  readonly view: ViewDescriptor | undefined;
  /** Of the table or view that the statement names. */
  readonly name: string;
  /** By which the statement refers to its rows. */
  readonly referenceName: string;
  /** Columns as the statement knows them; one of a view without a table's column cannot be assigned. */
  readonly columns: readonly {
    readonly name: string;
    readonly column: ColumnDescriptor | undefined;
  }[];
  /** The statement writes these columns (by the names that it knows them by), or deletes rows. */
  noteWrite(command: WriteCommand, columns: readonly string[]): void;
  /** What the statement does with the table itself, be it through views. */
  readonly tableAccess: RelationAccess;
  /** The table's item as the statement sees it. */
  present(item: NamespaceItem): NamespaceItem;
  /** What views add to WHERE. */
  conditions(item: NamespaceItem): readonly Expression[];
  /** What views WITH (security_barrier) ask of rows before the statement does, the innermost first. */
  barriers(item: NamespaceItem): readonly Expression[];
  /** What views WITH CHECK OPTION ask of a row as written, the innermost first. */
  checkOptions(item: NamespaceItem, cascaded: boolean): readonly RowCheck[];
}

const verbs = { INSERT: 'insert into', UPDATE: 'update', DELETE: 'delete from' } as const;

/** The table that a statement writes; anything else in its place is an error. */
export function modifiedTable(range: RangeVar, command: WriteCommand, scope: Scope): ModifiedTable {
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
  if (binder.source.temporalClauses.has(range.location ?? 0)) {
    throw databaseError(
      'syntaxError',
      'FOR SYSTEM_TIME cannot be used on a modified table',
      at(position),
    );
  }
  binder.touch(relation.oid, 'write');
  switch (relation.kind) {
    case 'table':
      if (relation.materialized !== undefined) {
        throw databaseError('wrongObjectType', `cannot change materialized view "${name}"`);
      }
      return plainTable(
        relation,
        aliasOf(range.alias, name),
        range.inh === true,
        binder.access(relation),
      );
    case 'view':
      if (hasInsteadTrigger(relation, command) || binder.ruledView === relation.oid) {
        const alias = aliasOf(range.alias, name);
        const access = binder.access(relation);
        return { ...plainTable(viewAsTable(relation), alias, false, access), view: relation };
      }
      return new UpdatableView(relation, aliasOf(range.alias, name), command, scope);
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
}

function plainTable(
  table: TableDescriptor,
  alias: ItemAlias,
  inherited: boolean,
  access: RelationAccess,
): ModifiedTable {
  return {
    table,
    alias,
    inherited,
    isView: false,
    view: undefined,
    name: table.name,
    referenceName: alias.name,
    columns: liveColumns(table).map((column) => ({ name: column.name, column })),
    tableAccess: access,
    present: (item) => notedItem(item, access),
    noteWrite: (command, columns) => noteWrite(access, command, columns),
    conditions: () => [],
    barriers: () => [],
    checkOptions: () => [],
  };
}

function noteWrite(
  access: RelationAccess,
  command: WriteCommand,
  columns: readonly string[],
): void {
  if (command === 'DELETE') access.deletes = true;
  else if (command === 'INSERT') access.inserts = true;
  else access.updates = true;
  const written = command === 'INSERT' ? access.inserted : access.updated;
  for (const name of columns) written.add(attributeNamed(access.relation, name));
}

export function liveColumns(table: TableDescriptor): readonly ColumnDescriptor[] {
  return table.columns.filter((column) => !column.dropped);
}

/** A column by name that a statement assigns to. */
export function assignedColumn(
  target: ModifiedTable,
  name: string,
  verb: 'insert into' | 'update',
  position: number | undefined,
): ColumnDescriptor {
  const found = target.columns.find((each) => each.name === name);
  if (found?.column !== undefined) return found.column;
  if (found !== undefined) {
    throw databaseError(
      'featureNotSupported',
      `cannot ${verb} column "${name}" of view "${target.name}"`,
      {
        detail: 'View columns that are not columns of their base relation are not updatable.',
      },
    );
  }
  if (isPseudoColumn(name)) {
    throw databaseError(
      'featureNotSupported',
      `cannot assign to system column "${name}"`,
      at(position),
    );
  }
  throw undefinedColumnOfRelation(name, target.name, position);
}

class UpdatableView implements ModifiedTable {
  readonly isView = true;
  readonly table: TableDescriptor;
  readonly alias: ItemAlias;
  readonly inherited: boolean;
  readonly view: ViewDescriptor | undefined;
  readonly name: string;
  readonly referenceName: string;
  readonly columns: ModifiedTable['columns'];
  readonly tableAccess: RelationAccess;
  private readonly named: ViewDescriptor;
  private readonly viewAlias: ItemAlias;
  private readonly inner: ModifiedTable;
  private readonly access: RelationAccess;
  private readonly targets: readonly Node[];
  private readonly where: Node | undefined;
  private readonly source: SourceText;
  private readonly scope: Scope;

  constructor(view: ViewDescriptor, alias: ItemAlias, command: WriteCommand, scope: Scope) {
    const { statement, temporalClauses } = parseStored(view.definition.sql);
    const select = bodyOf(statement, 'SelectStmt')!;
    const obstacle = updateObstacle(select);
    if (obstacle !== undefined) throw notUpdatable(view, command, obstacle);
    this.named = view;
    this.viewAlias = alias;
    this.name = view.name;
    this.referenceName = alias.name;
    this.scope = scope;
    this.source = storedSource(temporalClauses);
    this.targets = (select.targetList ?? []).map((node) => bodyOf(node, 'ResTarget')!.val!);
    this.where = select.whereClause;
    const base = bodyOf(select.fromClause![0], 'RangeVar')!;
    this.access = scope.binder.access(view);
    const { binder } = scope;
    this.inner = binder.nested(() =>
      binder.inView(view, () =>
        binder.withSource(this.source, () =>
          modifiedTable(base, command, new Scope(binder, undefined)),
        ),
      ),
    );
    this.table = this.inner.table;
    this.tableAccess = this.inner.tableAccess;
    this.alias = this.inner.alias;
    this.inherited = this.inner.inherited;
    this.view = this.inner.view;
    this.columns = view.columns
      .filter((column) => !column.dropped)
      .map((column, index) => ({
        name: column.name,
        column: withDefaultOf(this.baseColumn(this.targets[index]), column),
      }));
    this.checkTargets(command);
  }

  private baseColumn(node: Node | undefined): ColumnDescriptor | undefined {
    const fields = bodyOf(node, 'ColumnRef')?.fields;
    const name = bodyOf(fields?.at(-1), 'String')?.sval;
    return this.inner.columns.find((each) => each.name === name)?.column;
  }

  /** Aggregates, windows and sets are known when the targets are bound; this binding is for that alone. */
  private checkTargets(command: WriteCommand): void {
    const computed = this.targets.filter((node) => nodeTag(node) !== 'ColumnRef');
    if (computed.length === 0) return;
    const { scope } = this;
    const trial = new Scope(scope.binder, undefined);
    scope.binder.withSource(this.source, () => {
      const statement = bodyOf(parseStored(this.named.definition.sql).statement, 'SelectStmt')!;
      scope.binder.grammar.select(statement, trial);
    });
    const what =
      trial.aggregates.length > 0
        ? 'aggregate functions'
        : trial.windowCalls.length > 0
          ? 'window functions'
          : trial.sets.length > 0
            ? 'set-returning functions'
            : undefined;
    if (what === undefined) return;
    throw notUpdatable(
      this.named,
      command,
      `Views that return ${what} are not automatically updatable.`,
    );
  }

  noteWrite(command: WriteCommand, columns: readonly string[]): void {
    noteWrite(this.access, command, columns);
    const written = this.columns.filter(({ name }) => columns.includes(name));
    this.inner.noteWrite(
      command,
      written.flatMap(({ column }) => (column === undefined ? [] : [column.name])),
    );
  }

  present(item: NamespaceItem): NamespaceItem {
    return notedItem(this.presented(item), this.access);
  }

  private presented(item: NamespaceItem): NamespaceItem {
    const scope = this.innerScope(item);
    const [inner] = scope.items;
    const { named: view, viewAlias } = this;
    return {
      ...visibleItem,
      name: viewAlias.name,
      relation: viewAlias.explicit ? undefined : { schemaOid: view.schemaOid, oid: view.oid },
      table: inner.table,
      columns: view.columns
        .filter((column) => !column.dropped)
        .map((column, index) => ({
          name: viewAlias.columns[index] ?? column.name,
          type: column.type,
          expression: () =>
            scope.binder.withSource(this.source, () => scope.bind(this.targets[index])),
        })),
      pseudoColumn: () => undefined,
      rowKey: () => inner.rowKey(),
      rowMarker: () => inner.rowMarker(),
      rowType: { oid: view.rowTypeOid, typmod: -1 },
    };
  }

  conditions(item: NamespaceItem): readonly Expression[] {
    const inner = this.inner.conditions(item);
    const own = isBarrier(this.named) ? undefined : this.ownCondition(item);
    return own === undefined ? inner : [...inner, own];
  }

  barriers(item: NamespaceItem): readonly Expression[] {
    const inner = this.inner.barriers(item);
    const own = isBarrier(this.named) ? this.ownCondition(item) : undefined;
    return own === undefined ? inner : [...inner, own];
  }

  checkOptions(item: NamespaceItem, cascaded: boolean): readonly RowCheck[] {
    const { checkOption, name } = this.named;
    const inner = this.inner.checkOptions(item, cascaded || checkOption === 'cascaded');
    const condition = cascaded || checkOption !== 'none' ? this.ownCondition(item) : undefined;
    return condition === undefined ? inner : [...inner, { kind: 'view', name, condition }];
  }

  private ownCondition(item: NamespaceItem): Expression | undefined {
    const { where } = this;
    if (where === undefined) return undefined;
    const scope = this.innerScope(item);
    return scope.binder.withSource(this.source, () =>
      coerceToBoolean(scope.bindAs(ExpressionKinds.where, where), 'WHERE', scope.binder),
    );
  }

  private innerScope(item: NamespaceItem): Scope {
    const scope = new Scope(this.scope.binder, undefined);
    scope.items.push({ ...this.inner.present(item), name: this.inner.referenceName });
    return scope;
  }
}

export function notUpdatable(view: ViewDescriptor, command: WriteCommand, detail: string): Error {
  const doing = { INSERT: 'inserting into', UPDATE: 'updating', DELETE: 'deleting from' }[command];
  return databaseError(
    'objectNotInPrerequisiteState',
    `cannot ${verbs[command]} view "${view.name}"`,
    {
      detail,
      hint: `To enable ${doing} the view, provide an INSTEAD OF ${command} trigger or an unconditional ON ${command} DO INSTEAD rule.`,
    },
  );
}

/** A default that the view's column has stands for that of the table's. */
function withDefaultOf(
  base: ColumnDescriptor | undefined,
  column: ColumnDescriptor,
): ColumnDescriptor | undefined {
  if (base === undefined || column.default === undefined) return base;
  return { ...base, default: column.default };
}

/** The table as INSERT sees it: with the defaults of the view that it is named by. */
export function tableWithDefaults({ table, columns }: ModifiedTable): TableDescriptor {
  const own = new Map(columns.map(({ column }) => [column?.attributeNumber, column]));
  return {
    ...table,
    columns: table.columns.map((column) => {
      const named = own.get(column.attributeNumber);
      return named === undefined || named.default === column.default ? column : named;
    }),
  };
}
