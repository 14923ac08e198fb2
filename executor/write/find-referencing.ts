// Finds the rows that point at a key: by an index whose leading columns are the foreign key's when
// there is one, otherwise by reading the table. Newest committed rows and own writes count.

import {
  type Batch,
  batchRows,
  collatedType,
  collationOfType,
  columnValue,
  type Datum,
  equalityType,
  type TableDescriptor,
} from '#common';
import { functionRegistry } from '#functions';
import { type Key, type RowAccess, type TableAccess, tableAccess } from '#storage';
import type { ExecutionContext } from '../contract.ts';
import type { Runtime } from '../runtime.ts';
import { type ForeignKey, columnType, keyConversion } from './foreign-key.ts';

export function findReferencing(
  key: ForeignKey,
  values: readonly Datum[],
  runtime: Runtime,
  limit: number,
  context: ExecutionContext = runtime.context,
): Key[] {
  const { constraint, referencing, referenced } = key;
  const wanted = values.map((value, i) => {
    const convert = keyConversion(
      columnType(referenced, constraint.referencedColumns[i]),
      columnType(referencing, constraint.columns[i]),
    );
    return convert === undefined ? value : convert(value, context.functions);
  });
  const access = tableAccess(referencing);
  const types = constraint.columns.map((attribute, i) => comparedAs(key, attribute, i));
  const path = accessPath(access, referencing, {
    columns: constraint.columns,
    values: wanted,
    types,
  });
  if (path === undefined) return [];
  const sources = [
    { kind: 'rowKey' as const },
    ...constraint.columns.map((attributeNumber) => ({
      kind: 'attribute' as const,
      attributeNumber,
    })),
  ];
  const scan = access.openScan(context.transaction, {
    access: path,
    sources,
    view: { kind: 'latest' },
  });
  const equal = wanted.map((value, i) => equalTo(value, types[i]));
  const found: Key[] = [];
  try {
    for (
      let batch = scan.nextBatch(batchRows);
      batch !== undefined;
      batch = scan.nextBatch(batchRows)
    ) {
      context.interrupt.check();
      collect(batch, equal, found);
      if (found.length >= limit) break;
    }
  } finally {
    scan.close();
  }
  return found;
}

/** The referenced key's collation decides, where it takes different texts to be equal. */
function comparedAs(key: ForeignKey, attribute: number, position: number): number {
  const own = columnType(key.referencing, attribute);
  const referenced = key.constraint.referencedColumns[position];
  const { type } = key.referenced.columns[referenced - 1];
  const collation = collationOfType(equalityType(type));
  return collation === 0 ? own : collatedType(collation, own);
}

function collect(batch: Batch, equal: readonly ((value: Datum) => boolean)[], found: Key[]): void {
  for (let row = 0; row < batch.length; row++) {
    let matches = true;
    for (let i = 0; i < equal.length && matches; i++)
      matches = equal[i](columnValue(batch.columns[i + 1], row));
    if (matches) found.push(columnValue(batch.columns[0], row) as Key);
  }
}

function equalTo(wanted: Datum, typeOid: number): (value: Datum) => boolean {
  if (typeof wanted === 'number' || typeof wanted === 'boolean') return (value) => value === wanted;
  const ordering = functionRegistry.ordering(typeOid)!;
  return (value) => value !== null && ordering.compare(value, wanted) === 0;
}

function accessPath(
  access: TableAccess,
  table: TableDescriptor,
  wanted: {
    readonly columns: readonly number[];
    readonly values: readonly Datum[];
    /** By which type they are compared. */
    readonly types: readonly number[];
  },
): RowAccess | undefined {
  const { columns, values, types } = wanted;
  const valueOf = (attribute: number): Datum => values[columns.indexOf(attribute)]!;
  const leads = (attributes: readonly number[]): boolean =>
    attributes.length >= columns.length &&
    attributes.slice(0, columns.length).every((attribute) => columns.includes(attribute));
  const keyColumns = table.keyColumns;
  const isByBytes = types.every((type) => collationOfType(type) === 0);
  if (keyColumns.length > 0 && isByBytes && leads(keyColumns)) {
    const bounds = access.keyBounds({ equal: keyColumns.slice(0, columns.length).map(valueOf) });
    return bounds === undefined ? undefined : { kind: 'key', bounds };
  }
  for (const index of table.indexes) {
    const attributes = index.columns.map((column) => column.attributeNumber);
    if (!index.valid || index.clustered || index.predicate !== undefined || !leads(attributes))
      continue;
    if (index.method !== 'btree' || index.unstored === true) continue;
    const isByOtherTypes = index.columns
      .slice(0, columns.length)
      .some(({ attributeNumber, collation }) => {
        const { type } = table.columns[attributeNumber - 1];
        const compared = equalityType(collation === undefined ? type : { ...type, collation });
        const asked = types[columns.indexOf(attributeNumber)];
        return collationOfType(compared) !== collationOfType(asked);
      });
    if (isByOtherTypes) continue;
    const bounds = access.indexBounds(index.oid, {
      equal: attributes.slice(0, columns.length).map(valueOf),
    });
    return bounds === undefined ? undefined : { kind: 'index', indexOid: index.oid, bounds };
  }
  return { kind: 'full' };
}
