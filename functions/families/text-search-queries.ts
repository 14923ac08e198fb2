// Text search functions that run a query that they are given: ts_stat() counts the words of documents,
// ts_rewrite() takes targets and substitutes from rows.

import {
  compareText,
  databaseError,
  type Datum,
  type TsQuery,
  type TsVector,
  TypeOid,
  weightOf,
} from '#common';
import type { FunctionContext, GivenRows } from '../contract.ts';
import type { Family } from '../family.ts';
import { rewriteQuery, sortQuery } from '../text-search/rewrite.ts';

interface WordCount {
  documents: number;
  entries: number;
}

/** 22023 unless the query's columns have these types. */
function run(
  context: FunctionContext,
  text: string,
  expected: { readonly types: readonly number[]; readonly message: string },
): GivenRows['rows'] {
  const given = context.routines!.query(text);
  const fits =
    given.types.length === expected.types.length &&
    given.types.every((type, at) => type === expected.types[at]);
  if (!fits) throw databaseError('invalidParameterValue', expected.message);
  return given.rows;
}

/** Weights by the letters in a text; undefined: none is named, all positions count. */
function weightsOf(letters: string): ReadonlySet<number> | undefined {
  const weights = new Set([...letters.toUpperCase()].map((letter) => 'DCBA'.indexOf(letter)));
  weights.delete(-1);
  return weights.size === 0 ? undefined : weights;
}

/** Words without positions count once, unless weights are asked for. */
function countOf(positions: readonly number[], weights: ReadonlySet<number> | undefined): number {
  if (weights !== undefined)
    return positions.filter((position) => weights.has(weightOf(position))).length;
  return Math.max(positions.length, 1);
}

function countWords(context: FunctionContext, text: string, letters: string): Datum[][] {
  const message = 'ts_stat query must return one tsvector column';
  const weights = weightsOf(letters);
  const counts = new Map<string, WordCount>();
  for (const [document] of run(context, text, { types: [TypeOid.tsvector], message })) {
    if (document === null) continue;
    for (const { word, positions } of (document as TsVector).lexemes) {
      const entries = countOf(positions, weights);
      if (entries === 0) continue;
      const count = counts.get(word);
      if (count === undefined) counts.set(word, { documents: 1, entries });
      else {
        count.documents++;
        count.entries += entries;
      }
    }
    context.checkCancel();
  }
  return [...counts]
    .toSorted(([left], [right]) => compareText(left, right))
    .map(([word, { documents, entries }]) => [word, documents, entries]);
}

function rewriteByRows(context: FunctionContext, query: TsQuery, text: string): TsQuery {
  const message = 'ts_rewrite query must return two tsquery columns';
  if (query.root === undefined) return query;
  let result = sortQuery(query);
  for (const [target, substitute] of run(context, text, {
    types: [TypeOid.tsquery, TypeOid.tsquery],
    message,
  })) {
    if (target === null || substitute === null) continue;
    result = sortQuery(rewriteQuery(result, target as TsQuery, substitute as TsQuery));
    if (result.root === undefined) break;
  }
  return result;
}

export const textSearchQueryFamily: Family = {
  scalars: { tsquery_rewrite_query: rewriteByRows },
  sets: {
    ts_stat1: (context, text: string) => countWords(context, text, ''),
    ts_stat2: countWords,
  },
};
