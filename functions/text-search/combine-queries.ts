// What operators and functions make of tsqueries.

import {
  databaseError,
  lexemesOf,
  pair,
  phraseDistanceMax,
  type QueryNode,
  TsQuery,
} from '#common';

export function combined(kind: 'and' | 'or', left: TsQuery, right: TsQuery): TsQuery {
  if (left.root === undefined) return right;
  if (right.root === undefined) return left;
  return new TsQuery(pair(kind, left.root, right.root));
}

export function phrase(left: TsQuery, right: TsQuery, distance: number): TsQuery {
  if (distance < 0 || distance > phraseDistanceMax) {
    throw databaseError(
      'invalidParameterValue',
      `distance in phrase operator must be an integer value between zero and ${phraseDistanceMax} inclusive`,
    );
  }
  if (left.root === undefined) return right;
  if (right.root === undefined) return left;
  return new TsQuery(pair('phrase', left.root, right.root, distance));
}

/** What of a query an index could use: without its negated parts; "T" when nothing is left. */
function indexable(node: QueryNode): QueryNode | undefined {
  if (node.kind === 'lexeme') return node;
  if (node.kind === 'not') return undefined;
  const left = indexable(node.left);
  const right = indexable(node.right);
  if (node.kind === 'or')
    return left === undefined || right === undefined ? undefined : pair('or', left, right);
  if (left === undefined || right === undefined) return left ?? right;
  return pair(node.kind, left, right, node.distance);
}

export function queryTree(query: TsQuery): string {
  if (query.root === undefined) return '';
  const rest = indexable(query.root);
  return rest === undefined ? 'T' : new TsQuery(rest).toString();
}

export function containsQuery(outer: TsQuery, inner: TsQuery): boolean {
  const words = new Set(lexemesOf(outer.root).map(({ word }) => word));
  return lexemesOf(inner.root).every(({ word }) => words.has(word));
}
