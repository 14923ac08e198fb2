// Describes the values of one column from a sample: nulls, width, distinct values, most common values, a
// histogram of equal depth over the others, and how far their order is that of the rows.

import {
  type ColumnDescriptor,
  type ColumnStatistics,
  type Datum,
  defaultFormatSettings,
  typeOutput,
} from '#common';
import { functionRegistry, type TypeOrdering } from '#functions';
import { again } from '../contract.ts';
import { commonValueCount, estimateDistinct } from './common-values.ts';
import { sortInSlices } from './sliced-sort.ts';
import { fixedWidth, storedWidth } from './stored-width.ts';

/** Values wider than this are counted and not kept. */
const valueWidthMax = 1024;
const valuesPerStep = 4096;

export interface ColumnSample {
  /** In the order of the rows, nulls included. */
  readonly values: readonly Datum[];
  /** Of the rows that come right after those. */
  readonly neighbours?: readonly Datum[] | undefined;
  readonly totalRows: number;
  /** Entries of the list of common values, buckets of the histogram. */
  readonly target: number;
}

/** One value of the sample, and where it occurs. */
interface Group {
  readonly value: Datum;
  count: number;
  /** Positions among the values that are kept: a list through `next`. */
  readonly first: number;
  last: number;
}

interface Grouping {
  readonly groups: Group[];
  readonly next: Int32Array;
  readonly kept: number;
  readonly nulls: number;
  readonly tooWide: number;
  readonly averageWidth: number;
}

export function* columnStatistics(
  column: ColumnDescriptor,
  sample: ColumnSample,
): Generator<typeof again, ColumnStatistics> {
  const { values, totalRows, target } = sample;
  const type = column.type.oid;
  const ordering = functionRegistry.ordering(type);
  const output = typeOutput(type);
  const text = (value: Datum): string => output(value, defaultFormatSettings);
  const keyOf = (value: Datum) => (ordering === undefined ? text(value) : ordering.hashKey(value));
  const grouping = yield* group(values, type, keyOf);
  const { groups, nulls, tooWide } = grouping;
  const sampleRows = values.length;
  const repeated = groups.reduce((count, each) => count + (each.count > 1 ? 1 : 0), 0);
  const facts = { totalRows, sampleRows, nullRows: nulls };
  if (ordering === undefined) return withoutEquality(column, grouping, values.length);
  yield* sortInSlices(groups, (left, right) => ordering.compare(left.value, right.value));
  const correlated = correlation(grouping);
  const estimate = estimateDistinct({ distinct: groups.length + tooWide, repeated }, facts);
  const distinct = inRowOrder(sample, correlated, keyOf) ?? estimate;
  const byCount = groups.toSorted((left, right) => right.count - left.count).slice(0, target + 1);
  const commonCount = commonValueCount(
    byCount.map(({ count }) => count),
    { ...facts, distinct, seenDistinct: groups.length + tooWide, max: target },
  );
  const common = byCount.slice(0, commonCount);
  return {
    attributeNumber: column.attributeNumber,
    typeOid: type,
    nullFraction: sampleRows === 0 ? 0 : nulls / sampleRows,
    averageWidth: grouping.averageWidth,
    distinct: sampleRows === 0 ? 0 : distinct,
    commonValues: common.map(({ value }) => text(value)),
    commonFrequencies: common.map(({ count }) => count / sampleRows),
    histogram: histogram(groups, new Set(common), target).map(text),
    correlation: correlated,
  };
}

/** A type without equality: only nulls and widths can be told. */
function withoutEquality(
  column: ColumnDescriptor,
  { nulls, averageWidth }: Grouping,
  rows: number,
): ColumnStatistics {
  return {
    attributeNumber: column.attributeNumber,
    typeOid: column.type.oid,
    nullFraction: rows === 0 ? 0 : nulls / rows,
    averageWidth,
    distinct: 0,
    commonValues: [],
    commonFrequencies: [],
    histogram: [],
    correlation: undefined,
  };
}

/** Correlation from which equal values are taken to be neighbours. */
const orderedCorrelation = 0.99;

/**
 * Distinct values of a column in whose order the rows are: as many as there are rows that differ from the
 * one before. A sample of single rows hardly sees such values twice and takes them for unique.
 */
function inRowOrder(
  { values, neighbours, totalRows }: ColumnSample,
  correlated: number | undefined,
  keyOf: TypeOrdering['hashKey'],
): number | undefined {
  if (neighbours === undefined || correlated === undefined) return undefined;
  if (Math.abs(correlated) < orderedCorrelation) return undefined;
  let pairs = 0;
  let different = 0;
  values.forEach((value, at) => {
    const next = neighbours[at];
    if (value === null || next === null) return;
    pairs++;
    if (keyOf(value) !== keyOf(next)) different++;
  });
  if (different === 0) return undefined;
  const fraction = (different / pairs) * (pairs / values.length);
  return fraction > 0.1 ? -fraction : Math.max(1, Math.round(fraction * totalRows));
}

function* group(
  values: readonly Datum[],
  type: number,
  keyOf: TypeOrdering['hashKey'],
): Generator<typeof again, Grouping> {
  const byKey = new Map<ReturnType<TypeOrdering['hashKey']>, Group>();
  const groups: Group[] = [];
  const next = new Int32Array(values.length).fill(-1);
  const fixed = fixedWidth(type);
  let nulls = 0;
  let tooWide = 0;
  let bytes = 0;
  let kept = 0;
  for (let at = 0; at < values.length; at++) {
    if (at % valuesPerStep === valuesPerStep - 1) yield again;
    const value = values[at];
    if (value === null) {
      nulls++;
      continue;
    }
    const width = fixed ?? storedWidth(value);
    bytes += width;
    if (width > valueWidthMax) {
      tooWide++;
      continue;
    }
    const position = kept++;
    const key = keyOf(value);
    const known = byKey.get(key);
    if (known === undefined) {
      const made = { value, count: 1, first: position, last: position };
      byKey.set(key, made);
      groups.push(made);
    } else {
      known.count++;
      next[known.last] = position;
      known.last = position;
    }
  }
  const present = values.length - nulls;
  const averageWidth = present === 0 ? 0 : Math.trunc(bytes / present);
  return { groups, next, kept, nulls, tooWide, averageWidth };
}

/** Values at equal distances among those that are not common, repetitions counted. */
function histogram(groups: readonly Group[], common: ReadonlySet<Group>, target: number): Datum[] {
  const rest = groups.filter((each) => !common.has(each));
  const bounds = Math.min(rest.length, target + 1);
  if (bounds < 2) return [];
  const total = rest.reduce((sum, each) => sum + each.count, 0);
  const result: Datum[] = [];
  let at = 0;
  let before = 0;
  for (let bound = 0; bound < bounds; bound++) {
    const wanted = Math.floor((bound * (total - 1)) / (bounds - 1));
    while (before + rest[at].count <= wanted) before += rest[at++].count;
    result.push(rest[at].value);
  }
  return result;
}

/** Pearson's coefficient of rank and position, both running from 0 without gaps. */
function correlation({ groups, next, kept }: Grouping): number | undefined {
  if (kept < 2) return undefined;
  let products = 0;
  let rank = 0;
  for (const each of groups) {
    for (let position = each.first; position >= 0; position = next[position])
      products += rank++ * position;
  }
  const sum = ((kept - 1) * kept) / 2;
  const squares = ((kept - 1) * kept * (2 * kept - 1)) / 6;
  return (kept * products - sum * sum) / (kept * squares - sum * sum);
}
