// Errors of the table layer, worded as PostgreSQL words them.

import {
  type ColumnDescriptor,
  type Datum,
  type DatabaseError,
  databaseError,
  defaultFormatSettings,
  type IndexDescriptor,
  type TableDescriptor,
  typeOutput,
} from '#common';

/** What a key error tells about the table: its schema's name is filled in by the executor. */
export interface KeyValues {
  readonly table: TableDescriptor;
  readonly index: IndexDescriptor;
  /** By index column; undefined when all that is left of them is a key that loses something. */
  readonly values: readonly Datum[] | undefined;
}

export function uniqueViolation(key: KeyValues): DatabaseError {
  return databaseError(
    'uniqueViolation',
    `duplicate key value violates unique constraint "${key.index.name}"`,
    {
      ...detail(key, 'already exists'),
      table: key.table.name,
      constraint: key.index.name,
    },
  );
}

export function cannotCreateUniqueIndex(key: KeyValues): DatabaseError {
  return databaseError('uniqueViolation', `could not create unique index "${key.index.name}"`, {
    ...detail(key, 'is duplicated'),
    table: key.table.name,
    constraint: key.index.name,
  });
}

/** "Key (a, b)=(1, x) is duplicated." */
function detail({ table, index, values }: KeyValues, verdict: string): { detail?: string } {
  if (values === undefined) return {};
  const columns = index.columns.map(({ attributeNumber, expression }) =>
    attributeNumber === 0 ? (expression?.sql ?? '?') : columnOf(table, attributeNumber).name,
  );
  const texts = values.map((value, i) => {
    if (value === null) return 'null';
    const { attributeNumber } = index.columns[i];
    if (attributeNumber === 0) return String(value);
    return typeOutput(columnOf(table, attributeNumber).type.oid)(value, defaultFormatSettings);
  });
  return { detail: `Key (${columns.join(', ')})=(${texts.join(', ')}) ${verdict}.` };
}

function columnOf(table: TableDescriptor, attributeNumber: number): ColumnDescriptor {
  return table.columns[attributeNumber - 1];
}
