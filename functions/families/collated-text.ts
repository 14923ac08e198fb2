// Text under a collation other than bytes (common/collations.ts): comparisons, and upper and lower case by
// the collation's locale. The binder puts these calls where PostgreSQL's operators would look at the
// collation; users have no name for the type.

import { collationOfType, collationOrder, isAsciiOnly } from '#common';
import type { CallTypes, ScalarImplementation } from '../contract.ts';
import { type Family, forTypes } from '../family.ts';
import { comparisonOf } from '../ordering.ts';

function comparison(
  holds: (order: number) => boolean,
): ReturnType<typeof forTypes<ScalarImplementation>> {
  return forTypes(({ argumentTypes }: CallTypes) => {
    const compare = comparisonOf(argumentTypes[0]);
    return (_context, left: string, right: string) => holds(compare(left, right));
  });
}

function caseOf(
  ascii: (text: string) => string,
  localized: (text: string, locale: string) => string,
): ReturnType<typeof forTypes<ScalarImplementation>> {
  return forTypes(({ argumentTypes }: CallTypes) => {
    const collation = collationOfType(argumentTypes[0]);
    if (isAsciiOnly(collation)) return (_context, text: string) => ascii(text);
    const { locale } = collationOrder(collation);
    return (_context, text: string) => localized(text, locale);
  });
}

function capitalize(text: string, locale: string): string {
  return text.replace(
    /[\p{L}\p{N}\p{M}]+/gu,
    (word) =>
      [...word].slice(0, 1).join('').toLocaleUpperCase(locale) +
      [...word].slice(1).join('').toLocaleLowerCase(locale),
  );
}

function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const identity: ScalarImplementation = (_context, text: string) => text;

export const collatedTextFamily: Family = {
  scalars: {
    'collated_text(any)': identity,
    'plain_text(any)': identity,
    'collated_lt(any,any)': comparison((order) => order < 0),
    'collated_le(any,any)': comparison((order) => order <= 0),
    'collated_gt(any,any)': comparison((order) => order > 0),
    'collated_ge(any,any)': comparison((order) => order >= 0),
    'collated_eq(any,any)': comparison((order) => order === 0),
    'collated_ne(any,any)': comparison((order) => order !== 0),
    'collated_upper(any)': caseOf(asciiUpper, (text, locale) => text.toLocaleUpperCase(locale)),
    'collated_lower(any)': caseOf(asciiLower, (text, locale) => text.toLocaleLowerCase(locale)),
    'collated_initcap(any)': caseOf(
      (text) =>
        text.replace(
          /[A-Za-z0-9]+/g,
          (word) => asciiUpper(word.slice(0, 1)) + asciiLower(word.slice(1)),
        ),
      capitalize,
    ),
  },
};
