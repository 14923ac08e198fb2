// FOR and FOREACH.

import { databaseError } from '#common';
import { TokenKind } from '../parse/lexer.ts';
import { beginsQuery, parseLoopBody, parseTarget, parseUsing } from './parse-parts.ts';
import type { PlLoopSource, PlStatement, PlTarget } from './syntax-tree.ts';
import { type TokenStream } from './token-stream.ts';

export function parseFor(tokens: TokenStream, label: string | undefined): PlStatement {
  const { line } = tokens;
  tokens.advance();
  const targets = parseTargets(tokens);
  tokens.expect('in');
  const source = parseSource(tokens, targets);
  const body = parseLoopBody(tokens, label);
  return { kind: 'for', line, label, source, body };
}

function parseTargets(tokens: TokenStream): PlTarget[] {
  const targets = [parseTarget(tokens)];
  while (tokens.accept(',')) targets.push(parseTarget(tokens));
  return targets;
}

function parseSource(tokens: TokenStream, targets: readonly PlTarget[]): PlLoopSource {
  if (tokens.accept('execute')) {
    const query = tokens.sqlUntil('loop', 'using');
    return { kind: 'dynamic', targets, query, using: parseUsing(tokens, 'loop') };
  }
  const follows = tokens.peek().value;
  if (tokens.isIdentifier() && !beginsQuery(tokens) && follows === 'loop')
    return parseCursorLoop(tokens, targets);
  const isCall = tokens.isIdentifier() && !beginsQuery(tokens) && follows === '(';
  if (isCall && !hasRange(tokens)) return parseCursorLoop(tokens, targets);
  const reverse = tokens.accept('reverse');
  const first = tokens.sqlUntil('..', 'loop');
  if (tokens.is('loop')) {
    if (reverse) {
      throw databaseError('syntaxError', 'cannot specify REVERSE in query FOR loop');
    }
    return { kind: 'query', targets, query: first };
  }
  tokens.advance();
  tokens.advance();
  const upper = tokens.sqlUntil('loop', 'by');
  const step = tokens.accept('by') ? tokens.sqlUntil('loop') : undefined;
  const [target, ...others] = targets;
  if (others.length > 0) {
    throw databaseError('syntaxError', 'integer FOR loop must have only one target variable');
  }
  if (target.names.length > 1) {
    throw databaseError('syntaxError', 'integer FOR loop must have a simple target variable');
  }
  return { kind: 'integers', variable: target.names[0], reverse, lower: first, upper, step };
}

/** f(x)..10 is a range of numbers, c(x) LOOP a cursor. */
function hasRange(tokens: TokenStream): boolean {
  let depth = 0;
  for (let ahead = 1; ; ahead++) {
    const token = tokens.peek(ahead);
    if (token.kind === TokenKind.end) return false;
    if (token.text === '(') depth++;
    if (token.text === ')' && --depth === 0) return tokens.peek(ahead + 1).value !== 'loop';
  }
}

function parseCursorLoop(tokens: TokenStream, targets: readonly PlTarget[]): PlLoopSource {
  const cursor = tokens.identifier();
  if (targets.length > 1) {
    throw databaseError('syntaxError', 'cursor FOR loop must have only one target variable');
  }
  if (!tokens.accept('(')) {
    return { kind: 'cursor', target: targets[0], cursor, arguments: undefined };
  }
  const values = tokens.optionalSqlUntil(')');
  tokens.expect(')');
  return { kind: 'cursor', target: targets[0], cursor, arguments: values };
}

export function parseForeach(tokens: TokenStream, label: string | undefined): PlStatement {
  const { line } = tokens;
  tokens.advance();
  const targets = parseTargets(tokens);
  let slice = 0;
  if (tokens.accept('slice')) {
    if (tokens.current.kind !== TokenKind.integer) throw tokens.syntaxError();
    slice = Number(tokens.advance().text);
  }
  tokens.expect('in');
  tokens.expect('array');
  const array = tokens.sqlUntil('loop');
  const body = parseLoopBody(tokens, label);
  return { kind: 'foreach', line, label, targets, slice, array, body };
}
