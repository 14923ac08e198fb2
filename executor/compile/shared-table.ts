// A join's table that the threads of a run build together: the parts that they have stored, put one after the
// other in memory that all of them see. Values that are no numbers are in a pool of each thread's own.

import type { Datum } from '#common';
import type { TransferredColumn } from '../threads/protocol.ts';
import { decodeDatums, encodeDatums } from '../threads/value-transfer.ts';
import type { ColumnStore } from './column-store.ts';
import type { JoinIndex, JoinTable } from './join-table.ts';
import {
  type StoredColumn,
  type StoredRows,
  type StoredValues,
  datumOf,
  sharedValues,
} from './stored-column.ts';

/** What a thread has stored of a table's rows; plain data. */
export interface TablePart {
  readonly length: number;
  readonly columns: readonly TransferredRows[];
  readonly keys: readonly Float64Array[];
}

/** The whole, with its index; plain data over shared memory. */
export interface SharedTable extends TablePart {
  readonly index: JoinIndex;
}

/** A column's values, and the pool that places refer to. */
export interface TransferredRows extends Omit<StoredRows, 'pool'> {
  readonly pool: TransferredColumn | undefined;
}

/** The threads cannot build the table together: one of them runs the node alone. */
export class SharingFailed extends Error {}

/** undefined: its keys have numbers that mean something in this thread only. */
export function partOf({ store, pools }: JoinTable): TablePart | undefined {
  if (pools.some((pool) => !pool.isEmpty)) return undefined;
  const { length } = store;
  return {
    length,
    columns: store.columns.map((column) => transferred(column.storedRows(length))),
    keys: store.keys.map((keys) => keys.slice(0, length)),
  };
}

/** Puts the parts into the coordinator's table. */
export function combineParts(table: JoinTable, all: readonly TablePart[]): void {
  const parts = all.filter(({ length }) => length > 0);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const columns = table.store.columns.map((column, i) => {
    const lists = parts.map((part) => decoded(part.columns[i]));
    return lists.length === 0 ? undefined : concatenated(column, lists, length);
  });
  const keys = table.store.keys.map((_keys, i) => {
    const whole = new Float64Array(new SharedArrayBuffer(length * 8));
    let offset = 0;
    for (const part of parts) {
      whole.set(part.keys[i], offset);
      offset += part.length;
    }
    return whole;
  });
  take(table.store, { length, columns, keys });
}

/** The coordinator's table, indexed, for the others. */
export function sharedTable(table: JoinTable): SharedTable {
  const { store, indexParts } = table;
  return {
    length: store.length,
    columns: store.columns.map((column) => transferred(column.storedRows(store.length))),
    keys: store.keys,
    index: indexParts,
  };
}

/** A helper's table becomes what the coordinator has made. */
export function takeTable(table: JoinTable, whole: SharedTable): void {
  const { length, keys } = whole;
  take(table.store, { length, columns: length === 0 ? [] : whole.columns.map(decoded), keys });
  table.indexParts = whole.index;
}

function take(
  store: ColumnStore,
  {
    length,
    columns,
    keys,
  }: {
    readonly length: number;
    readonly columns: readonly (StoredRows | undefined)[];
    readonly keys: readonly Float64Array[];
  },
): void {
  store.columns.forEach((column, i) => {
    const rows = columns[i];
    if (rows !== undefined && column.take(rows)) store.generation++;
  });
  keys.forEach((each, i) => (store.keys[i] = each));
  store.length = length;
  store.capacity = length;
}

function transferred(rows: StoredRows): TransferredRows {
  return { ...rows, pool: rows.pool && encodeDatums(rows.pool) };
}

function decoded(rows: TransferredRows): StoredRows {
  return { ...rows, pool: rows.pool && decodeDatums(rows.pool) };
}

/** One after the other; in the form that they have, if it is one. */
function concatenated(
  column: StoredColumn,
  lists: readonly StoredRows[],
  length: number,
): StoredRows {
  const [first] = lists;
  const isOne = lists.every(
    ({ representation, scale }) => representation === first.representation && scale === first.scale,
  );
  const rows = isOne ? lists : lists.map((list) => pooled(column.typeOid, list));
  const { representation, scale } = rows[0];
  const values = sharedValues(representation, column.typeOid, length);
  const hasNulls = rows.some(({ nulls }) => nulls !== undefined);
  const nulls = hasNulls ? new Uint8Array(new SharedArrayBuffer(length)) : undefined;
  const pool: Datum[] = [];
  let offset = 0;
  for (const part of rows) {
    if (representation === 'dictionary') addPlaces(part, { values, offset, base: pool.length });
    else values.set(part.values, offset);
    if (part.nulls !== undefined) nulls!.set(part.nulls, offset);
    for (const value of part.pool ?? []) pool.push(value);
    offset += part.values.length;
  }
  return {
    representation,
    scale,
    min: Math.min(...rows.map(({ min }) => min)),
    max: Math.max(...rows.map(({ max }) => max)),
    values,
    nulls,
    pool: representation === 'dictionary' ? pool : undefined,
  };
}

function addPlaces(
  part: StoredRows,
  {
    values,
    offset,
    base,
  }: { readonly values: StoredValues; readonly offset: number; readonly base: number },
): void {
  for (let row = 0; row < part.values.length; row++) values[offset + row] = part.values[row] + base;
}

/** The rows as places in a pool. */
function pooled(typeOid: number, rows: StoredRows): StoredRows {
  if (rows.representation === 'dictionary') return rows;
  const pool: Datum[] = [];
  const values = new Int32Array(rows.values.length);
  for (let row = 0; row < values.length; row++) {
    if (rows.nulls !== undefined && rows.nulls[row] !== 0) continue;
    values[row] = pool.push(datumOf(rows, typeOid, rows.values[row])) - 1;
  }
  return { ...rows, representation: 'dictionary', values, pool };
}
