// information_schema's relations about constraints.

import type { ConstraintDescriptor, Datum, TableDescriptor } from '#common';
import { constraintDefinition } from '../../catalog/definitions.ts';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';
import { yesNo } from './information-columns.ts';

interface Placed {
  readonly table: TableDescriptor;
  readonly constraint: ConstraintDescriptor;
  readonly schema: string;
}

function* constraints({ catalog }: CatalogScope): Iterable<Placed> {
  for (const table of catalog.userRelations()) {
    if (table.kind !== 'table') continue;
    const schema = catalog.schemaByOid(table.schemaOid)?.name ?? '';
    for (const constraint of table.constraints) {
      if (constraint.type !== 'exclude') yield { table, constraint, schema };
    }
  }
}

interface NotNull {
  readonly table: TableDescriptor;
  readonly schema: string;
  readonly column: string;
  /** The name that PostgreSQL makes up for it. */
  readonly name: string;
}

/** NOT NULL columns, which information_schema shows as check constraints. */
function* notNulls({ catalog }: CatalogScope): Iterable<NotNull> {
  for (const table of catalog.userRelations()) {
    if (table.kind !== 'table') continue;
    const schema = catalog.schemaByOid(table.schemaOid)?.name ?? '';
    for (const column of table.columns) {
      if (!column.notNull || column.dropped) continue;
      const name = `${table.schemaOid}_${table.oid}_${column.attributeNumber}_not_null`;
      yield { table, schema, column: column.name, name };
    }
  }
}

function constraintName(scope: CatalogScope, schema: string, name: string): CatalogRow {
  return {
    constraint_catalog: scope.catalog.database.name,
    constraint_schema: schema,
    constraint_name: name,
  };
}

function tableName(scope: CatalogScope, schema: string, table: TableDescriptor): CatalogRow {
  return {
    table_catalog: scope.catalog.database.name,
    table_schema: schema,
    table_name: table.name,
  };
}

const words = {
  primary: 'PRIMARY KEY',
  unique: 'UNIQUE',
  check: 'CHECK',
  foreign: 'FOREIGN KEY',
  // PostgreSQL leaves them out; constraints() does.
  exclude: 'EXCLUDE',
} as const;

function* tableConstraintRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { table, constraint, schema } of constraints(scope)) {
    const indexOid = 'indexOid' in constraint ? constraint.indexOid : 0;
    const index = table.indexes.find(({ oid }) => oid === indexOid);
    yield {
      ...constraintName(scope, schema, constraint.name),
      ...tableName(scope, schema, table),
      constraint_type: words[constraint.type],
      is_deferrable: yesNo(constraint.deferrable),
      initially_deferred: yesNo(constraint.initiallyDeferred),
      enforced: 'YES',
      nulls_distinct: constraint.type === 'unique' ? yesNo(index?.nullsNotDistinct !== true) : null,
    };
  }
  for (const { table, schema, name } of notNulls(scope)) {
    yield {
      ...constraintName(scope, schema, name),
      ...tableName(scope, schema, table),
      constraint_type: 'CHECK',
      is_deferrable: 'NO',
      initially_deferred: 'NO',
      enforced: 'YES',
    };
  }
}

function* keyColumnRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { table, constraint, schema } of constraints(scope)) {
    if (constraint.type === 'check') continue;
    let ordinal = 0;
    for (const attribute of constraint.columns) {
      const position = ordinal++;
      yield {
        ...constraintName(scope, schema, constraint.name),
        ...tableName(scope, schema, table),
        column_name: table.columns[attribute - 1]?.name ?? null,
        ordinal_position: ordinal,
        position_in_unique_constraint:
          constraint.type === 'foreign' ? positionInKey(scope, constraint, position) : null,
      };
    }
  }
}

type ForeignKey = Extract<ConstraintDescriptor, { readonly type: 'foreign' }>;

function positionInKey({ catalog }: CatalogScope, constraint: ForeignKey, position: number): Datum {
  const index = catalog.indexByOid(constraint.referencedIndex);
  const attribute = constraint.referencedColumns[position];
  const place =
    index?.columns.findIndex(({ attributeNumber }) => attributeNumber === attribute) ?? -1;
  return place < 0 ? null : place + 1;
}

function* columnUsageRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog } = scope;
  for (const { table, constraint, schema } of constraints(scope)) {
    const used =
      constraint.type === 'foreign' ? catalog.tableByOid(constraint.referencedTable) : table;
    if (used === undefined) continue;
    const attributes =
      constraint.type === 'foreign' ? constraint.referencedColumns : constraint.columns;
    for (const attribute of attributes) {
      yield {
        ...tableName(scope, catalog.schemaByOid(used.schemaOid)?.name ?? '', used),
        column_name: used.columns[attribute - 1]?.name ?? null,
        ...constraintName(scope, schema, constraint.name),
      };
    }
  }
}

function* tableUsageRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog } = scope;
  for (const { table, constraint, schema } of constraints(scope)) {
    if (constraint.type === 'check') continue;
    const used =
      constraint.type === 'foreign' ? catalog.tableByOid(constraint.referencedTable) : table;
    if (used === undefined) continue;
    yield {
      ...tableName(scope, catalog.schemaByOid(used.schemaOid)?.name ?? '', used),
      ...constraintName(scope, schema, constraint.name),
    };
  }
}

function* referentialRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog } = scope;
  for (const { constraint, schema } of constraints(scope)) {
    if (constraint.type !== 'foreign') continue;
    const referenced = catalog.tableByOid(constraint.referencedTable);
    const key = referenced?.constraints.find(
      (candidate) => 'indexOid' in candidate && candidate.indexOid === constraint.referencedIndex,
    );
    yield {
      ...constraintName(scope, schema, constraint.name),
      unique_constraint_catalog: key === undefined ? null : catalog.database.name,
      unique_constraint_schema:
        key === undefined ? null : (catalog.schemaByOid(referenced!.schemaOid)?.name ?? null),
      unique_constraint_name: key?.name ?? null,
      match_option: constraint.match === 'full' ? 'FULL' : 'NONE',
      update_rule: constraint.onUpdate.toUpperCase(),
      delete_rule: constraint.onDelete.toUpperCase(),
    };
  }
}

function* checkRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { constraint, schema } of constraints(scope)) {
    if (constraint.type !== 'check') continue;
    yield {
      ...constraintName(scope, schema, constraint.name),
      check_clause: constraintDefinition(scope.names, constraint, false).slice('CHECK '.length),
    };
  }
  for (const { schema, name, column } of notNulls(scope)) {
    yield { ...constraintName(scope, schema, name), check_clause: `${column} IS NOT NULL` };
  }
}

export const informationConstraintSources: RowSources = {
  table_constraints: tableConstraintRows,
  key_column_usage: keyColumnRows,
  constraint_column_usage: columnUsageRows,
  constraint_table_usage: tableUsageRows,
  referential_constraints: referentialRows,
  check_constraints: checkRows,
};
