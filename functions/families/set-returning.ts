// Sets from arrays (unnest, generate_subscripts) and from what the server knows: keywords, time zones.
// generate_series of numbers is in numeric-series.ts, of timestamps in datetime-truncation.ts.

import {
  type ArrayValue,
  databaseError,
  type Datum,
  findTimeZone,
  Interval,
  utcSeconds,
  zoneAbbreviations,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import { keywordsText } from '../facts/generated/keywords.ts';
import type { Family } from '../family.ts';

function* subscripts(array: ArrayValue, dimension: number, reverse: boolean): Iterable<Datum> {
  const shape = array.dimensions[dimension - 1];
  if (shape === undefined) return;
  for (let i = 0; i < shape.length; i++) {
    yield reverse ? shape.lowerBound + shape.length - 1 - i : shape.lowerBound + i;
  }
}

/** "name=value" as two columns. */
function optionRow(option: Datum): Datum[] {
  if (option === null) {
    throw databaseError('nullValueNotAllowed', 'null array element not allowed in this context');
  }
  const text = option as string;
  const split = text.indexOf('=');
  return split < 0 ? [text, null] : [text.slice(0, split), text.slice(split + 1)];
}

function* keywords(): Iterable<Datum[]> {
  for (const line of keywordsText.split('\n')) {
    const [word, category, bare, categoryText, bareText] = line.split('\t');
    yield [word, category, bare === 't', categoryText, bareText];
  }
}

/** That the runtime knows and does not list. */
const universalZones = ['Etc/UTC', 'GMT', 'UTC'];

function* zoneNames(context: FunctionContext): Iterable<Datum[]> {
  const now = utcSeconds(context.transactionTimestamp);
  for (const name of new Set([...Intl.supportedValuesOf('timeZone'), ...universalZones])) {
    const zone = findTimeZone(name);
    if (zone === undefined) continue;
    const offset = zone.offsetAt(now);
    const winter = Math.min(offset, zone.offsetAt(now + 15_778_800));
    const utcOffset = new Interval(0, 0, offset * 1_000_000);
    yield [zone.name, zone.abbreviationAt(now), utcOffset, offset > winter];
  }
}

function* zoneAbbreviationRows(): Iterable<Datum[]> {
  for (const [name, { offsetSeconds, daylight }] of zoneAbbreviations) {
    yield [name.toUpperCase(), new Interval(0, 0, offsetSeconds * 1_000_000), daylight];
  }
}

export const setReturningFamily: Family = {
  sets: {
    pg_get_keywords: keywords,
    pg_options_to_table: (_context, options: ArrayValue) => options.elements.map(optionRow),
    // There is one version of each.
    pg_extension_update_paths: () => [],
    pg_timezone_names: zoneNames,
    pg_timezone_abbrevs: zoneAbbreviationRows,
    '_pg_expandarray(anyarray)': (_context, array: ArrayValue) =>
      array.elements.map((element, i) => [element, i + 1]),
    array_unnest: (_context, array: ArrayValue) => array.elements,
    generate_subscripts: (_context, array: ArrayValue, dimension: number, reverse: boolean) =>
      subscripts(array, dimension, reverse),
    generate_subscripts_nodir: (_context, array: ArrayValue, dimension: number) =>
      subscripts(array, dimension, false),
  },
};
