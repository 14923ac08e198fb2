// Equalities over several columns of one table, by what CREATE STATISTICS had computed for them together:
// the most common combinations first (mcv.c), functional dependencies otherwise (dependencies.c).

import { type Datum, defaultFormatSettings, type ExtendedStatistics, typeOutput } from '#common';
import type { ColumnFacts } from './column-facts.ts';

/** column = value, with its selectivity taken alone. */
export interface ColumnEquality {
  readonly facts: ColumnFacts;
  /** undefined: not known yet. */
  readonly value: Datum | undefined;
  readonly selectivity: number;
}

/** Of all equalities together; undefined when no statistics cover two of them. */
export function combinedSelectivity(
  equalities: readonly ColumnEquality[],
  extended: readonly ExtendedStatistics[],
): number | undefined {
  const byAttribute = new Map(equalities.map((each) => [each.facts.attributeNumber, each]));
  const attributes = [...byAttribute.keys()];
  const covered = extended
    .map((statistics) => ({
      statistics,
      own: statistics.attributes.filter((attribute) => attributes.includes(attribute)),
    }))
    .filter(
      ({ statistics, own }) =>
        own.length > 1 && (statistics.common.length > 0 || statistics.dependencies.length > 0),
    )
    .toSorted(
      (left, right) =>
        right.own.length - left.own.length ||
        right.statistics.common.length - left.statistics.common.length,
    );
  if (covered.length === 0) return undefined;
  const [{ statistics, own }] = covered;
  const rest = attributes.filter((attribute) => !own.includes(attribute));
  const others = rest.reduce((product, each) => product * byAttribute.get(each)!.selectivity, 1);
  const members = own.map((attribute) => byAttribute.get(attribute)!);
  const common = fromCommon(members, statistics);
  return others * (common ?? fromDependencies(members, statistics));
}

function product(members: readonly ColumnEquality[]): number {
  return members.reduce((result, { selectivity }) => result * selectivity, 1);
}

/** Sums the combinations that match; what is not listed is estimated column by column. */
function fromCommon(
  members: readonly ColumnEquality[],
  { common, attributes }: ExtendedStatistics,
): number | undefined {
  if (common.length === 0 || members.some(({ value }) => value === undefined)) return undefined;
  const wanted = members.map(({ facts, value }) => ({
    at: attributes.indexOf(facts.attributeNumber),
    text: value === null ? null : typeOutput(facts.typeOid)(value!, defaultFormatSettings),
  }));
  let matched = 0;
  let base = 0;
  let total = 0;
  for (const { values, frequency, baseFrequency } of common) {
    total += frequency;
    if (!wanted.every(({ at, text }) => values[at] === text)) continue;
    matched += frequency;
    base += baseFrequency;
  }
  const other = Math.min(Math.max(0, product(members) - base), 1 - total);
  return matched + other;
}

/** P(a, b) = P(a) (f + (1 - f) P(b)), where a determines b in a fraction f of the rows. */
function fromDependencies(
  members: readonly ColumnEquality[],
  { dependencies }: ExtendedStatistics,
): number {
  const left = new Map(members.map((member) => [member.facts.attributeNumber, member]));
  const selectivity = new Map(
    members.map((each) => [each.facts.attributeNumber, each.selectivity]),
  );
  while (left.size > 1) {
    const usable = dependencies
      .filter(({ from, to }) => left.has(to) && from.every((attribute) => left.has(attribute)))
      .toSorted((one, other) => other.from.length - one.from.length || other.degree - one.degree);
    const [best] = usable;
    if (best === undefined) break;
    const own = selectivity.get(best.to)!;
    const given = best.from.reduce((result, each) => result * selectivity.get(each)!, 1);
    selectivity.set(
      best.to,
      given <= own
        ? best.degree + (1 - best.degree) * own
        : (best.degree * own) / given + (1 - best.degree) * own,
    );
    left.delete(best.to);
  }
  return [...selectivity.values()].reduce((result, each) => result * each, 1);
}
