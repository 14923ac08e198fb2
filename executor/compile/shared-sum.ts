// sum and avg of one expression over the same rows have one state: avg(x) beside sum(x) costs nothing more.

import type { AggregateExpression, Vector } from '#common';
import type { Accumulator } from './accumulator.ts';
import { expressionKey } from './expression-key.ts';
import { FloatAccumulator } from './float-accumulator.ts';
import { SumAccumulator } from './sum-accumulator.ts';

type Sums = SumAccumulator | FloatAccumulator;

/** The result of another accumulator's sums as one more aggregate. */
class SharedSum implements Accumulator {
  readonly added = undefined;
  readonly generation = 0;
  readonly bytes = 0;
  private readonly sums: Sums;
  private readonly own: Sums;

  constructor(sums: Sums, own: Sums) {
    this.sums = sums;
    this.own = own;
  }
  emit(): void {}
  grow(): void {}
  clear(): void {}
  result(count: number, rows: Float64Array): Vector {
    return this.sums.resultAs(this.own.expression, count, rows);
  }
}

/** The accumulators, those left out that sum up the same as an earlier one. */
export function withSharedSums(accumulators: readonly Accumulator[]): Accumulator[] {
  const known = new Map<string, Sums>();
  return accumulators.map((accumulator) => {
    if (!isSum(accumulator)) return accumulator;
    const key = summedKey(accumulator.expression);
    if (key === undefined) return accumulator;
    const earlier = known.get(key);
    if (earlier !== undefined) return new SharedSum(earlier, accumulator);
    known.set(key, accumulator);
    return accumulator;
  });
}

function isSum(accumulator: Accumulator): accumulator is Sums {
  return (
    accumulator instanceof SumAccumulator ||
    (accumulator instanceof FloatAccumulator && accumulator.isSum)
  );
}

/** What is summed up, over which rows; undefined: it is computed for each aggregate. */
function summedKey({ arguments: [argument], filter }: AggregateExpression): string | undefined {
  const summed = expressionKey(argument);
  const filtered = filter === undefined ? '' : expressionKey(filter);
  return summed === undefined || filtered === undefined ? undefined : `${summed} ${filtered}`;
}
