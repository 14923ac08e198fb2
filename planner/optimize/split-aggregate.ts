// An aggregate in two stages: over parts of the rows (a thread's, or those of a group below a join), and over what these have
// found. `partial` lists what the first stage computes for one aggregate; `combined` and `result` make the
// value out of it: sums of sums, extremes of extremes, and averages as a quotient, divided as avg() does.

import { type AggregateExpression, type Expression, type SqlType, TypeOid, sqlType } from '#common';
import { functionRegistry } from '#functions';

/** pg_proc's numbers of what the second stage calls. */
const oid = {
  sumInt8: 2107,
  sumInt4: 2108,
  sumFloat8: 2111,
  sumNumeric: 2114,
  count: 2147,
  numericDivide: 1727,
  float8Divide: 217,
  numericToInt8: 1779,
  numericToFloat8: 1746,
} as const;

const int8 = sqlType(TypeOid.int8);
const numeric = sqlType(TypeOid.numeric);
const float8 = sqlType(TypeOid.float8);

export interface SplitAggregate {
  readonly partial: readonly AggregateExpression[];
  /** The second stage's aggregates; argument i is the partial result i. */
  readonly combined: readonly AggregateExpression[];
  /** The value, out of the second stage's results. */
  readonly result: (combined: readonly Expression[]) => Expression;
}

/** Aggregates whose states combine by themselves: aggregating again changes nothing. */
const repeatable: ReadonlySet<string> = new Set([
  'min',
  'max',
  'bool_and',
  'bool_or',
  'every',
  'bit_and',
  'bit_or',
]);

/** undefined: it cannot be computed in parts. */
export function splitAggregate(aggregate: AggregateExpression): SplitAggregate | undefined {
  if (aggregate.distinct || aggregate.orderBy.length > 0) return undefined;
  const name = functionRegistry.functionByOid(aggregate.functionOid)?.name;
  if (name === undefined) return undefined;
  if (repeatable.has(name)) return again(aggregate, aggregate.functionOid);
  if (name === 'count') {
    const combined = call(oid.sumInt8, numeric, input(0, int8));
    return { partial: [aggregate], combined: [combined], result: ([sum]) => toInt8(sum) };
  }
  const [argument] = aggregate.arguments;
  if (name === 'sum') return splitSum(aggregate);
  return name === 'avg' ? splitAverage(aggregate, argument) : undefined;
}

/** Do all rows, in any order and in any parts, give the same value to the last bit? */
export function isExactAggregate(aggregate: AggregateExpression): boolean {
  const isFloat = [TypeOid.float4, TypeOid.float8].some((type) => type === aggregate.type.oid);
  const name = functionRegistry.functionByOid(aggregate.functionOid)?.name;
  return (
    splitAggregate(aggregate) !== undefined && !(isFloat && (name === 'sum' || name === 'avg'))
  );
}

function again(aggregate: AggregateExpression, functionOid: number): SplitAggregate {
  const combined = call(functionOid, aggregate.type, input(0, aggregate.type));
  return { partial: [aggregate], combined: [combined], result: ([value]) => value };
}

function splitSum(aggregate: AggregateExpression): SplitAggregate | undefined {
  switch (aggregate.arguments[0].type.oid) {
    case TypeOid.int2:
    case TypeOid.int4: {
      const combined = call(oid.sumInt8, numeric, input(0, int8));
      return { partial: [aggregate], combined: [combined], result: ([sum]) => toInt8(sum) };
    }
    case TypeOid.int8:
    case TypeOid.numeric:
      return again(aggregate, oid.sumNumeric);
    case TypeOid.float8:
      return again(aggregate, oid.sumFloat8);
    default:
      return undefined;
  }
}

/** sum and count; float4 is left out, because its sums add in another precision. */
function splitAverage(
  aggregate: AggregateExpression,
  argument: Expression,
): SplitAggregate | undefined {
  const split = averageParts(argument.type.oid);
  if (split === undefined) return undefined;
  const { sumOid, sumType, combineOid, total } = split;
  const { filter } = aggregate;
  return {
    partial: [
      { ...call(sumOid, sumType, argument), filter },
      { ...call(oid.count, int8, argument), filter },
    ],
    combined: [
      call(combineOid, total, input(0, sumType)),
      call(oid.sumInt8, numeric, input(1, int8)),
    ],
    result: ([sum, count]) =>
      total === float8
        ? scalar(oid.float8Divide, float8, [sum, scalar(oid.numericToFloat8, float8, [count])])
        : scalar(oid.numericDivide, numeric, [sum, count]),
  };
}

function averageParts(type: number):
  | {
      readonly sumOid: number;
      readonly sumType: SqlType;
      readonly combineOid: number;
      readonly total: SqlType;
    }
  | undefined {
  switch (type) {
    case TypeOid.int4:
      return { sumOid: oid.sumInt4, sumType: int8, combineOid: oid.sumInt8, total: numeric };
    case TypeOid.int8:
      return { sumOid: oid.sumInt8, sumType: numeric, combineOid: oid.sumNumeric, total: numeric };
    case TypeOid.numeric:
      return {
        sumOid: oid.sumNumeric,
        sumType: numeric,
        combineOid: oid.sumNumeric,
        total: numeric,
      };
    case TypeOid.float8:
      return { sumOid: oid.sumFloat8, sumType: float8, combineOid: oid.sumFloat8, total: float8 };
    default:
      return undefined;
  }
}

function toInt8(sum: Expression): Expression {
  return scalar(oid.numericToInt8, int8, [sum]);
}

function call(functionOid: number, type: SqlType, argument: Expression): AggregateExpression {
  return {
    kind: 'aggregate',
    functionOid,
    arguments: [argument],
    distinct: false,
    orderBy: [],
    filter: undefined,
    star: false,
    type,
  };
}

function scalar(functionOid: number, type: SqlType, args: readonly Expression[]): Expression {
  return { kind: 'call', functionOid, arguments: args, type };
}

function input(ordinal: number, type: SqlType): Expression {
  return { kind: 'input', ordinal, type };
}
