// Turns a run of tuples into a batch of columns: typed arrays where the type allows, datums elsewhere.

import {
  type Batch,
  type Column,
  type Datum,
  fillBoolean,
  fillFloat64,
  fillGeneric,
  fillInt32,
  fillSafeInt64,
  genericColumn,
  type TupleLayout,
  TupleRun,
  TypeOid,
} from '#common';
import type { CommitTimestamp, Key, TreeId } from '../contract.ts';
import type { RowSource } from './contract.ts';
import type { RowFormat, RowVersion } from './row-format.ts';
import { needsKeys, needsTimes, sourceValue } from './row-sources.ts';

const noTuples = new TupleRun();

/**
 * Rows of one batch: where their tuples lie, and keys and times where a source asks for them. A run that
 * only counts its rows has none of these.
 */
export class RowRun {
  readonly tuples: TupleRun;
  readonly countsOnly: boolean;
  /** Rows that were only counted. */
  counted = 0;
  readonly keys: Key[] | undefined;
  readonly froms: CommitTimestamp[] | undefined;
  readonly tos: CommitTimestamp[] | undefined;

  constructor(sources: readonly RowSource[], countsOnly = false) {
    this.countsOnly = countsOnly;
    this.tuples = countsOnly ? noTuples : new TupleRun();
    this.keys = needsKeys(sources) ? [] : undefined;
    const times = needsTimes(sources);
    this.froms = times ? [] : undefined;
    this.tos = times ? [] : undefined;
  }
  get length(): number {
    return this.tuples.length + this.counted;
  }
  clear(): void {
    this.counted = 0;
    this.tuples.clear();
  }
}

export interface BatchShape {
  readonly format: RowFormat;
  readonly tableOid: number;
  readonly treeId: TreeId;
  readonly sources: readonly RowSource[];
  readonly startTimestamp: number;
}

export function buildBatch(shape: BatchShape, run: RowRun): Batch {
  if (shape.sources.length === 0) return { length: run.length, columns: [] };
  const version = commonVersion(shape.format, run.tuples);
  const columns = shape.sources.map((source) => {
    if (source.kind === 'attribute' && version !== undefined) {
      const position = version.positions[source.attributeNumber - 1];
      if (position >= 0) return readColumn(version.layout, position, run.tuples);
    }
    return readRowByRow(shape, source, run);
  });
  return { length: run.length, columns };
}

export function commonVersion(format: RowFormat, tuples: TupleRun): RowVersion | undefined {
  if (format.uniform || tuples.length === 0) return format.newest;
  const first = format.versionOf(tuples.buffers[0], tuples.starts[0]);
  for (let row = 1; row < tuples.length; row++) {
    if (format.versionOf(tuples.buffers[row], tuples.starts[row]) !== first) return undefined;
  }
  return first;
}

function readColumn(layout: TupleLayout, position: number, run: TupleRun): Column {
  const { length } = run;
  const { typeOid } = layout.columns[position];
  switch (typeOid) {
    case TypeOid.int4: {
      const values = new Int32Array(length);
      const nulls = new Uint8Array(length);
      return typed(values, nulls, fillInt32(layout, position, run, values, nulls));
    }
    case TypeOid.date: {
      const values = new Int32Array(length);
      const nulls = new Uint8Array(length);
      const anyNull = fillInt32(layout, position, run, values, nulls);
      return values.some(isInfiniteDate)
        ? generic(layout, position, run)
        : typed(values, nulls, anyNull);
    }
    case TypeOid.int8:
    case TypeOid.time:
    case TypeOid.timestamp:
    case TypeOid.timestamptz: {
      const values = new Float64Array(length);
      const nulls = new Uint8Array(length);
      const found = fillSafeInt64(layout, position, run, values, nulls);
      return found < 0 ? generic(layout, position, run) : typed(values, nulls, found === 1);
    }
    case TypeOid.float4:
    case TypeOid.float8: {
      const values = new Float64Array(length);
      const nulls = new Uint8Array(length);
      return typed(values, nulls, fillFloat64(layout, position, run, values, nulls));
    }
    case TypeOid.bool: {
      const values = new Uint8Array(length);
      const nulls = new Uint8Array(length);
      const anyNull = fillBoolean(layout, position, run, values, nulls);
      return { values, nulls: anyNull ? nulls : undefined, boolean: true };
    }
    default:
      return generic(layout, position, run);
  }
}
function typed(values: Int32Array | Float64Array, nulls: Uint8Array, anyNull: boolean): Column {
  return { values, nulls: anyNull ? nulls : undefined, boolean: false };
}
function generic(layout: TupleLayout, position: number, run: TupleRun): Column {
  const values: Datum[] = [];
  fillGeneric(layout, position, run, values);
  return genericColumn(values);
}
function isInfiniteDate(days: number): boolean {
  return days === 2147483647 || days === -2147483648;
}

/** Pseudo columns, keys, and attributes of rows stored under several versions. */
export function readRowByRow(shape: BatchShape, source: RowSource, run: RowRun): Column {
  const { tuples, keys, froms, tos } = run;
  if (source.kind === 'rowKey') return genericColumn(keys!.slice(0, tuples.length));
  const values: Datum[] = [];
  for (let row = 0; row < tuples.length; row++) {
    const facts = {
      buffer: tuples.buffers[row],
      start: tuples.starts[row],
      end: tuples.ends[row],
      key: keys?.[row] ?? '',
      from: froms?.[row] ?? 0,
      to: tos?.[row] ?? 0,
    };
    values.push(sourceValue(shape.format, shape.tableOid, source, facts, shape.startTimestamp));
  }
  return genericColumn(values);
}
