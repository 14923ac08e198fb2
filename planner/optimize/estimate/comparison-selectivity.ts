// The fraction of a column's rows that a comparison with one value keeps: eqsel() and scalarltsel() of
// PostgreSQL's selfuncs.c. Common values are compared one by one, the others through the histogram.

import type { Datum } from '#common';
import { asNumber, compareValues, type ColumnFacts } from './column-facts.ts';

/** Without statistics. */
export const defaultRange = 1 / 3;
/** Both ends of a range, without statistics. */
export const defaultBetween = 0.005;

export interface KnownValue {
  readonly value: Datum;
  readonly type: number;
}

/** column = value; `value` undefined: not known before execution. */
export function equalSelectivity(facts: ColumnFacts, value: KnownValue | undefined): number {
  const { distinct, nullFraction, values, unique, rows } = facts;
  if (value?.value === null) return 0;
  if (unique) return 1 / Math.max(1, rows);
  if (values === undefined) return (1 - nullFraction) / distinct;
  const { common, commonFrequency } = values;
  const most = common[0]?.frequency ?? 1;
  if (value === undefined) return Math.min((1 - nullFraction) / distinct, most);
  const type = facts.typeOid;
  for (const each of common) {
    if (compareValues({ value: each.value, type }, value) === 0) return each.frequency;
  }
  const rest = Math.max(0, 1 - nullFraction - commonFrequency);
  const others = distinct - common.length;
  const least = common.at(-1)?.frequency ?? 1;
  // All values there are have been listed: this one is new since.
  if (others < 1 && common.length > 0) return Math.min(least, 1 / Math.max(1, rows));
  return Math.min(others > 1 ? rest / others : rest, least);
}

/** column < value (or <=, >, >=). */
export function rangeSelectivity(
  facts: ColumnFacts,
  operator: '<' | '<=' | '>' | '>=',
  bound: KnownValue | undefined,
): number {
  const { values, nullFraction, rows } = facts;
  if (bound?.value === null) return 0;
  if (bound === undefined || values === undefined) return defaultRange;
  const below = operator === '<' || operator === '<=';
  const inclusive = operator === '<=' || operator === '>=';
  const type = facts.typeOid;
  let selectivity = 0;
  for (const each of values.common) {
    const comparison = compareValues({ value: each.value, type }, bound);
    if (comparison === undefined) return defaultRange;
    const holds = comparison === 0 ? inclusive : below === comparison < 0;
    if (holds) selectivity += each.frequency;
  }
  const rest = Math.max(0, 1 - nullFraction - values.commonFrequency);
  if (rest > 0.0001) {
    const fraction = fractionBelow(facts, values.histogram, bound);
    if (fraction === undefined)
      return values.histogram.length === 0 ? defaultRange * rest + selectivity : defaultRange;
    selectivity += rest * (below ? fraction : 1 - fraction);
  }
  const least = 1 / Math.max(100, rows);
  return Math.min(1 - nullFraction, Math.max(selectivity, least));
}

/** The part of the histogram that is below the bound: the bucket by search, within it by interpolation. */
function fractionBelow(
  facts: ColumnFacts,
  histogram: readonly Datum[],
  bound: KnownValue,
): number | undefined {
  if (histogram.length < 2) return undefined;
  const type = facts.typeOid;
  let low = 0;
  let high = histogram.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const comparison = compareValues({ value: histogram[middle], type }, bound);
    if (comparison === undefined) return undefined;
    if (comparison < 0) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  if (low === histogram.length) return 1;
  const within = interpolate(
    { value: histogram[low - 1], type },
    { value: histogram[low], type },
    bound,
  );
  return (low - 1 + within) / (histogram.length - 1);
}

function interpolate(low: KnownValue, high: KnownValue, bound: KnownValue): number {
  let [from, to, at] = [low, high, bound].map(({ value, type }) => asNumber(value, type));
  if (
    typeof low.value === 'string' &&
    typeof high.value === 'string' &&
    typeof bound.value === 'string'
  )
    [from, to, at] = textNumbers(low.value, high.value, bound.value);
  if (from === undefined || to === undefined || at === undefined || !(to > from)) return 0.5;
  const fraction = (at - from) / (to - from);
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0.5;
}

/** Texts as fractions in base 256, after what they have in common. */
function textNumbers(...texts: readonly string[]): number[] {
  const bytes = texts.map((text) => Buffer.from(text.slice(0, 64)));
  let common = 0;
  while (bytes.every((each) => common < each.length && each[common] === bytes[0][common])) common++;
  return bytes.map((each) => {
    let number = 0;
    for (let at = 0; at < 6; at++) number = number * 256 + (each[common + at] ?? 0);
    return number;
  });
}
