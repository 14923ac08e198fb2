// Text under a collation other than bytes (common/collations.ts): comparisons, and upper and lower case by
// the collation's locale. The binder puts these calls where PostgreSQL's operators would look at the
// collation; users have no name for the type.

import { ArrayValue, collationOfType, collationOrder, elementTypeOf, isAsciiOnly } from '#common';
import type { CallTypes, ScalarImplementation } from '../contract.ts';
import { type Family, forTypes } from '../family.ts';
import { comparisonOf } from '../ordering.ts';
import { likeMatcher } from './text-like.ts';

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

/** ILIKE folds both sides by the collation's locale first, as PostgreSQL does it. */
function ilike(expected: boolean): ReturnType<typeof forTypes<ScalarImplementation>> {
  return forTypes(({ argumentTypes }: CallTypes) => {
    const lower = lowerBy(collationOfType(argumentTypes[0]));
    return (_context, text: string, pattern: string) =>
      likeMatcher(lower(pattern))(lower(text)) === expected;
  });
}

function lowerBy(collation: number): (text: string) => string {
  if (isAsciiOnly(collation)) return asciiLower;
  const { locale } = collationOrder(collation);
  return (text) => text.toLocaleLowerCase(locale);
}

/** Text stays as it is; an array tells by its element type how it compares. */
const retyped = forTypes<ScalarImplementation>(({ resultType }: CallTypes) => {
  const elementType = elementTypeOf(resultType);
  if (elementType === 0) return (_context, text: string) => text;
  return (_context, array: ArrayValue) =>
    new ArrayValue(elementType, array.dimensions, array.elements);
});

export const collatedTextFamily: Family = {
  scalars: {
    'collated_text(any)': retyped,
    'plain_text(any)': retyped,
    'collated_lt(any,any)': comparison((order) => order < 0),
    'collated_le(any,any)': comparison((order) => order <= 0),
    'collated_gt(any,any)': comparison((order) => order > 0),
    'collated_ge(any,any)': comparison((order) => order >= 0),
    'collated_eq(any,any)': comparison((order) => order === 0),
    'collated_ne(any,any)': comparison((order) => order !== 0),
    'collated_ilike(any,any)': ilike(true),
    'collated_notilike(any,any)': ilike(false),
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
