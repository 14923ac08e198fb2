// Terms that a document must have for a jsonpath to find something in it, or to be true of it. What a
// path does behind a method, by arithmetic or under a negation is not followed.

import { compiledJsonPath, type Numeric, type PathItem } from '#common';
import { allOf, allRows, anyOf, type TermQuery } from './term-query.ts';

type Scalar = null | boolean | string | Numeric;

/** The terms of an operator class. A path is the keys so far, undefined when they are not known. */
export interface PathTerms {
  readonly key: (name: string) => TermQuery;
  readonly scalar: (path: string | undefined, value: Scalar) => TermQuery;
  readonly stepInto: (path: string | undefined, name: string) => string | undefined;
  readonly start: string | undefined;
}

/** @?: the path yields something. */
export function existsTerms(text: string, terms: PathTerms): TermQuery {
  return chain(compiledJsonPath(text).root, terms.start, terms).query;
}

/** @@: the path's predicate is true. */
export function matchTerms(text: string, terms: PathTerms): TermQuery {
  return predicate(compiledJsonPath(text).root, terms.start, terms);
}

interface Chain {
  /** Must hold for the chain to yield anything. */
  readonly query: TermQuery;
  /** The chain ends at parts of the document, not at something computed. */
  readonly isPlace: boolean;
  readonly path: string | undefined;
}

const unknown: Chain = { query: allRows, isPlace: false, path: undefined };

/** A chain of accessors from the document (or the item at hand, which lies at `base`). */
function chain(start: PathItem, base: string | undefined, terms: PathTerms): Chain {
  const first = start.step.kind;
  if (first !== 'root' && first !== 'current') return unknown;
  let path = first === 'root' ? terms.start : base;
  const queries: TermQuery[] = [];
  for (let item = start.next; item !== undefined; item = item.next) {
    const { step } = item;
    switch (step.kind) {
      case 'key':
        queries.push(terms.key(step.name));
        path = terms.stepInto(path, step.name);
        break;
      case 'anyElement':
      case 'elements':
        break;
      case 'anyKey':
      case 'anyDepth':
        path = undefined;
        break;
      case 'filter':
        queries.push(predicate(step.condition, path, terms));
        break;
      default:
        return { query: allOf(queries), isPlace: false, path: undefined };
    }
  }
  return { query: allOf(queries), isPlace: true, path };
}

function predicate(item: PathItem, base: string | undefined, terms: PathTerms): TermQuery {
  const { step } = item;
  if (step.kind === 'root' || step.kind === 'current') return chain(item, base, terms).query;
  if (item.next !== undefined) return allRows;
  switch (step.kind) {
    case 'and':
      return allOf([predicate(step.left, base, terms), predicate(step.right, base, terms)]);
    case 'or':
      return anyOf([predicate(step.left, base, terms), predicate(step.right, base, terms)]);
    case 'exists':
    case 'likeRegex':
      return chain(step.argument, base, terms).query;
    case 'startsWith':
      return chain(step.left, base, terms).query;
    case 'comparison': {
      const sides = [step.left, step.right].map((side) => chain(side, base, terms));
      const queries = sides.map(({ query }) => query);
      if (step.operator === '==') {
        queries.push(equality(sides[0], step.right, terms), equality(sides[1], step.left, terms));
      }
      return allOf(queries);
    }
    default:
      return allRows;
  }
}

/** The place holds the literal, or is an array with it. */
function equality(place: Chain, other: PathItem, terms: PathTerms): TermQuery {
  if (!place.isPlace || other.step.kind !== 'literal' || other.next !== undefined) return allRows;
  return terms.scalar(place.path, other.step.value);
}
