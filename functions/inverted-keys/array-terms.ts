// array_ops: an array's elements. Arrays without elements have a term of their own, so that <@ and =
// find them.

import { type ArrayValue, type Datum, elementTypeOf, valueKeyEncoder } from '#common';
import type { InvertedClass } from './contract.ts';
import { allOf, allRows, anyOf, noRows, term, type TermQuery } from './term-query.ts';

const emptyTerm = '\x00';
const elementMark = '\x01';
const nullTerm = '\x02';

export function arrayClass(type: number): InvertedClass {
  const encode = valueKeyEncoder(elementTypeOf(type));
  const termOf = (element: Datum): string =>
    element === null ? nullTerm : elementMark + encode(element);
  const termsOf = (array: ArrayValue): Set<string> => new Set(array.elements.map(termOf));
  const lookFor = (array: ArrayValue): TermQuery[] => [...termsOf(array)].map(term);
  const query = (make: (array: ArrayValue) => TermQuery) => (value: Datum) =>
    make(value as ArrayValue);
  return {
    terms(value) {
      const array = value as ArrayValue;
      return array.elements.length === 0 ? [emptyTerm] : termsOf(array);
    },
    queries: {
      '&&': query((array) => anyOf(lookFor(array))),
      '@>': query((array) => {
        if (array.elements.includes(null)) return noRows;
        return array.elements.length === 0 ? allRows : allOf(lookFor(array));
      }),
      '<@': query((array) => anyOf([term(emptyTerm), ...lookFor(array)])),
      '=': query((array) =>
        array.elements.length === 0 ? term(emptyTerm) : allOf(lookFor(array)),
      ),
    },
  };
}
