// For tests of column scans: a table with a column of every kind of representation, random rows for it,
// and the rows of both kinds of scan as text, so that one comparison settles whether they agree.

import fc from 'fast-check';
import {
  canonicalInteger,
  columnValue,
  type Datum,
  Interval,
  Numeric,
  type TableDescriptor,
  TypeOid,
  type Vector,
} from '#common';
import type { ReadView, StorageEngine, TreeId } from '../contract.ts';
import type { RowReader, RowSource, TableAccess } from '../table/contract.ts';
import { openColumnScan } from './column-scan.ts';
import type { BlockCondition, WantedValues } from './contract.ts';
import { vectorDatum } from './datum-vectors.ts';

const columnTypes = [
  TypeOid.int4,
  TypeOid.int2,
  TypeOid.int8,
  TypeOid.float8,
  TypeOid.bool,
  TypeOid.numeric,
  TypeOid.text,
  TypeOid.date,
  TypeOid.timestamptz,
  TypeOid.interval,
  TypeOid.float4,
  TypeOid.text,
] as const;

let nextOid = 40_000;

/** Without keyColumns, rows have a hidden key. */
export function wideTable(storage: StorageEngine, keyColumns: readonly number[]): TableDescriptor {
  return describeTable(storage.allocateTreeId(), keyColumns);
}

function describeTable(treeId: TreeId, keyColumns: readonly number[]): TableDescriptor {
  const columns = columnTypes.map((oid, i) => ({
    name: `c${i + 1}`,
    attributeNumber: i + 1,
    type: { oid, typmod: -1 },
    notNull: false,
    dropped: false,
  }));
  return {
    kind: 'table',
    oid: nextOid++,
    name: 't',
    schemaOid: 2200,
    owner: 10,
    treeId,
    persistence: 'permanent',
    columns,
    tupleVersions: [{ version: 1, columns }],
    keyColumns,
    rowTypeOid: 0,
    indexes: [],
    constraints: [],
    referencedBy: [],
  };
}

/** For processes one after another. */
export const crashTable = describeTable(900, [1]);

export const allSources: readonly RowSource[] = [
  ...columnTypes.map((_, i): RowSource => ({ kind: 'attribute', attributeNumber: i + 1 })),
  { kind: 'rowKey' },
  { kind: 'pseudo', name: '_tx_from' },
  { kind: 'pseudo', name: '_tx_to' },
  { kind: 'pseudo', name: '_valid_from' },
  { kind: 'pseudo', name: '_valid_to' },
  { kind: 'pseudo', name: 'tableoid' },
  { kind: 'pseudo', name: 'ctid' },
];

const numeric = fc.oneof(
  fc.maxSafeInteger().map((coefficient) => new Numeric(coefficient, 2)),
  fc.integer({ min: -1000, max: 1000 }).map((coefficient) => new Numeric(coefficient, 2)),
  fc.integer({ min: -9, max: 9 }).map((coefficient) => new Numeric(coefficient, 1)),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map((value) => Numeric.of(value, 2)),
  fc.constantFrom(Numeric.nan, Numeric.infinity),
);
const often = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof(
    { weight: 20, arbitrary: usual },
    { weight: 1, arbitrary: rare },
    { weight: 2, arbitrary: fc.constant(null) },
  );

/** A row whose first column is given. */
export function rowArbitrary(key: fc.Arbitrary<number>): fc.Arbitrary<Datum[]> {
  return fc
    .tuple(
      key,
      often(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -32768, max: 32767 })),
      often<Datum>(
        fc.nat(100),
        fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(canonicalInteger),
      ),
      often(
        fc.nat(1000).map((value) => value / 100),
        fc.double(),
      ),
      often(fc.boolean(), fc.constant(false)),
      often(
        fc.nat(10000).map((value) => new Numeric(value, 2)),
        numeric,
      ),
      often(fc.constantFrom('red', 'green', 'blue'), fc.string({ unit: 'grapheme' })),
      often(fc.nat(10000), fc.constantFrom(Infinity, -Infinity)),
      often(fc.nat(10 ** 9), fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Infinity, -Infinity))),
      often(
        fc.nat(9).map((days) => new Interval(0, days, 0)),
        fc.constant(new Interval(1, 0, 5)),
      ),
      often(fc.nat(99), fc.float()),
      often(fc.string(), fc.string({ minLength: 200, maxLength: 2000 })),
    )
    .map((row) => row as Datum[]);
}

export interface ScanWish {
  readonly sources?: readonly RowSource[];
  readonly view?: ReadView;
  readonly conditions?: readonly BlockCondition[];
  readonly wanted?: readonly WantedValues[];
}

/** What a column scan gives, in text, sorted. Checks what the contract says of vectors on the way. */
export function columnRows(reader: RowReader, access: TableAccess, wish: ScanWish = {}): string[] {
  const sources = wish.sources ?? allSources;
  const { view, conditions = [], wanted = [] } = wish;
  const request = { sources, conditions, wanted, ...(view !== undefined && { view }) };
  const scan = openColumnScan(reader, access, request);
  const rows: string[] = [];
  const numerics = sources.map((source) => isNumeric(access, source));
  for (let morsel = 0; morsel < scan.morselCount; morsel++) {
    const cursor = scan.openMorsel(morsel);
    for (let block = cursor.nextBlock(); block !== undefined; block = cursor.nextBlock()) {
      const vectors = sources.map((_, column) => block.vector(column));
      for (const vector of vectors) checkVector(vector, block.length);
      for (let n = 0; n < block.selected; n++) {
        const place = block.selection === undefined ? n : block.selection[n];
        rows.push(
          rowText(vectors.map((vector, column) => vectorDatum(vector, place, numerics[column]))),
        );
      }
      block.release?.();
    }
    cursor.close();
  }
  scan.close();
  return rows.toSorted();
}
function isNumeric(access: TableAccess, source: RowSource): boolean {
  if (source.kind !== 'attribute') return false;
  return access.table.columns[source.attributeNumber - 1].type.oid === TypeOid.numeric;
}

function checkVector(vector: Vector, length: number): void {
  if (vector.kind === 'dictionary') return;
  if (vector.values.length < length) throw new Error('a vector is shorter than its block');
  if (vector.kind !== 'integer') return;
  for (let i = 0; i < length; i++) {
    const value = vector.values[i];
    if (Object.is(value, -0) || !Number.isSafeInteger(value)) throw new Error(`${value}`);
    const isNull = vector.nulls !== undefined && vector.nulls[i] !== 0;
    if (isNull ? value !== 0 : value < vector.min || value > vector.max) {
      throw new Error(`${value} is not within ${vector.min} .. ${vector.max}`);
    }
  }
}

/** What the row store gives. */
export function storedRows(reader: RowReader, access: TableAccess, wish: ScanWish = {}): string[] {
  const sources = wish.sources ?? allSources;
  const { view } = wish;
  const scan = access.openScan(reader, {
    access: { kind: 'full' },
    sources,
    ...(view !== undefined && { view }),
  });
  const rows: string[] = [];
  for (let batch = scan.nextBatch(1000); batch !== undefined; batch = scan.nextBatch(1000)) {
    for (let row = 0; row < batch.length; row++) {
      rows.push(rowText(batch.columns.map((column) => columnValue(column, row))));
    }
  }
  scan.close();
  return rows.toSorted();
}

function rowText(values: readonly Datum[]): string {
  return values.map(valueText).join(' | ');
}
function valueText(value: Datum): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : `${value}`;
  if (value instanceof Numeric) return `${value.toString()}#${value.scale}`;
  if (value instanceof Interval) return `${value.months}m${value.days}d${value.micros}`;
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}
