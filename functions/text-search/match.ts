// Whether a query holds for a set of words with places: three-valued, since without places a phrase can
// be neither confirmed nor denied. Phrases carry the places where they end; a negated operand carries
// the places where it does not hold.

import {
  placeOf,
  type QueryLexeme,
  type QueryNode,
  type QueryPair,
  type TsQuery,
  type TsVector,
  weightOf,
} from '#common';

export type Answer = 'yes' | 'no' | 'maybe';

/** The places where something holds, or (negated) where it does not. */
interface Places {
  readonly answer: Answer;
  readonly places: readonly number[];
  readonly negated: boolean;
  readonly width: number;
}

/** What is known of a lexeme: places is undefined when they are not known. */
export interface Occurrence {
  readonly found: boolean;
  readonly places: readonly number[] | undefined;
}

export type Lookup = (lexeme: QueryLexeme) => Occurrence;

export function queryHolds(query: TsQuery, lookup: Lookup): boolean {
  return query.root !== undefined && nodeAnswer(query.root, lookup) !== 'no';
}

function nodeAnswer(node: QueryNode, lookup: Lookup): Answer {
  switch (node.kind) {
    case 'lexeme':
      return lookup(node).found ? 'yes' : 'no';
    case 'not': {
      const inner = nodeAnswer(node.argument, lookup);
      return inner === 'maybe' ? inner : inner === 'yes' ? 'no' : 'yes';
    }
    case 'and': {
      const left = nodeAnswer(node.left, lookup);
      if (left === 'no') return 'no';
      const right = nodeAnswer(node.right, lookup);
      return right === 'yes' ? left : right;
    }
    case 'or': {
      const left = nodeAnswer(node.left, lookup);
      if (left === 'yes') return 'yes';
      const right = nodeAnswer(node.right, lookup);
      return right === 'no' ? left : right;
    }
    case 'phrase':
      // A phrase that cannot be checked does not count.
      return placesOf(node, lookup).answer === 'yes' ? 'yes' : 'no';
  }
}

const nowhere: Places = { answer: 'no', places: [], negated: false, width: 0 };
const unsure: Places = { answer: 'maybe', places: [], negated: false, width: 0 };

function placesOf(node: QueryNode, lookup: Lookup): Places {
  switch (node.kind) {
    case 'lexeme': {
      const { found, places } = lookup(node);
      if (!found) return nowhere;
      return places === undefined ? unsure : { answer: 'yes', places, negated: false, width: 0 };
    }
    case 'not':
      return negation(placesOf(node.argument, lookup));
    case 'phrase':
    case 'and':
      return conjunction(node, placesOf(node.left, lookup), placesOf(node.right, lookup));
    case 'or':
      return disjunction(placesOf(node.left, lookup), placesOf(node.right, lookup));
  }
}

function negation(inner: Places): Places {
  if (inner.answer === 'maybe') return inner;
  if (inner.answer === 'no') return { ...inner, answer: 'yes', places: [], negated: true };
  if (inner.places.length > 0) return { ...inner, negated: !inner.negated };
  return { ...inner, answer: 'no', negated: false };
}

function conjunction(node: QueryPair, left: Places, right: Places): Places {
  if (left.answer === 'no' || right.answer === 'no') return nowhere;
  if (left.answer === 'maybe' || right.answer === 'maybe') return unsure;
  const isPhrase = node.kind === 'phrase';
  const widest = Math.max(left.width, right.width);
  const leftOffset = isPhrase ? node.distance + right.width : widest - left.width;
  const rightOffset = isPhrase ? 0 : widest - right.width;
  const width = isPhrase ? node.distance + left.width + right.width : widest;
  const merge = (keep: Keep): number[] => merged(left, right, { leftOffset, rightOffset, keep });
  if (left.negated && right.negated) {
    // !L & !R is !(L | R).
    return {
      answer: 'yes',
      places: merge({ both: true, left: true, right: true }),
      negated: true,
      width,
    };
  }
  if (left.negated) return found(merge({ right: true }), width);
  if (right.negated) return found(merge({ left: true }), width);
  return found(merge({ both: true }), width);
}

function disjunction(left: Places, right: Places): Places {
  if (left.answer === 'no' && right.answer === 'no') return nowhere;
  if (left.answer === 'maybe' || right.answer === 'maybe') return unsure;
  const leftWidth = left.answer === 'no' ? 0 : left.width;
  const rightWidth = right.answer === 'no' ? 0 : right.width;
  const width = Math.max(leftWidth, rightWidth);
  const offsets = { leftOffset: width - leftWidth, rightOffset: width - rightWidth };
  const merge = (keep: Keep): number[] => merged(left, right, { ...offsets, keep });
  if (left.negated && right.negated)
    return { answer: 'yes', places: merge({ both: true }), negated: true, width };
  if (left.negated) return { answer: 'yes', places: merge({ left: true }), negated: true, width };
  if (right.negated) return { answer: 'yes', places: merge({ right: true }), negated: true, width };
  return found(merge({ both: true, left: true, right: true }), width);
}

function found(places: readonly number[], width: number): Places {
  return { answer: places.length > 0 ? 'yes' : 'no', places, negated: false, width };
}

interface Keep {
  readonly both?: boolean;
  readonly left?: boolean;
  readonly right?: boolean;
}

function merged(
  left: Places,
  right: Places,
  how: { leftOffset: number; rightOffset: number; keep: Keep },
): number[] {
  const result: number[] = [];
  let i = 0;
  let j = 0;
  while (i < left.places.length || j < right.places.length) {
    const first = i < left.places.length ? left.places[i] + how.leftOffset : Infinity;
    const second = j < right.places.length ? right.places[j] + how.rightOffset : Infinity;
    if (first < second) {
      if (how.keep.left === true) result.push(first);
      i++;
    } else if (first > second) {
      if (how.keep.right === true) result.push(second);
      j++;
    } else {
      if (how.keep.both === true) result.push(first);
      i++;
      j++;
    }
  }
  return result;
}

export function weightCounts(lexeme: QueryLexeme, position: number): boolean {
  return lexeme.weights === 0 || (lexeme.weights & (1 << weightOf(position))) !== 0;
}

/** Ordinals of a vector's lexemes that a query's lexeme stands for. */
export function lexemeRun(vector: TsVector, lexeme: QueryLexeme): { start: number; end: number } {
  const start = vector.find(lexeme.word, lexeme.prefix);
  if (start < 0) return { start: 0, end: 0 };
  let end = start + 1;
  if (lexeme.prefix) {
    while (vector.lexemes[end]?.word.startsWith(lexeme.word) === true) end++;
  }
  return { start, end };
}

export function vectorLookup(vector: TsVector): Lookup {
  return (lexeme) => {
    const { start, end } = lexemeRun(vector, lexeme);
    let isFound = false;
    let unknown = false;
    const places = new Set<number>();
    for (const { positions } of vector.lexemes.slice(start, end)) {
      if (positions.length === 0) {
        unknown = true;
        isFound ||= true;
        continue;
      }
      for (const position of positions) {
        if (!weightCounts(lexeme, position)) continue;
        isFound = true;
        places.add(placeOf(position));
      }
    }
    return { found: isFound, places: unknown ? undefined : [...places].sort((a, b) => a - b) };
  };
}
