// How an operator class of inverted indexes (GIN) takes values apart, and which rows its operators can
// be true for.

import type { Datum } from '#common';
import type { TermQuery } from './term-query.ts';

export interface InvertedClass {
  /** The distinct terms of a non-null value, as self-delimiting byte strings. */
  readonly terms: (value: Datum) => Iterable<string>;
  /**
   * Operators (names) that the index serves with its column on the left: where to look for a non-null
   * right side, under the session's settings. What they select is checked again, row by row.
   */
  readonly queries: Readonly<
    Record<string, (query: Datum, setting: (name: string) => string | undefined) => TermQuery>
  >;
}
