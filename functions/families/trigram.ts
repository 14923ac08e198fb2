// The functions and operators of the contrib module pg_trgm (trigrams/).

import { ArrayValue, databaseError, TypeOid } from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { similarity, wordSimilarity } from '../trigrams/similarity.ts';
import { trigramsOf } from '../trigrams/trigrams.ts';

type Measure = (left: string, right: string) => number;

const word: Measure = (left, right) => wordSimilarity(left, right, false);
const strictWord: Measure = (left, right) => wordSimilarity(left, right, true);
const turned =
  (measure: Measure): Measure =>
  (left, right) =>
    measure(right, left);

const limits = {
  similarity: ['pg_trgm.similarity_threshold', 0.3],
  word: ['pg_trgm.word_similarity_threshold', 0.6],
  strictWord: ['pg_trgm.strict_word_similarity_threshold', 0.5],
} as const;

/** What an operator asks for at least. */
function limitOf(context: FunctionContext, [setting, usual]: readonly [string, number]): number {
  const text = context.setting(setting);
  const value = text === undefined || text === '' ? usual : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw databaseError(
    'invalidParameterValue',
    `${text} is outside the valid range for parameter "${setting}" (0 .. 1)`,
  );
}

const value =
  (measure: Measure): ScalarImplementation =>
  (_context, left: string, right: string) =>
    measure(left, right);
const distance =
  (measure: Measure): ScalarImplementation =>
  (_context, left: string, right: string) =>
    Math.fround(1 - measure(left, right));
const reaches =
  (measure: Measure, limit: readonly [string, number]): ScalarImplementation =>
  (context, left: string, right: string) =>
    measure(left, right) >= Math.fround(limitOf(context, limit));

function showTrigrams(text: string): ArrayValue {
  const shown = [...trigramsOf(text)].sort();
  const dimensions = shown.length === 0 ? [] : [{ lowerBound: 1, length: shown.length }];
  return new ArrayValue(TypeOid.text, dimensions, shown);
}

export const trigramFamily: Family = {
  scalars: {
    similarity: value(similarity),
    similarity_dist: distance(similarity),
    similarity_op: reaches(similarity, limits.similarity),
    word_similarity: value(word),
    word_similarity_op: reaches(word, limits.word),
    word_similarity_commutator_op: reaches(turned(word), limits.word),
    word_similarity_dist_op: distance(word),
    word_similarity_dist_commutator_op: distance(turned(word)),
    strict_word_similarity: value(strictWord),
    strict_word_similarity_op: reaches(strictWord, limits.strictWord),
    strict_word_similarity_commutator_op: reaches(turned(strictWord), limits.strictWord),
    strict_word_similarity_dist_op: distance(strictWord),
    strict_word_similarity_dist_commutator_op: distance(turned(strictWord)),
    show_trgm: (_context, text: string) => showTrigrams(text),
    show_limit: (context) => Math.fround(limitOf(context, limits.similarity)),
    set_limit(context, limit: number) {
      context.setSetting(limits.similarity[0], String(Math.fround(limit)), false);
      return Math.fround(limitOf(context, limits.similarity));
    },
  },
};
