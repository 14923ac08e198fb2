// FOR SYSTEM_TIME after a table reference, before or after its alias (SQL:2011, 7.6; the standard
// puts it before):
//   FOR SYSTEM_TIME AS OF expression          also: AS OF SYSTEM TIME expression
//   FOR SYSTEM_TIME FROM expression TO expression
//   FOR SYSTEM_TIME BETWEEN expression AND expression
//   FOR SYSTEM_TIME ALL

import type { Node } from '@pgsql/types';
import { Lexer, TokenKind } from '../lexer.ts';
import type { ClauseExtent, ExtensionClause } from './clause.ts';
import { expressionEnd } from './expression-extent.ts';

export type TemporalClause =
  | { readonly kind: 'asOf'; readonly at: Node; readonly position: number }
  /** FROM … TO …: half-open; BETWEEN … AND …: `inclusive`. */
  | {
      readonly kind: 'range';
      readonly from: Node;
      readonly to: Node;
      readonly inclusive: boolean;
      readonly position: number;
    }
  | { readonly kind: 'all'; readonly position: number };

export const systemTimeClause: ExtensionClause<TemporalClause> = {
  name: 'FOR SYSTEM_TIME',
  find(lexer) {
    const start = lexer.start;
    const words = new Words(lexer.text, start);
    if (words.accept('for', 'system_time')) return afterSystemTime(words, start);
    if (words.accept('as', 'of', 'system', 'time') || words.accept('as', 'of', 'system_time')) {
      return single(words, start);
    }
    return undefined;
  },
  build(text, extent, expressions) {
    const [first, second] = expressions;
    const position = extent.start;
    if (first === undefined) return { kind: 'all', position };
    if (second === undefined) return { kind: 'asOf', at: first, position };
    const inclusive = new Words(text, extent.start).accept('for', 'system_time', 'between');
    return { kind: 'range', from: first, to: second, inclusive, position };
  },
};

function afterSystemTime(words: Words, start: number): ClauseExtent | undefined {
  if (words.accept('all')) return { start, end: words.offset, expressions: [] };
  if (words.accept('as', 'of')) return single(words, start);
  if (words.accept('from')) return pair(words, start, 'to');
  if (words.accept('between')) return pair(words, start, 'and');
  return undefined;
}

function single(words: Words, start: number): ClauseExtent | undefined {
  const end = expressionEnd(words.text, words.offset, undefined);
  if (end === undefined) return undefined;
  return { start, end, expressions: [{ start: words.offset, end }] };
}

function pair(words: Words, start: number, separator: string): ClauseExtent | undefined {
  const from = words.offset;
  const fromEnd = expressionEnd(words.text, from, separator);
  if (fromEnd === undefined) return undefined;
  words.offset = fromEnd;
  if (!words.accept(separator)) return undefined;
  const to = words.offset;
  const end = expressionEnd(words.text, to, undefined);
  if (end === undefined) return undefined;
  return {
    start,
    end,
    expressions: [
      { start: from, end: fromEnd },
      { start: to, end },
    ],
  };
}

/** Reads sequences of keywords from an offset; the offset moves only when a whole sequence matches. */
class Words {
  readonly text: string;
  offset: number;

  constructor(text: string, offset: number) {
    this.text = text;
    this.offset = offset;
  }

  accept(...sequence: readonly string[]): boolean {
    const lexer = new Lexer(this.text, this.offset);
    for (const word of sequence) {
      if (lexer.next() !== TokenKind.word || lexer.word() !== word) return false;
    }
    this.offset = lexer.end;
    return true;
  }
}
