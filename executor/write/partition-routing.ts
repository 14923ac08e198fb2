// Which partition a row of a partitioned table belongs to: the key's values are looked up in the bounds
// of the table's partitions (execPartition.c). Compiled once per table descriptor's state; the bounds of
// a range-partitioned table are kept in order and searched by halves.

import {
  databaseError,
  type Datum,
  defaultFormatSettings,
  equalityType,
  genericColumn,
  orderType,
  type PartitionBound,
  type PartitionKey,
  quoteIdentifier,
  type RangeDatum,
  type TableDescriptor,
  typeInput,
} from '#common';
import { functionRegistry, type TypeOrdering } from '#functions';
import { compileExpression } from '../expression/compile-expression.ts';
import type { ExpressionEnvironment } from '../expression/environment.ts';
import { valueText } from '../expression/text-conversion.ts';
import { partitionHash } from './partition-hash.ts';
import { type BindingScope, partitionKeyExpression } from './stored-expressions.ts';

type Row = readonly Datum[];

export interface PartitionRouter {
  /** Oid of the partition; undefined when there is none for the row (by the parent's attributes). */
  find(row: Row): number | undefined;
  /** "(a, b) = (1, 2)" for messages. */
  describe(row: Row): string;
}

export function partitionRouter(
  table: TableDescriptor,
  scope: BindingScope,
  environment: ExpressionEnvironment,
): PartitionRouter {
  const { strategy, keys } = table.partitioning!;
  const values = keyValues(table, keys, scope, environment);
  const partitions = (table.children ?? []).flatMap((oid) => {
    const bound = scope.catalog.tableByOid(oid)?.partitionBound;
    return bound === undefined ? [] : [{ oid, bound }];
  });
  const orderings = keys.map(({ type }) => functionRegistry.ordering(orderType(type))!);
  const fallback = partitions.find(({ bound }) => bound.kind === 'default')?.oid;
  const search =
    strategy === 'list'
      ? listSearch(keys[0], orderings[0], partitions)
      : strategy === 'range'
        ? rangeSearch(keys, orderings, partitions)
        : hashSearch(keys, partitions);
  return {
    find: (row) => search(values(row)) ?? fallback,
    describe: (row) => describeKey(table, keys, values(row), environment),
  };
}

interface Partition {
  readonly oid: number;
  readonly bound: PartitionBound;
}
type Search = (values: Row) => number | undefined;

/** The key's values of a row. */
function keyValues(
  table: TableDescriptor,
  keys: readonly PartitionKey[],
  scope: BindingScope,
  environment: ExpressionEnvironment,
): (row: Row) => Row {
  const cells = table.columns.map((): Datum[] => [null]);
  const columns = cells.map((cell) => genericColumn(cell));
  const readers = keys.map(({ attributeNumber, expression }) => {
    if (expression === undefined) return (row: Row): Datum => row[attributeNumber - 1] ?? null;
    const bound = partitionKeyExpression(expression.sql, { table, scope });
    const evaluate = compileExpression(bound, environment);
    return (row: Row): Datum => {
      for (let at = 0; at < cells.length; at++) cells[at][0] = row[at] ?? null;
      return evaluate(columns, 0);
    };
  });
  return (row) => readers.map((read) => read(row));
}

export function boundValue(text: string, key: PartitionKey): Datum {
  return typeInput(key.type.oid)(text, key.type.typmod, defaultFormatSettings);
}

function listSearch(
  key: PartitionKey,
  ordering: TypeOrdering,
  partitions: readonly Partition[],
): Search {
  const byValue = new Map<unknown, number>();
  let ofNull: number | undefined;
  for (const { oid, bound } of partitions) {
    if (bound.kind !== 'list') continue;
    for (const text of bound.values) {
      if (text === null) ofNull = oid;
      else byValue.set(ordering.hashKey(boundValue(text, key)), oid);
    }
  }
  return ([value]) => (value === null ? ofNull : byValue.get(ordering.hashKey(value)));
}

/** One end of a range with its values read. */
export type RangeEnd = readonly ('minimum' | 'maximum' | { readonly value: Datum })[];

export function rangeEnd(ends: readonly RangeDatum[], keys: readonly PartitionKey[]): RangeEnd {
  return ends.map((end, at) =>
    typeof end === 'string' ? end : { value: boundValue(end.value, keys[at]) },
  );
}

/** Compares a key with the end of a range: below 0 when the key is before it. */
export function compareWithEnd(
  values: Row,
  end: RangeEnd,
  orderings: readonly TypeOrdering[],
): number {
  for (let at = 0; at < end.length; at++) {
    const bound = end[at];
    if (bound === 'minimum') return 1;
    if (bound === 'maximum') return -1;
    const order = orderings[at].compare(values[at], bound.value);
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares two ends of ranges. */
export function compareEnds(
  left: RangeEnd,
  right: RangeEnd,
  orderings: readonly TypeOrdering[],
): number {
  const rank = (end: RangeEnd[number]): number =>
    end === 'minimum' ? -1 : end === 'maximum' ? 1 : 0;
  for (let at = 0; at < left.length; at++) {
    const [one, other] = [left[at], right[at]];
    if (typeof one === 'string' || typeof other === 'string') {
      const order = rank(one) - rank(other);
      if (order !== 0) return order;
      if (typeof one === 'string') return 0;
      continue;
    }
    const order = orderings[at].compare(one.value, other.value);
    if (order !== 0) return order;
  }
  return 0;
}

function rangeSearch(
  keys: readonly PartitionKey[],
  orderings: readonly TypeOrdering[],
  partitions: readonly Partition[],
): Search {
  const ranges = partitions
    .flatMap(({ oid, bound }) =>
      bound.kind === 'range'
        ? [{ oid, lower: rangeEnd(bound.lower, keys), upper: rangeEnd(bound.upper, keys) }]
        : [],
    )
    .toSorted((left, right) => compareEnds(left.lower, right.lower, orderings));
  return (values) => {
    if (values.includes(null)) return undefined;
    let [first, last] = [0, ranges.length - 1];
    while (first <= last) {
      const middle = (first + last) >> 1;
      const range = ranges[middle];
      if (compareWithEnd(values, range.lower, orderings) < 0) last = middle - 1;
      else if (compareWithEnd(values, range.upper, orderings) >= 0) first = middle + 1;
      else return range.oid;
    }
    return undefined;
  };
}

function hashSearch(keys: readonly PartitionKey[], partitions: readonly Partition[]): Search {
  const hash = partitionHash(keys.map(({ type }) => equalityType(type)));
  const remainders = partitions.flatMap(({ oid, bound }) =>
    bound.kind === 'hash'
      ? [{ oid, modulus: BigInt(bound.modulus), remainder: BigInt(bound.remainder) }]
      : [],
  );
  return (values) => {
    const code = hash(values);
    return remainders.find(({ modulus, remainder }) => code % modulus === remainder)?.oid;
  };
}

const shownLengthMax = 64;

function describeKey(
  table: TableDescriptor,
  keys: readonly PartitionKey[],
  values: Row,
  environment: ExpressionEnvironment,
): string {
  const names = keys.map(({ attributeNumber, expression }) =>
    expression === undefined
      ? quoteIdentifier(table.columns[attributeNumber - 1].name)
      : expression.sql,
  );
  const texts = values.map((value, at) => {
    if (value === null) return 'null';
    const text = valueText(value, keys[at].type.oid, environment.functions);
    return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}...` : text;
  });
  return `(${names.join(', ')}) = (${texts.join(', ')})`;
}

/** 23514: no partition takes the row. */
export function noPartition(table: TableDescriptor, description: string, schema?: string): Error {
  return databaseError('checkViolation', `no partition of relation "${table.name}" found for row`, {
    detail: `Partition key of the failing row contains ${description}.`,
    ...(schema === undefined ? {} : { schema }),
    table: table.name,
  });
}
