// Queries from texts: the languages of to_tsquery(), plainto_tsquery(), phraseto_tsquery() and
// websearch_to_tsquery(). Stop words leave placeholders, which are taken out at the end so that the
// distances of phrases still count them.

import {
  pair,
  parseQueryText,
  phraseDistanceMax,
  type QueryNode,
  type QueryPair,
  type StopNode,
  TsQuery,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import { type Configuration, lexemesOfText } from './configuration.ts';

type Operand = QueryNode | StopNode;

const stop: StopNode = { kind: 'stop' };

/** A text's lexemes joined by an operator; places of stop words between them stay. */
function textOperand(
  configuration: Configuration,
  text: string,
  join: 'and' | 'phrase',
  flags: { weights: number; prefix: boolean },
): Operand {
  let result: Operand | undefined;
  let place = 0;
  const add = (operand: Operand): void => {
    result = result === undefined ? operand : joined(join, result, operand);
  };
  for (const lexeme of lexemesOfText(configuration, text).lexemes) {
    if (place > 0) for (place++; place < lexeme.place; place++) add(stop);
    ({ place } = lexeme);
    add({ kind: 'lexeme', word: lexeme.word, ...flags });
  }
  return result ?? stop;
}

function joined(kind: QueryPair['kind'], left: Operand, right: Operand): QueryNode {
  return pair(kind, left as QueryNode, right as QueryNode);
}

interface Cleaned {
  readonly node: QueryNode | undefined;
  /** Places that removed stop words leave before and after. */
  readonly before: number;
  readonly after: number;
}

/** clean_stopword_intree: an operator that lost an operand becomes the other one. */
function withoutStops(node: Operand): Cleaned {
  if (node.kind === 'stop') return { node: undefined, before: 0, after: 0 };
  if (node.kind === 'lexeme') return { node, before: 0, after: 0 };
  if (node.kind === 'not') {
    const { node: argument } = withoutStops(node.argument);
    return {
      node: argument === undefined ? undefined : { kind: 'not', argument },
      before: 0,
      after: 0,
    };
  }
  const left = withoutStops(node.left);
  const right = withoutStops(node.right);
  const isPhrase = node.kind === 'phrase';
  const distance = isPhrase ? node.distance : 0;
  if (left.node === undefined && right.node === undefined) {
    const span = isPhrase
      ? left.before + distance + right.before
      : Math.max(left.before, right.before);
    return { node: undefined, before: span, after: span };
  }
  if (left.node === undefined) {
    const before = isPhrase ? left.before + distance + right.before : right.before;
    return { node: right.node, before, after: right.after };
  }
  if (right.node === undefined) {
    const after = isPhrase ? left.after + distance + right.after : left.after;
    return { node: left.node, before: left.before, after };
  }
  if (!isPhrase) return { node: pair(node.kind, left.node, right.node), before: 0, after: 0 };
  const wide = Math.min(phraseDistanceMax, distance + left.after + right.before);
  return {
    node: pair('phrase', left.node, right.node, wide),
    before: left.before,
    after: right.after,
  };
}

function finished(context: FunctionContext, node: Operand | undefined, text: string): TsQuery {
  if (node === undefined) {
    context.notice('NOTICE', `text-search query doesn't contain lexemes: "${text}"`);
    return new TsQuery(undefined);
  }
  const cleaned = withoutStops(node).node;
  if (cleaned === undefined) {
    context.notice(
      'NOTICE',
      "text-search query contains only stop words or doesn't contain lexemes, ignored",
    );
  }
  return new TsQuery(cleaned);
}

export function toTsQuery(
  context: FunctionContext,
  configuration: Configuration,
  text: string,
): TsQuery {
  const node = parseQueryText(text, (word, weights, prefix) =>
    textOperand(configuration, word, 'phrase', { weights, prefix }),
  );
  return finished(context, node, text);
}

export function plainToTsQuery(
  context: FunctionContext,
  configuration: Configuration,
  text: string,
  join: 'and' | 'phrase',
): TsQuery {
  const node = textOperand(configuration, text, join, { weights: 0, prefix: false });
  return finished(context, node, text);
}

/** Words are joined by &, "or" by |, - negates, quotes make phrases; nothing is a syntax error. */
export function webSearchToTsQuery(
  context: FunctionContext,
  configuration: Configuration,
  text: string,
): TsQuery {
  const operand = (word: string): Operand =>
    textOperand(configuration, word, 'phrase', { weights: 0, prefix: false });
  let alternatives: Operand | undefined;
  let current: Operand | undefined;
  let join: 'and' | 'or' = 'and';
  let negations = 0;
  // "or" ends before a sign that is no part of a word.
  const pattern =
    /\s*(?:("[^"]*"?)|(-)|(or(?=[^-\p{L}\p{N}_\s"!&|():])|[^\s"!&|():]+)|[!&|():])/iuy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [, quotes, minus, word] = match;
    if (minus !== undefined) negations++;
    if (quotes === undefined && word === undefined) continue;
    if (
      isOr(word, text.slice(pattern.lastIndex)) &&
      current !== undefined &&
      join === 'and' &&
      negations === 0
    ) {
      join = 'or';
      continue;
    }
    let node: Operand = operand(quotes === undefined ? word : quotes.replaceAll('"', ' '));
    for (; negations > 0; negations--) node = { kind: 'not', argument: node as QueryNode };
    if (join === 'or' && current !== undefined) {
      alternatives = alternatives === undefined ? current : joined('or', alternatives, current);
      current = node;
    } else current = current === undefined ? node : joined('and', current, node);
    join = 'and';
  }
  if (alternatives !== undefined && current !== undefined)
    current = joined('or', alternatives, current);
  return finished(context, current ?? stop, text);
}

/** "or" counts as an operator when something to search for follows. */
function isOr(word: string | undefined, rest: string): boolean {
  return word !== undefined && /^or$/i.test(word) && /[\p{L}\p{N}]/u.test(rest);
}
