// What is known of a column's values: statistics with their values read, or what its indexes say.

import {
  type ColumnStatistics,
  type Datum,
  defaultFormatSettings,
  type ExtendedStatistics,
  Numeric,
  type TableAnalysis,
  type TableDescriptor,
  typeInput,
  TypeOid,
} from '#common';
import { functionRegistry } from '#functions';

/** Distinct values of a column of which nothing is known (PostgreSQL's DEFAULT_NUM_DISTINCT). */
export const defaultDistinct = 200;

export interface ColumnFacts {
  readonly table: TableDescriptor;
  readonly attributeNumber: number;
  readonly typeOid: number;
  /** Rows of the table. */
  readonly rows: number;
  /** Distinct values that are not null, at least 1. */
  readonly distinct: number;
  readonly nullFraction: number;
  /** A unique index has this column alone. */
  readonly unique: boolean;
  readonly values: ColumnValues | undefined;
  /** Of the table. */
  readonly extended: readonly ExtendedStatistics[];
}

/** Read from statistics; by the type's order where it has one. */
export interface ColumnValues {
  readonly common: readonly { readonly value: Datum; readonly frequency: number }[];
  /** Of all common values together. */
  readonly commonFrequency: number;
  readonly histogram: readonly Datum[];
  readonly correlation: number;
}

const readValues = new WeakMap<ColumnStatistics, ColumnValues | undefined>();

export function columnFacts(
  table: TableDescriptor,
  attributeNumber: number,
  known: { readonly rows: number; readonly analysis: TableAnalysis | undefined },
): ColumnFacts {
  const { rows, analysis } = known;
  const column = table.columns.find((candidate) => candidate.attributeNumber === attributeNumber);
  const typeOid = column?.type.oid ?? 0;
  const statistics = analysis?.columns.find(
    (candidate) => candidate.attributeNumber === attributeNumber && candidate.typeOid === typeOid,
  );
  const { indexed, unique } = indexFacts(table, attributeNumber);
  return {
    table,
    attributeNumber,
    typeOid,
    rows,
    distinct: distinctOf({ rows, unique, indexed, typeOid, statistics }),
    nullFraction: statistics?.nullFraction ?? (column?.notNull === true ? 0 : 0.005),
    unique,
    values: statistics === undefined ? undefined : valuesOf(statistics),
    extended: analysis?.extended ?? [],
  };
}

function distinctOf(parts: {
  readonly rows: number;
  readonly unique: boolean;
  readonly indexed: boolean;
  readonly typeOid: number;
  readonly statistics: ColumnStatistics | undefined;
}): number {
  const { rows, unique, indexed, typeOid, statistics } = parts;
  if (unique) return Math.max(1, rows);
  if (statistics !== undefined && statistics.distinct !== 0) {
    const { distinct } = statistics;
    return Math.max(1, Math.min(rows, distinct > 0 ? distinct : -distinct * rows));
  }
  if (typeOid === TypeOid.bool) return 2;
  return Math.max(
    1,
    Math.min(rows, indexed ? Math.max(defaultDistinct, rows / 10) : defaultDistinct),
  );
}

function indexFacts(
  table: TableDescriptor,
  attributeNumber: number,
): { readonly indexed: boolean; readonly unique: boolean } {
  const leadsKey = table.keyColumns[0] === attributeNumber;
  let indexed = leadsKey;
  let unique = leadsKey && table.keyColumns.length === 1;
  for (const index of table.indexes) {
    if (index.columns[0]?.attributeNumber !== attributeNumber || index.predicate !== undefined)
      continue;
    indexed = true;
    unique ||= index.unique && index.columns.length === 1;
  }
  return { indexed, unique };
}

/** undefined when a value cannot be read any more. */
function valuesOf(statistics: ColumnStatistics): ColumnValues | undefined {
  if (readValues.has(statistics)) return readValues.get(statistics);
  let values: ColumnValues | undefined;
  try {
    const input = typeInput(statistics.typeOid);
    const read = (text: string): Datum => input(text, -1, defaultFormatSettings);
    values = {
      common: statistics.commonValues.map((text, at) => ({
        value: read(text),
        frequency: statistics.commonFrequencies[at] ?? 0,
      })),
      commonFrequency: statistics.commonFrequencies.reduce((sum, each) => sum + each, 0),
      histogram: statistics.histogram.map(read),
      correlation: statistics.correlation ?? 0,
    };
  } catch {
    values = undefined;
  }
  readValues.set(statistics, values);
  return values;
}

const microsPerDay = 86_400_000_000;

/** A number in the order of the values; values of different types compare by it. undefined: not a number. */
export function asNumber(value: Datum, typeOid: number): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return typeOid === TypeOid.date ? value * microsPerDay : value;
  if (value instanceof Numeric) return Number(value.toString());
  return undefined;
}

/** Three-way comparison of two values of these types; undefined when they have no common order. */
export function compareValues(
  left: { readonly value: Datum; readonly type: number },
  right: { readonly value: Datum; readonly type: number },
): number | undefined {
  const leftNumber = asNumber(left.value, left.type);
  const rightNumber = asNumber(right.value, right.type);
  if (leftNumber !== undefined && rightNumber !== undefined) return leftNumber - rightNumber;
  if (typeof left.value !== typeof right.value) return undefined;
  return functionRegistry.ordering(left.type)?.compare(left.value, right.value);
}
