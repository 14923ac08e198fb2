// The fraction of all pairs of rows whose columns are equal: eqjoinsel() of PostgreSQL's selfuncs.c. Where
// both columns have lists of common values these are matched one by one, for joins over skewed values.

import { functionRegistry } from '#functions';
import type { ColumnFacts } from './column-facts.ts';

export function joinEqualSelectivity(left: ColumnFacts, right: ColumnFacts): number {
  const present = (1 - left.nullFraction) * (1 - right.nullFraction);
  const simple = present / Math.max(left.distinct, right.distinct, 1);
  const leftCommon = left.values?.common ?? [];
  const rightCommon = right.values?.common ?? [];
  if (leftCommon.length === 0 || rightCommon.length === 0 || left.typeOid !== right.typeOid)
    return simple;
  const ordering = functionRegistry.ordering(left.typeOid);
  if (ordering === undefined) return simple;
  const frequencies = new Map(
    rightCommon.map(({ value, frequency }) => [ordering.hashKey(value), frequency]),
  );
  let matches = 0;
  let product = 0;
  let leftMatched = 0;
  let rightMatched = 0;
  for (const { value, frequency } of leftCommon) {
    const other = frequencies.get(ordering.hashKey(value));
    if (other === undefined) continue;
    matches++;
    product += frequency * other;
    leftMatched += frequency;
    rightMatched += other;
  }
  const side = (
    of: { readonly facts: ColumnFacts; readonly common: number; readonly matched: number },
    other: { readonly facts: ColumnFacts; readonly common: number; readonly matched: number },
  ): number => {
    const unmatched = of.common - of.matched;
    const rest = Math.max(0, 1 - of.facts.nullFraction - of.common);
    const otherRest = Math.max(0, 1 - other.facts.nullFraction - other.common);
    const otherUnmatched = other.common - other.matched;
    const otherCount = other.facts.values?.common.length ?? 0;
    let total = product;
    if (other.facts.distinct > otherCount)
      total += (unmatched * otherRest) / (other.facts.distinct - otherCount);
    if (other.facts.distinct > matches)
      total += (rest * (otherRest + otherUnmatched)) / (other.facts.distinct - matches);
    return total;
  };
  const first = { facts: left, common: left.values!.commonFrequency, matched: leftMatched };
  const second = { facts: right, common: right.values!.commonFrequency, matched: rightMatched };
  return Math.min(1, side(first, second), side(second, first));
}
