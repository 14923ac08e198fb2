// ts_rank and ts_rank_cd. The first weighs how often, how early and how near each other the words
// stand; the second is cover density ranking (Clarke, Cormack, Tudhope, "Relevance Ranking for One to
// Three Term Queries", 1999): shorter stretches of text that satisfy the query count more.

import type { ArrayValue } from '#common';
import {
  databaseError,
  lexemesOf,
  placeOf,
  positionMax,
  type QueryLexeme,
  type TsQuery,
  type TsVector,
  weightOf,
} from '#common';
import { lexemeRun, type Lookup, queryHolds, weightCounts } from './match.ts';

const defaultWeights = [0.1, 0.2, 0.4, 1].map(Math.fround);
const single = Math.fround;

const normalization = {
  logLength: 1,
  length: 2,
  extentDistance: 4,
  uniqueWords: 8,
  logUniqueWords: 16,
  plusOne: 32,
} as const;

/** Of the classes D, C, B, A; negative ones take the default. */
export function weightsOf(array: ArrayValue): number[] {
  if (array.dimensions.length !== 1) {
    throw databaseError('arraySubscriptError', 'array of weight must be one-dimensional');
  }
  if (array.elements.length < 4)
    throw databaseError('arraySubscriptError', 'array of weight is too short');
  if (array.elements.includes(null))
    throw databaseError('nullValueNotAllowed', 'array of weight must not contain nulls');
  return array.elements.slice(0, 4).map((element, index) => {
    const weight = element as number;
    if (weight > 1) throw databaseError('invalidParameterValue', 'weight out of range');
    return weight >= 0 ? weight : defaultWeights[index];
  });
}

function distinctLexemes(query: TsQuery): QueryLexeme[] {
  const byWord = new Map<string, QueryLexeme>();
  for (const lexeme of lexemesOf(query.root)) {
    const key = `${lexeme.word}`;
    if (!byWord.has(key)) byWord.set(key, lexeme);
  }
  return [...byWord.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lexeme]) => lexeme);
}

function lengthOf(vector: TsVector): number {
  return vector.lexemes.reduce((sum, { positions }) => sum + (positions.length || 1), 0);
}

function nearness(distance: number): number {
  if (distance > 100) return 1e-30;
  return 1 / (1.005 + 0.05 * Math.exp(single(distance) / 1.5 - 2));
}

export function rank(
  vector: TsVector,
  query: TsQuery,
  method: number,
  weights: readonly number[] = defaultWeights,
): number {
  const { root } = query;
  if (vector.lexemes.length === 0 || root === undefined) return 0;
  const together = root.kind === 'and' || root.kind === 'phrase';
  let result = together ? rankTogether(weights, vector, query) : rankApart(weights, vector, query);
  if (result < 0) result = single(1e-20);
  const words = vector.lexemes.length;
  if ((method & normalization.logLength) !== 0)
    result = single(result / (Math.log(lengthOf(vector) + 1) / Math.log(2)));
  if ((method & normalization.length) !== 0) result = single(result / lengthOf(vector));
  if ((method & normalization.uniqueWords) !== 0) result = single(result / words);
  if ((method & normalization.logUniqueWords) !== 0)
    result = single(result / (Math.log(words + 1) / Math.log(2)));
  if ((method & normalization.plusOne) !== 0) result = single(result / single(result + 1));
  return result;
}

/** Words that may stand alone: each counts by its places, the best first. */
function rankApart(weights: readonly number[], vector: TsVector, query: TsQuery): number {
  const lexemes = distinctLexemes(query);
  let result = 0;
  for (const lexeme of lexemes) {
    const { start, end } = lexemeRun(vector, lexeme);
    for (const { positions } of vector.lexemes.slice(start, end)) {
      const places = positions.length === 0 ? [0] : positions;
      let sum = 0;
      let best = -1;
      let bestAt = 0;
      for (const [index, position] of places.entries()) {
        const weight = weights[weightOf(position)];
        sum = single(sum + single(weight / ((index + 1) * (index + 1))));
        if (weight > best) {
          best = weight;
          bestAt = index;
        }
      }
      const rest = single(single(best + sum) - single(best / ((bestAt + 1) * (bestAt + 1))));
      result = single(result + rest / 1.64493406685);
    }
  }
  return lexemes.length > 0 ? single(result / lexemes.length) : result;
}

/** Words that belong together: each pair of places counts by its nearness. */
function rankTogether(weights: readonly number[], vector: TsVector, query: TsQuery): number {
  const lexemes = distinctLexemes(query);
  if (lexemes.length < 2) return rankApart(weights, vector, query);
  const unknown = [positionMax];
  const seen: (readonly number[] | undefined)[] = [];
  let result = -1;
  for (const [index, lexeme] of lexemes.entries()) {
    const { start, end } = lexemeRun(vector, lexeme);
    for (const entry of vector.lexemes.slice(start, end)) {
      const places = entry.positions.length === 0 ? unknown : entry.positions;
      seen[index] = places;
      for (let other = 0; other < index; other++) {
        const others = seen[other];
        if (others === undefined) continue;
        for (const first of places) {
          for (const second of others) {
            let distance = Math.abs(placeOf(first) - placeOf(second));
            if (distance === 0) {
              if (places !== unknown && others !== unknown) continue;
              distance = positionMax;
            }
            const weight = single(
              Math.sqrt(
                single(
                  single(weights[weightOf(first)] * weights[weightOf(second)]) *
                    single(nearness(distance)),
                ),
              ),
            );
            result = result < 0 ? weight : single(1 - (1 - result) * (1 - weight));
          }
        }
      }
    }
  }
  return result;
}

interface Mark {
  readonly position: number;
  readonly lexemes: readonly QueryLexeme[];
}

/** The places of the query's words in the document, in order. */
function marksOf(vector: TsVector, query: TsQuery): Mark[] {
  const byPosition = new Map<string, { position: number; lexemes: QueryLexeme[] }>();
  for (const lexeme of lexemesOf(query.root)) {
    const { start, end } = lexemeRun(vector, lexeme);
    for (const [offset, { positions }] of vector.lexemes.slice(start, end).entries()) {
      for (const position of positions) {
        if (!weightCounts(lexeme, position)) continue;
        const key = `${position}/${start + offset}`;
        const known = byPosition.get(key);
        if (known === undefined) byPosition.set(key, { position, lexemes: [lexeme] });
        else known.lexemes.push(lexeme);
      }
    }
  }
  return [...byPosition.values()].sort(
    (a, b) =>
      placeOf(a.position) - placeOf(b.position) || weightOf(a.position) - weightOf(b.position),
  );
}

interface Cover {
  readonly begin: number;
  readonly end: number;
}

class CoverSearch {
  private readonly marks: readonly Mark[];
  private readonly query: TsQuery;
  private from = 0;

  constructor(marks: readonly Mark[], query: TsQuery) {
    this.marks = marks;
    this.query = query;
  }

  /** The next shortest stretch of marks that satisfies the query. */
  next(): Cover | undefined {
    while (this.from < this.marks.length) {
      const end = this.scan(this.from, 1, this.marks.length);
      if (end === undefined) return undefined;
      const begin = this.scan(end, -1, this.from - 1);
      if (begin !== undefined) {
        this.from = begin + 1;
        return { begin, end };
      }
      this.from++;
    }
    return undefined;
  }

  private scan(start: number, step: 1 | -1, stop: number): number | undefined {
    const places = new Map<QueryLexeme, number[]>();
    const lookup: Lookup = (lexeme) => {
      const known = places.get(lexeme);
      return { found: known !== undefined, places: known ?? [] };
    };
    for (let at = start; at !== stop; at += step) {
      const { position, lexemes } = this.marks[at];
      for (const lexeme of lexemes) {
        const known = places.get(lexeme);
        if (known === undefined) places.set(lexeme, [placeOf(position)]);
        else if (!known.includes(placeOf(position))) {
          if (step === 1) known.push(placeOf(position));
          else known.unshift(placeOf(position));
        }
      }
      if (queryHolds(this.query, lookup)) return at;
    }
    return undefined;
  }
}

export function rankCoverDensity(
  vector: TsVector,
  query: TsQuery,
  method: number,
  weights: readonly number[] = defaultWeights,
): number {
  const marks = marksOf(vector, query);
  if (marks.length === 0) return 0;
  const search = new CoverSearch(marks, query);
  let total = 0;
  let distances = 0;
  let previousCentre = 0;
  let count = 0;
  for (let cover = search.next(); cover !== undefined; cover = search.next()) {
    let inverse = 0;
    for (let at = cover.begin; at <= cover.end; at++)
      inverse += 1 / weights[weightOf(marks[at].position)];
    const first = placeOf(marks[cover.begin].position);
    const last = placeOf(marks[cover.end].position);
    const length = cover.end - cover.begin;
    let noise = last - first - length;
    // Beyond the largest place all words share one: take half of the stretch for noise.
    if (noise < 0) noise = Math.trunc(length / 2);
    total += (length + 1) / inverse / (1 + noise);
    const centre = (last + first) / 2;
    if (count > 0 && centre > previousCentre) distances += 1 / (centre - previousCentre);
    previousCentre = centre;
    count++;
  }
  const words = vector.lexemes.length;
  if ((method & normalization.logLength) !== 0) total /= Math.log(lengthOf(vector) + 1);
  if ((method & normalization.length) !== 0) total /= lengthOf(vector);
  if ((method & normalization.extentDistance) !== 0 && count > 0 && distances > 0)
    total /= count / distances;
  if ((method & normalization.uniqueWords) !== 0) total /= words;
  if ((method & normalization.logUniqueWords) !== 0) total /= Math.log(words + 1) / Math.log(2);
  if ((method & normalization.plusOne) !== 0) total /= total + 1;
  return single(total);
}
