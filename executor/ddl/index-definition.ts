// Descriptors of new indexes, for CREATE INDEX and for key constraints.

import {
  type ColumnDescriptor,
  databaseError,
  equalityType,
  type IndexColumn,
  type IndexDescriptor,
  type SqlType,
  type StoredExpression,
  type TableDescriptor,
  typeDisplayName,
} from '#common';
import { functionRegistry } from '#functions';
import type { DdlStatement } from './statement.ts';

export interface NewIndex {
  readonly name: string;
  readonly unique: boolean;
  readonly nullsNotDistinct: boolean;
  readonly primary: boolean;
  readonly deferrable?: boolean;
  readonly columns: readonly IndexColumn[];
  readonly included: readonly number[];
  readonly predicate?: StoredExpression;
  /** Default: btree. */
  readonly method?: string;
  readonly unstored?: boolean;
  readonly options?: Readonly<Record<string, string>>;
  readonly tablespace?: number;
}

/** The descriptor of a new index. A primary key is the table's row tree itself. */
export function indexDescriptor(
  ddl: DdlStatement,
  table: TableDescriptor,
  index: NewIndex,
): IndexDescriptor {
  const clustered =
    index.primary && index.deferrable !== true && hasPlainKeys(table, index.columns);
  return {
    kind: 'index',
    oid: ddl.allocateOid(),
    name: index.name,
    schemaOid: table.schemaOid,
    tableOid: table.oid,
    treeId: clustered ? table.treeId : ddl.context.storage.allocateTreeId(),
    ...(index.tablespace === undefined ? {} : { tablespace: index.tablespace }),
    method: index.method ?? 'btree',
    unique: index.unique,
    nullsNotDistinct: index.nullsNotDistinct,
    primary: index.primary,
    clustered,
    ...(index.deferrable === true ? { deferrable: true } : {}),
    ...(index.unstored === true ? { unstored: true } : {}),
    columns: index.columns,
    included: index.included,
    ...(index.predicate === undefined ? {} : { predicate: index.predicate }),
    ...(index.options === undefined ? {} : { options: index.options }),
    valid: true,
  };
}

/**
 * Do the keys of rows say what the rows hold? Equal keys of a nondeterministic collation may differ. (Nor can
 * rows lie in the order of a deferrable key, which two of them may have for a while.)
 */
export function hasPlainKeys(table: TableDescriptor, columns: readonly IndexColumn[]): boolean {
  return columns.every(({ attributeNumber }) => {
    const { type } = table.columns[attributeNumber - 1];
    return equalityType(type) === type.oid;
  });
}

/** Ascending, nulls last: a key constraint's column. */
export function plainIndexColumn(attributeNumber: number): IndexColumn {
  return { attributeNumber, descending: false, nullsFirst: false };
}

/** 42704 when values of the type have no order. */
export function requireOrdering(type: SqlType, method = 'btree'): void {
  if (functionRegistry.ordering(type.oid) !== undefined) return;
  throw databaseError(
    'undefinedObject',
    `data type ${typeDisplayName(type.oid) ?? String(type.oid)} has no default operator class for access method "${method}"`,
    {
      hint: 'You must specify an operator class for the index or define a default operator class for the data type.',
    },
  );
}

export function liveColumn(table: TableDescriptor, name: string): ColumnDescriptor | undefined {
  return table.columns.find((column) => !column.dropped && column.name === name);
}
