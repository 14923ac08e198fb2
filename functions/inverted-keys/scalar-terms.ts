// btree_gin: a value is its own term.

import { type Datum, valueKeyEncoder } from '#common';
import type { InvertedClass } from './contract.ts';
import { term } from './term-query.ts';

export function scalarClass(type: number): InvertedClass {
  const encode = valueKeyEncoder(type);
  const bound = (value: Datum, inclusive: boolean) => ({ term: encode(value), inclusive });
  return {
    terms: (value) => [encode(value)],
    queries: {
      '=': (value) => term(encode(value)),
      '<': (value) => ({ kind: 'between', lower: undefined, upper: bound(value, false) }),
      '<=': (value) => ({ kind: 'between', lower: undefined, upper: bound(value, true) }),
      '>': (value) => ({ kind: 'between', lower: bound(value, false), upper: undefined }),
      '>=': (value) => ({ kind: 'between', lower: bound(value, true), upper: undefined }),
    },
  };
}
