// GROUPING SETS, ROLLUP and CUBE as a list of sets of keys (PostgreSQL's expand_grouping_sets): the
// sets of several items of GROUP BY are combined by union, each with each.

import { databaseError } from '#common';
import { bindLimits } from './limits.ts';

export type SetTree =
  | { readonly kind: 'keys'; readonly keys: readonly number[] }
  | { readonly kind: 'empty' }
  | { readonly kind: 'rollup' | 'cube' | 'sets'; readonly content: readonly SetTree[] };

export function expandGroupingSets(items: readonly SetTree[], distinct: boolean): number[][] {
  let result: number[][] = [[]];
  for (const item of items) {
    const sets = setsOf(item);
    if (result.length * sets.length > bindLimits.groupingSetsMax) throw tooMany();
    result = result.flatMap((left) => sets.map((right) => union([left, right])));
  }
  if (!distinct) return result;
  const seen = new Set<string>();
  return result.filter((set) => {
    const key = set.toSorted((left, right) => left - right).join(' ');
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

function setsOf(tree: SetTree): number[][] {
  switch (tree.kind) {
    case 'empty':
      return [[]];
    case 'keys':
      return [[...tree.keys]];
    case 'sets':
      return tree.content.flatMap(setsOf);
    case 'rollup': {
      const parts = tree.content.map((each) => union(setsOf(each)));
      return [...parts.keys(), parts.length]
        .toReversed()
        .map((count) => union(parts.slice(0, count)));
    }
    case 'cube': {
      const parts = tree.content.map((each) => union(setsOf(each)));
      if (parts.length > 12) {
        throw databaseError('tooManyColumns', 'CUBE is limited to 12 elements');
      }
      const masks = [...Array(1 << parts.length).keys()].toReversed();
      return masks.map((mask) =>
        union(parts.filter((_part, index) => (mask & (1 << (parts.length - 1 - index))) !== 0)),
      );
    }
  }
}

function union(sets: readonly (readonly number[])[]): number[] {
  return [...new Set(sets.flat())];
}

function tooMany(): Error {
  return databaseError(
    'statementTooComplex',
    `too many grouping sets present (maximum ${bindLimits.groupingSetsMax})`,
  );
}
