// A query of the specification (2.4) with its substitution parameters: the values that the specification
// validates with, and random ones for timed runs.

import type { RandomStream } from '../generator/random-stream.ts';

export interface OlapQuery {
  /** "q1" to "q22". */
  readonly name: string;
  validationSql(scale: number): string;
  variedSql(random: RandomStream, scale: number): string;
}

interface QueryDefinition<Values> {
  readonly name: string;
  readonly validation: Values;
  vary(random: RandomStream): Values;
  sql(values: Values, scale: number): string;
}

export function defineQuery<Values>(definition: QueryDefinition<Values>): OlapQuery {
  return {
    name: definition.name,
    validationSql: (scale) => definition.sql(definition.validation, scale),
    variedSql: (random, scale) => definition.sql(definition.vary(random), scale),
  };
}

/** The first day of a random month. */
export function randomMonth(
  random: RandomStream,
  range: { readonly from: readonly [number, number]; readonly to: readonly [number, number] },
): string {
  const months = ([year, month]: readonly [number, number]): number => year * 12 + month - 1;
  const chosen = random.between(months(range.from), months(range.to));
  const month = String((chosen % 12) + 1).padStart(2, '0');
  return `${Math.floor(chosen / 12)}-${month}-01`;
}

/** Different members of a list. */
export function pickSeveral<Item>(
  random: RandomStream,
  items: readonly Item[],
  count: number,
): Item[] {
  const chosen = new Set<Item>();
  while (chosen.size < count) chosen.add(random.pick(items));
  return [...chosen];
}
