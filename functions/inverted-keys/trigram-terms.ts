// gin_trgm_ops: a text's trigrams.

import { type Datum, encodeText } from '#common';
import { likeTrigrams, trigramsOf } from '../trigrams/trigrams.ts';
import type { InvertedClass } from './contract.ts';
import { allOf, allRows, anyOf, term, type TermQuery } from './term-query.ts';

const terms = (trigrams: Iterable<string>): string[] => [...trigrams].map(encodeText);

/**
 * Texts that are alike share a trigram, unless nothing at all is asked of them; which limit holds is the
 * operator's business.
 */
function alike(
  query: Datum,
  setting: (name: string) => string | undefined,
  name: string,
): TermQuery {
  const limit = setting(name);
  if (limit !== undefined && limit !== '' && !(Number(limit) > 0)) return allRows;
  return anyOf(terms(trigramsOf(query as string)).map(term));
}

const like = (query: Datum): TermQuery => allOf(terms(likeTrigrams(query as string)).map(term));

export const trigramClass: InvertedClass = {
  terms: (value) => terms(trigramsOf(value as string)),
  queries: {
    '%': (query, setting) => alike(query, setting, 'pg_trgm.similarity_threshold'),
    '%>': (query, setting) => alike(query, setting, 'pg_trgm.word_similarity_threshold'),
    '%>>': (query, setting) => alike(query, setting, 'pg_trgm.strict_word_similarity_threshold'),
    '~~': like,
    '~~*': like,
    '=': (query) => allOf(terms(trigramsOf(query as string)).map(term)),
  },
};
