// Errors of the table layer, worded as PostgreSQL words them.

import {
  type Datum,
  type DatabaseError,
  databaseError,
  defaultFormatSettings,
  type IndexDescriptor,
  type SqlType,
  type TableDescriptor,
  typeOutput,
} from '#common';

/** What a key error tells about the table: its schema's name is filled in by the executor. */
export interface KeyValues {
  readonly table: TableDescriptor;
  readonly index: IndexDescriptor;
  /** By index column; undefined when all that is left of them is a key that loses something. */
  readonly values: readonly Datum[] | undefined;
  readonly types: readonly SqlType[];
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
function detail({ table, index, values, types }: KeyValues, verdict: string): { detail?: string } {
  if (values === undefined) return {};
  const columns = index.columns.map(({ attributeNumber, expression }) =>
    attributeNumber === 0 ? (expression?.sql ?? '?') : table.columns[attributeNumber - 1].name,
  );
  const texts = values.map((value, i) => {
    if (value === null) return 'null';
    return typeOutput(types[i].oid)(value, defaultFormatSettings);
  });
  return { detail: `Key (${columns.join(', ')})=(${texts.join(', ')}) ${verdict}.` };
}
