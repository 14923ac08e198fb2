// Describes several columns together, for CREATE STATISTICS: how many combinations of values there are, how
// far some columns determine another, and the most common combinations. As PostgreSQL's mvdistinct.c,
// dependencies.c and mcv.c do.

import {
  type ColumnStatistics,
  type Datum,
  defaultFormatSettings,
  type ExtendedStatistics,
  type StatisticsDescriptor,
  type TableDescriptor,
  typeOutput,
} from '#common';
import { functionRegistry } from '#functions';
import { again } from '../contract.ts';
import { estimateDistinct } from './common-values.ts';

export interface CombinedSample {
  readonly table: TableDescriptor;
  /** Values by attribute number. */
  readonly values: ReadonlyMap<number, readonly Datum[]>;
  readonly rows: number;
  readonly totalRows: number;
  readonly target: number;
  readonly columns: readonly ColumnStatistics[];
}

/** Rows numbered by what they have in some columns: equal numbers, equal values. */
interface Numbering {
  readonly numbers: Int32Array;
  readonly counts: readonly number[];
}

export function* multiColumnStatistics(
  statistics: StatisticsDescriptor,
  sample: CombinedSample,
): Generator<typeof again, ExtendedStatistics> {
  const { attributes, kinds } = statistics;
  const single = new Map<number, Numbering>();
  for (const attribute of attributes) {
    single.set(attribute, numberValues(sample, attribute));
    yield again;
  }
  const subsets = new Map<string, Numbering>();
  const numberingOf = (subset: readonly number[]): Numbering => {
    const last = single.get(subset.at(-1)!)!;
    if (subset.length === 1) return last;
    const key = subset.join();
    let numbering = subsets.get(key);
    if (numbering === undefined) {
      numbering = combine(numberingOf(subset.slice(0, -1)), last);
      subsets.set(key, numbering);
    }
    return numbering;
  };
  const distinct: ExtendedStatistics['distinct'][number][] = [];
  const dependencies: ExtendedStatistics['dependencies'][number][] = [];
  for (const subset of subsetsOf(attributes)) {
    yield again;
    if (kinds.includes('distinct'))
      distinct.push({ attributes: subset, count: countOf(numberingOf(subset), sample) });
    if (!kinds.includes('dependencies')) continue;
    for (const to of subset) {
      const from = subset.filter((attribute) => attribute !== to);
      const degree = degreeOf(numberingOf(from), single.get(to)!);
      if (degree > 0) dependencies.push({ from, to, degree });
    }
  }
  yield again;
  const common = kinds.includes('common')
    ? commonCombinations(attributes, numberingOf(attributes), sample)
    : [];
  return { oid: statistics.oid, distinct, dependencies, common, attributes };
}

/** Of two columns and more. */
function subsetsOf(attributes: readonly number[]): number[][] {
  const subsets: number[][] = [];
  for (let bits = 1; bits < 2 ** attributes.length; bits++) {
    const subset = attributes.filter((_, at) => (bits & (1 << at)) !== 0);
    if (subset.length > 1) subsets.push(subset);
  }
  return subsets.toSorted((left, right) => left.length - right.length);
}

function typeOf(sample: CombinedSample, attribute: number): number {
  const { columns } = sample.table;
  return columns.find((column) => column.attributeNumber === attribute)!.type.oid;
}

function numberValues(sample: CombinedSample, attribute: number): Numbering {
  const values = sample.values.get(attribute)!;
  const ordering = functionRegistry.ordering(typeOf(sample, attribute))!;
  const numbers = new Int32Array(values.length);
  const counts: number[] = [];
  const known = new Map<unknown, number>();
  values.forEach((value, row) => {
    const key = value === null ? null : ordering.hashKey(value);
    let number = known.get(key);
    if (number === undefined) {
      number = counts.push(0) - 1;
      known.set(key, number);
    }
    numbers[row] = number;
    counts[number]++;
  });
  return { numbers, counts };
}

function combine(left: Numbering, right: Numbering): Numbering {
  const numbers = new Int32Array(left.numbers.length);
  const counts: number[] = [];
  const known = new Map<number, number>();
  for (let row = 0; row < numbers.length; row++) {
    const key = left.numbers[row] * right.counts.length + right.numbers[row];
    let number = known.get(key);
    if (number === undefined) {
      number = counts.push(0) - 1;
      known.set(key, number);
    }
    numbers[row] = number;
    counts[number]++;
  }
  return { numbers, counts };
}

function countOf({ counts }: Numbering, { rows, totalRows }: CombinedSample): number {
  const repeated = counts.reduce((count, each) => count + (each > 1 ? 1 : 0), 0);
  const facts = { totalRows, sampleRows: rows, nullRows: 0 };
  const estimate = estimateDistinct({ distinct: counts.length, repeated }, facts);
  return Math.round(estimate < 0 ? -estimate * totalRows : estimate);
}

/** The fraction of rows in groups of `from` in which `to` has one value. */
function degreeOf(from: Numbering, to: Numbering): number {
  const first = new Int32Array(from.counts.length).fill(-1);
  const differs = new Uint8Array(from.counts.length);
  for (let row = 0; row < from.numbers.length; row++) {
    const group = from.numbers[row];
    if (first[group] < 0) first[group] = to.numbers[row];
    else if (first[group] !== to.numbers[row]) differs[group] = 1;
  }
  let supporting = 0;
  from.counts.forEach((count, group) => {
    if (differs[group] === 0) supporting += count;
  });
  return from.numbers.length === 0 ? 0 : supporting / from.numbers.length;
}

function commonCombinations(
  attributes: readonly number[],
  { numbers, counts }: Numbering,
  sample: CombinedSample,
): ExtendedStatistics['common'] {
  const order = [...counts.keys()]
    .filter((group) => counts[group] > 1)
    .toSorted((left, right) => counts[right] - counts[left])
    .slice(0, sample.target);
  const rowOf = new Map<number, number>();
  numbers.forEach((group, row) => rowOf.set(group, row));
  return order.map((group) => {
    const row = rowOf.get(group)!;
    let baseFrequency = 1;
    const values = attributes.map((attribute) => {
      const value = sample.values.get(attribute)![row];
      baseFrequency *= frequencyOf(value, attribute, sample);
      if (value === null) return null;
      return typeOutput(typeOf(sample, attribute))(value, defaultFormatSettings);
    });
    return { values, frequency: counts[group] / sample.rows, baseFrequency };
  });
}

function frequencyOf(value: Datum, attribute: number, sample: CombinedSample): number {
  const statistics = sample.columns.find((column) => column.attributeNumber === attribute);
  if (statistics === undefined) return 1;
  if (value === null) return statistics.nullFraction;
  const text = typeOutput(statistics.typeOid)(value, defaultFormatSettings);
  const at = statistics.commonValues.indexOf(text);
  if (at >= 0) return statistics.commonFrequencies[at];
  const distinct =
    statistics.distinct < 0 ? -statistics.distinct * sample.totalRows : statistics.distinct;
  return 1 / Math.max(1, distinct);
}
