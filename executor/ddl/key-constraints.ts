// PRIMARY KEY, UNIQUE and CHECK constraints of a table, from their elements to descriptors. The table
// that is returned has the constraint; what its rows mean for it is the caller's business.

import {
  type ConstraintDescriptor,
  databaseError,
  type IndexDescriptor,
  type TableDescriptor,
} from '#common';
import { generatedName } from '#planner';
import { positionField, relationExists } from './errors.ts';
import {
  indexDescriptor,
  liveColumn,
  plainIndexColumn,
  requireOrdering,
} from './index-definition.ts';
import { tablespacePart } from './relation-tablespace.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored, bindStoredText } from './stored-expression.ts';
import type { CheckConstraintElement, KeyConstraintElement } from './table-elements.ts';

export interface AddedKey {
  readonly table: TableDescriptor;
  readonly index: IndexDescriptor;
}

/** Adds the constraint and its index; a primary key orders the row tree and makes its columns NOT NULL. */
export function addKeyConstraint(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: KeyConstraintElement,
): AddedKey {
  const isPrimary = element.type === 'primary';
  if (isPrimary && table.constraints.some((constraint) => constraint.type === 'primary')) {
    throw multiplePrimaryKeys(table.name);
  }
  const attributes = keyAttributes(table, element.columns, element);
  for (const attribute of attributes) {
    const column = table.columns[attribute - 1];
    requireOrdering(column.type);
  }
  requirePartitionKey(table, attributes, isPrimary ? 'PRIMARY KEY' : 'UNIQUE');
  const name = keyConstraintName(ddl, table, element);
  const index = indexDescriptor(ddl, table, {
    name,
    unique: true,
    nullsNotDistinct: element.nullsNotDistinct,
    ...tablespacePart(ddl, element.tablespace, {
      isTemporary: table.persistence === 'temporary',
      isPartitioned: table.partitioning !== undefined,
    }),
    primary: isPrimary,
    deferrable: element.deferrable,
    columns: attributes.map(plainIndexColumn),
    included: keyAttributes(table, element.included, element),
  });
  return { table: withKeyConstraint(ddl, table, element, index), index };
}

/** A partition knows of its own rows only, so a key must tell the partition. 0A000. */
export function requirePartitionKey(
  table: TableDescriptor,
  attributes: readonly number[],
  words: string,
): void {
  for (const { attributeNumber } of table.partitioning?.keys ?? []) {
    if (attributeNumber === 0) {
      throw databaseError(
        'featureNotSupported',
        `unsupported ${words} constraint with partition key definition`,
        {
          detail: `${words} constraints cannot be used when partition keys include expressions.`,
        },
      );
    }
    if (attributes.includes(attributeNumber)) continue;
    const column = table.columns[attributeNumber - 1].name;
    throw databaseError(
      'featureNotSupported',
      'unique constraint on partitioned table must include all partitioning columns',
      {
        detail: `${words} constraint on table "${table.name}" lacks column "${column}" which is part of the partition key.`,
      },
    );
  }
}

export function multiplePrimaryKeys(table: string): Error {
  return databaseError(
    'invalidTableDefinition',
    `multiple primary keys for table "${table}" are not allowed`,
  );
}

/** The table with a constraint over an index that it gets. */
export function withKeyConstraint(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: KeyConstraintElement,
  index: IndexDescriptor,
): TableDescriptor {
  const columns = index.columns.map((column) => column.attributeNumber);
  const constraint: ConstraintDescriptor = {
    kind: 'constraint',
    oid: ddl.allocateOid(),
    name: index.name,
    tableOid: table.oid,
    columns,
    deferrable: element.deferrable,
    initiallyDeferred: element.initiallyDeferred,
    validated: true,
    ...(element.comment === undefined ? {} : { comment: element.comment }),
    type: element.type,
    indexOid: index.oid,
  };
  const isPrimary = element.type === 'primary';
  return {
    ...table,
    ...(isPrimary && index.clustered ? { keyColumns: columns } : {}),
    columns: isPrimary ? withNotNull(table, columns) : table.columns,
    indexes: [...table.indexes, index],
    constraints: [...table.constraints, constraint],
  };
}

function withNotNull(
  table: TableDescriptor,
  attributes: readonly number[],
): TableDescriptor['columns'] {
  return table.columns.map((column) =>
    attributes.includes(column.attributeNumber) ? { ...column, notNull: true } : column,
  );
}

function keyAttributes(
  table: TableDescriptor,
  names: readonly string[],
  { type, position }: KeyConstraintElement,
): number[] {
  const attributes: number[] = [];
  for (const name of names) {
    const column = liveColumn(table, name);
    if (column === undefined) {
      throw databaseError(
        'undefinedColumn',
        `column "${name}" named in key does not exist`,
        positionField(position),
      );
    }
    if (attributes.includes(column.attributeNumber)) {
      const words = type === 'primary' ? 'primary key' : 'unique';
      throw databaseError(
        'duplicateColumn',
        `column "${name}" appears twice in ${words} constraint`,
        positionField(position),
      );
    }
    attributes.push(column.attributeNumber);
  }
  return attributes;
}

function keyConstraintName(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: KeyConstraintElement,
): string {
  const schema = ddl.schemaByOid(table.schemaOid);
  if (element.name !== undefined) {
    const isTaken =
      table.indexes.some((index) => index.name === element.name) || table.name === element.name;
    if (isTaken || !ddl.claimName({ schema, name: element.name }))
      throw relationExists(element.name);
    requireFreeConstraintName(table, element.name);
    return element.name;
  }
  const taken = (name: string): boolean => table.indexes.some((index) => index.name === name);
  const second =
    element.type === 'primary' ? undefined : [...element.columns, ...element.included].join('_');
  const label = element.type === 'primary' ? 'pkey' : 'key';
  for (let attempt = 0; ; attempt++) {
    const suffix = attempt === 0 ? label : `${label}${attempt}`;
    const name = generatedName(table.name, second, suffix);
    if (!taken(name) && !hasConstraint(table, name) && ddl.claimName({ schema, name })) return name;
  }
}

export function addCheckConstraint(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: CheckConstraintElement,
): { readonly table: TableDescriptor; readonly constraint: ConstraintDescriptor } {
  const { stored, attributes } =
    element.copied === undefined
      ? bindStored(ddl, element.node!, { place: 'check', table })
      : bindStoredText(ddl, element.copied, { place: 'check', table });
  const onlyColumn = attributes.length === 1 ? table.columns[attributes[0] - 1]?.name : undefined;
  const name = checkName(ddl, table, element.name, onlyColumn);
  const constraint: ConstraintDescriptor = {
    kind: 'constraint',
    oid: ddl.allocateOid(),
    name,
    tableOid: table.oid,
    columns: attributes,
    deferrable: false,
    initiallyDeferred: false,
    validated: element.validated,
    ...(element.comment === undefined ? {} : { comment: element.comment }),
    ...(element.isLocal === undefined ? {} : { isLocal: element.isLocal }),
    ...(element.inheritCount === undefined ? {} : { inheritCount: element.inheritCount }),
    type: 'check',
    expression: stored,
    noInherit: element.noInherit,
  };
  return { table: { ...table, constraints: [...table.constraints, constraint] }, constraint };
}

function checkName(
  ddl: DdlStatement,
  table: TableDescriptor,
  given: string | undefined,
  column: string | undefined,
): string {
  if (given !== undefined) {
    const isNewTable = ddl.catalog.tableByOid(table.oid) === undefined;
    requireFreeConstraintName(table, given, isNewTable ? 'check' : undefined);
    return given;
  }
  return freeConstraintName(table, column, 'check');
}

/** table_column_label, with a number when the table has that already. */
export function freeConstraintName(
  table: TableDescriptor,
  column: string | undefined,
  label: string,
): string {
  for (let attempt = 0; ; attempt++) {
    const name = generatedName(table.name, column, attempt === 0 ? label : `${label}${attempt}`);
    if (!hasConstraint(table, name)) return name;
  }
}

export function hasConstraint(table: TableDescriptor, name: string): boolean {
  return table.constraints.some((constraint) => constraint.name === name);
}

export function requireFreeConstraintName(
  table: TableDescriptor,
  name: string,
  kind?: 'check',
): void {
  if (!hasConstraint(table, name)) return;
  throw databaseError(
    'duplicateObject',
    kind === 'check'
      ? `check constraint "${name}" already exists`
      : `constraint "${name}" for relation "${table.name}" already exists`,
  );
}
