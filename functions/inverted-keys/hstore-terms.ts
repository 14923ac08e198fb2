// gin_hstore_ops: each key and each value is a term, and so is null as a value.

import { type ArrayValue, type Datum, encodeText, type Hstore } from '#common';
import type { InvertedClass } from './contract.ts';
import { allOf, anyOf, term, type TermQuery } from './term-query.ts';

const keyTerm = (key: string): string => `k${encodeText(key)}`;

function* termsOf(value: Datum): Iterable<string> {
  for (const [key, text] of (value as Hstore).pairs) {
    yield keyTerm(key);
    yield text === null ? 'n' : `v${encodeText(text)}`;
  }
}

function keysOf(query: Datum): TermQuery[] {
  const keys = (query as ArrayValue).elements.filter((key) => key !== null);
  return keys.map((key) => term(keyTerm(key as string)));
}

export const hstoreClass: InvertedClass = {
  terms: (value) => new Set(termsOf(value)),
  queries: {
    '@>': (query) => allOf([...termsOf(query)].map(term)),
    '?': (query) => term(keyTerm(query as string)),
    '?|': (query) => anyOf(keysOf(query)),
    '?&': (query) => allOf(keysOf(query)),
  },
};
