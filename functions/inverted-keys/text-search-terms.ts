// tsvector_ops: a document's lexemes. Weights and places are looked at in the rows.

import { type Datum, encodeText, type QueryNode, type TsQuery, type TsVector } from '#common';
import type { InvertedClass } from './contract.ts';
import { allOf, allRows, anyOf, noRows, term, type TermQuery } from './term-query.ts';

function queryOf(node: QueryNode): TermQuery {
  switch (node.kind) {
    case 'lexeme': {
      const word = encodeText(node.word);
      // Without the byte that ends it, a word is the beginning of those that start with it.
      return term(node.prefix ? word.slice(0, -1) : word);
    }
    case 'not':
      return allRows;
    case 'or':
      return anyOf([queryOf(node.left), queryOf(node.right)]);
    default:
      return allOf([queryOf(node.left), queryOf(node.right)]);
  }
}

const matches = (value: Datum): TermQuery => {
  const { root } = value as TsQuery;
  return root === undefined ? noRows : queryOf(root);
};

export const textSearchClass: InvertedClass = {
  terms: (value) => (value as TsVector).lexemes.map(({ word }) => encodeText(word)),
  queries: { '@@': matches, '@@@': matches },
};
