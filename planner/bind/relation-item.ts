// Relations in FROM as namespace items. A scan gives out a column id when a column is first read, so
// the scan node that is built at the end makes exactly the columns that the statement uses.

import {
  databaseError,
  pseudoColumns,
  sqlType,
  TypeOid,
  type ColumnDescriptor,
  type ColumnExpression,
  type ColumnId,
  type Expression,
  type SqlType,
  type SystemRelationDescriptor,
  type TableDescriptor,
} from '#common';
import type { LogicalPlan, PlanColumn, ScanNode, ScanSource } from '../logical-plan.ts';
import type { TemporalSpec } from '../temporal.ts';
import { extend } from './bound-select.ts';
import { booleanType, constant } from './expression-build.ts';
import { inheritedScan } from './inheritance.ts';
import { columnReference, type NamespaceColumn, type NamespaceItem, type Scope } from './scope.ts';

const pseudoTypes: ReadonlyMap<string, SqlType> = new Map([
  ...pseudoColumns.map((name): [string, SqlType] => [name, sqlType(TypeOid.timestamptz)]),
  ['tableoid', sqlType(TypeOid.oid)],
  ['ctid', sqlType(TypeOid.tid)],
  ['xmin', sqlType(TypeOid.xid)],
  ['xmax', sqlType(TypeOid.xid)],
  ['cmin', sqlType(TypeOid.cid)],
  ['cmax', sqlType(TypeOid.cid)],
]);

export function isPseudoColumn(name: string): boolean {
  return pseudoTypes.has(name);
}

/** What every item has until FROM says otherwise. */
export const visibleItem = {
  relationVisible: true,
  columnsVisible: true,
  lateralOnly: false,
  lateralAllowed: true,
  nullable: false,
  scalar: false,
  unlockable: undefined,
  rowMarker: (): Expression | undefined => undefined,
};

/** The columns that a scan has given out so far. */
export class ScanColumns {
  readonly outputs: PlanColumn[] = [];
  readonly sources: ScanSource[] = [];
  readonly table: TableDescriptor;
  private readonly known = new Map<string | number, PlanColumn>();
  private readonly scope: Scope;
  private readonly alias: ItemAlias;

  constructor(table: TableDescriptor, alias: ItemAlias, scope: Scope) {
    this.table = table;
    this.alias = alias;
    this.scope = scope;
  }

  /** The column that reads an attribute; undefined while nothing does. */
  columnOf(attributeNumber: number): ColumnId | undefined {
    return this.known.get(attributeNumber)?.id;
  }

  attribute(column: ColumnDescriptor): ColumnExpression {
    const { attributeNumber, name, type } = column;
    return this.give(attributeNumber, { kind: 'attribute', attributeNumber }, name, type);
  }

  pseudo(name: string): ColumnExpression {
    const source = { kind: 'pseudo', name } as ScanSource;
    return this.give(name, source, name, pseudoTypes.get(name)!);
  }

  rowKey(): ColumnExpression {
    return this.give('', { kind: 'rowKey' }, 'rowkey', sqlType(TypeOid.bytea));
  }

  private give(
    key: string | number,
    source: ScanSource,
    name: string,
    type: SqlType,
  ): ColumnExpression {
    let column = this.known.get(key);
    if (column === undefined) {
      column = this.scope.newColumn(name, type);
      this.known.set(key, column);
      this.outputs.push(column);
      this.sources.push(source);
      this.scope.binder.describe(column, this.alias.name, {
        tableOid: this.table.oid,
        attributeNumber: typeof key === 'number' ? key : 0,
        scan: this,
      });
    }
    return columnReference(column.id, column.type);
  }
}

export interface RelationItem {
  readonly item: NamespaceItem;
  build(): LogicalPlan;
}

export interface ItemAlias {
  readonly name: string;
  readonly columns: readonly string[];
  /** False: the relation's own name, which a schema may qualify. */
  readonly explicit: boolean;
}

/** A table with its rows as of some time. */
export function tableItem(
  table: TableDescriptor,
  alias: ItemAlias,
  temporal: TemporalSpec,
  scope: Scope,
  options: { readonly inherited?: boolean; readonly currentOf?: Expression | undefined } = {},
): RelationItem {
  const scan = new ScanColumns(table, alias, scope);
  const item: NamespaceItem = {
    ...visibleItem,
    ...tableNamespace(table, alias, scan),
    name: alias.name,
    relation: alias.explicit ? undefined : { schemaOid: table.schemaOid, oid: table.oid },
    table,
    rowKey: () => scan.rowKey(),
    rowMarker: () => scan.pseudo('tableoid'),
  };
  const build = (): ScanNode => ({
    kind: 'scan',
    table,
    alias: alias.name,
    sources: scan.sources,
    outputs: scan.outputs,
    temporal,
    ...(options.currentOf === undefined ? {} : { currentOf: options.currentOf }),
  });
  const isAlone = (table.children ?? []).length === 0 && table.partitioning === undefined;
  return {
    item,
    build: () => (isAlone ? build() : inheritedScan(build(), scope, options.inherited === true)),
  };
}

/** Columns and pseudo-columns of a table as read through a ScanColumns. */
export function tableNamespace(
  table: TableDescriptor,
  alias: ItemAlias,
  scan: ScanColumns,
): Pick<NamespaceItem, 'columns' | 'pseudoColumn' | 'rowType'> {
  const live = table.columns.filter((column) => !column.dropped);
  checkAliasCount(alias, live.length);
  return {
    columns: live.map((column, index) => ({
      name: alias.columns[index] ?? column.name,
      type: column.type,
      expression: () => scan.attribute(column),
    })),
    pseudoColumn: (name) =>
      pseudoTypes.has(name)
        ? computedColumn(name, pseudoTypes.get(name)!, () => scan.pseudo(name))
        : undefined,
    rowType: sqlType(table.rowTypeOid),
  };
}

/** Computed rows have no places; PostgreSQL's own were made by its first transaction. */
function systemPseudoValue(name: string, relation: SystemRelationDescriptor): number | undefined {
  switch (name) {
    case 'tableoid':
      return relation.oid;
    case 'xmin':
      return 1;
    case 'xmax':
    case 'cmin':
    case 'cmax':
      return 0;
    default:
      return undefined;
  }
}

/** A relation of pg_catalog or information_schema. */
export function systemItem(
  relation: SystemRelationDescriptor,
  alias: ItemAlias,
  scope: Scope,
): RelationItem {
  const outputs: PlanColumn[] = [];
  const ordinals: number[] = [];
  checkAliasCount(alias, relation.columns.length);
  const columns = relation.columns.map((column, ordinal): NamespaceColumn => {
    let given: PlanColumn | undefined;
    return {
      name: alias.columns[ordinal] ?? column.name,
      type: column.type,
      expression() {
        if (given === undefined) {
          given = scope.newColumn(column.name, column.type);
          scope.binder.describe(given, alias.name, {
            tableOid: relation.oid,
            attributeNumber: column.attributeNumber,
            scan: undefined,
          });
          outputs.push(given);
          ordinals.push(ordinal);
        }
        return columnReference(given.id, given.type);
      },
    };
  });
  const item: NamespaceItem = {
    ...visibleItem,
    name: alias.name,
    relation: alias.explicit ? undefined : { schemaOid: relation.schemaOid, oid: relation.oid },
    table: undefined,
    columns,
    pseudoColumn: (name) => {
      const value = systemPseudoValue(name, relation);
      if (value === undefined) return undefined;
      const type = pseudoTypes.get(name)!;
      return computedColumn(name, type, () => ({ kind: 'constant', value, type }));
    },
    rowKey: () => undefined,
    rowType: sqlType(relation.rowTypeOid),
  };
  return {
    item,
    build: () => ({ kind: 'systemScan', relation, alias: alias.name, columns: ordinals, outputs }),
  };
}

/** A derived table, a WITH query or a function: its columns exist whether they are read or not. */
export function derivedItem(
  columns: readonly PlanColumn[],
  alias: ItemAlias,
  options: {
    readonly rowType?: SqlType;
    readonly scalar?: boolean;
    readonly unlockable?: string;
  } = {},
): NamespaceItem {
  checkAliasCount(alias, columns.length);
  return {
    ...visibleItem,
    name: alias.name,
    relation: undefined,
    table: undefined,
    columns: columns.map((column, index) => ({
      name: alias.columns[index] ?? column.name,
      type: column.type,
      expression: () => columnReference(column.id, column.type),
    })),
    pseudoColumn: () => undefined,
    rowKey: () => undefined,
    rowType: options.rowType ?? sqlType(TypeOid.record),
    scalar: options.scalar ?? false,
    unlockable: options.unlockable,
  };
}

/** Lets a derived item tell its rows from those that an outer join made up. */
export function withRowMarker(element: RelationItem, scope: Scope): RelationItem {
  let marker: PlanColumn | undefined;
  return {
    item: {
      ...element.item,
      rowMarker() {
        marker ??= scope.newColumn('exists', booleanType);
        return columnReference(marker.id, marker.type);
      },
    },
    build() {
      const plan = element.build();
      if (marker === undefined) return plan;
      return extend(plan, [{ column: marker, expression: constant(true, booleanType) }]);
    },
  };
}

export function computedColumn(
  name: string,
  type: SqlType,
  expression: NamespaceColumn['expression'],
): NamespaceColumn {
  return { name, type, expression };
}

export function checkAliasCount(alias: ItemAlias, available: number): void {
  if (alias.columns.length <= available) return;
  throw databaseError(
    'invalidColumnReference',
    `table "${alias.name}" has ${available} columns available but ${alias.columns.length} columns specified`,
  );
}
