// Statements that run SQL: plain ones with their INTO, EXECUTE, and those of cursors.

import { databaseError } from '#common';
import { TokenKind } from '../parse/lexer.ts';
import { parseScroll, parseTarget, parseUsing } from './parse-parts.ts';
import type { PlDirection, PlInto, PlStatement } from './syntax-tree.ts';
import { isToken, mismatchedParentheses, type TokenStream } from './token-stream.ts';

/** Any other statement, up to its semicolon, with INTO cut out (PostgreSQL's make_execsql_stmt()). */
export function parseSql(tokens: TokenStream): PlStatement {
  const { line, start, value: first } = tokens.current;
  const second = tokens.peek().value;
  let into: PlInto | undefined;
  let intoStart = 0;
  let intoEnd = 0;
  let previous = '';
  let depth = 0;
  let nested = 0;
  let end = start;
  for (;;) {
    const token = tokens.current;
    if (token.kind === TokenKind.end) throw tokens.syntaxError();
    if (token.text === '(') depth++;
    else if (token.text === ')' && --depth < 0) throw mismatchedParentheses();
    if (isToken(token, 'begin') && previous !== '' && first === 'create') nested++;
    else if (isToken(token, 'case') && nested > 0) nested++;
    else if (isToken(token, 'end') && nested > 0) nested--;
    if (token.text === ';' && nested === 0) break;
    const isInto =
      isToken(token, 'into') &&
      previous !== 'insert' &&
      previous !== 'merge' &&
      !(first === 'import' && second === 'foreign') &&
      first !== 'create';
    if (isInto) {
      if (into !== undefined) {
        throw databaseError('syntaxError', 'INTO specified more than once');
      }
      intoStart = token.start;
      tokens.advance();
      into = parseInto(tokens);
      intoEnd = tokens.current.start;
      previous = '';
      continue;
    }
    previous = token.value;
    end = token.end;
    tokens.advance();
  }
  const text = tokens.body.slice(start, Math.max(end, start));
  const blanked =
    into === undefined
      ? text
      : text.slice(0, intoStart - start) +
        ' '.repeat(Math.max(0, Math.min(intoEnd - start, text.length) - (intoStart - start))) +
        text.slice(intoEnd - start);
  tokens.expect(';');
  return { kind: 'sql', line, statement: { text: blanked.trimEnd(), offset: start }, into };
}

/** What follows INTO. */
function parseInto(tokens: TokenStream): PlInto {
  const strict = tokens.is('strict') && tokens.isIdentifier(tokens.peek());
  if (strict) tokens.advance();
  const targets = [parseTarget(tokens)];
  while (tokens.accept(',')) targets.push(parseTarget(tokens));
  return { strict, targets };
}

export function parseExecute(tokens: TokenStream): PlStatement {
  const { line } = tokens.advance();
  const query = tokens.sqlUntil('into', 'using', ';');
  let into: PlInto | undefined;
  let using: ReturnType<typeof parseUsing> = [];
  while (!tokens.is(';')) {
    if (tokens.is('into') && into === undefined) {
      tokens.advance();
      into = parseInto(tokens);
    } else if (tokens.is('using') && using.length === 0) {
      using = parseUsing(tokens, 'into');
    } else {
      throw tokens.syntaxError();
    }
  }
  tokens.expect(';');
  return { kind: 'execute', line, query, into, using };
}

export function parseOpen(tokens: TokenStream): PlStatement {
  const { line } = tokens.advance();
  const cursor = parseTarget(tokens);
  const scroll = parseScroll(tokens);
  if (tokens.accept('for')) {
    const isDynamic = tokens.accept('execute');
    const query = tokens.sqlUntil(...(isDynamic ? ['using', ';'] : [';']));
    const using = isDynamic ? parseUsing(tokens) : [];
    tokens.expect(';');
    return { kind: 'open', line, cursor, scroll, query, isDynamic, using, arguments: undefined };
  }
  let values: PlStatement & { kind: 'open' } extends { arguments: infer A } ? A : never;
  if (tokens.accept('(')) {
    values = tokens.optionalSqlUntil(')');
    tokens.expect(')');
  } else {
    values = undefined;
  }
  tokens.expect(';');
  const rest = { query: undefined, isDynamic: false, using: [], arguments: values };
  return { kind: 'open', line, cursor, scroll, ...rest };
}

/** FETCH [direction {FROM | IN}] cursor INTO target; MOVE [direction {FROM | IN}] cursor; */
export function parseFetch(tokens: TokenStream): PlStatement {
  const { line, value } = tokens.advance();
  const direction = parseDirection(tokens);
  const cursor = parseTarget(tokens);
  let into: PlInto | undefined;
  if (value === 'fetch') {
    tokens.expect('into');
    into = parseInto(tokens);
    const isMany =
      direction.count === 'all' ||
      (direction.count !== 1 && (direction.kind === 'forward' || direction.kind === 'backward'));
    if (isMany) {
      throw databaseError('featureNotSupported', 'FETCH statement cannot return multiple rows');
    }
  }
  tokens.expect(';');
  return { kind: 'fetch', line, cursor, direction, into };
}

function parseDirection(tokens: TokenStream): PlDirection {
  const direction = namedDirection(tokens);
  if (direction === undefined) {
    if (tokens.accept('from') || tokens.accept('in')) return { kind: 'forward', count: 1 };
    const next = tokens.peek();
    const isCursor =
      tokens.isIdentifier() && (isToken(next, 'into') || next.text === ';' || next.text === '.');
    if (isCursor) return { kind: 'forward', count: 1 };
    const count = tokens.sqlUntil('from', 'in');
    tokens.advance();
    return { kind: 'forward', count };
  }
  if (!tokens.accept('from')) tokens.accept('in');
  return direction;
}

function namedDirection(tokens: TokenStream): PlDirection | undefined {
  const word = tokens.current.kind === TokenKind.word ? tokens.current.value : '';
  const follows = tokens.peek();
  // A cursor may have the name of a direction.
  if (isToken(follows, 'into') || follows.text === ';') return undefined;
  switch (word) {
    case 'next':
      tokens.advance();
      return { kind: 'forward', count: 1 };
    case 'prior':
      tokens.advance();
      return { kind: 'backward', count: 1 };
    case 'first':
      tokens.advance();
      return { kind: 'absolute', count: 1 };
    case 'last':
      tokens.advance();
      return { kind: 'absolute', count: -1 };
    case 'all':
      tokens.advance();
      return { kind: 'forward', count: 'all' };
    case 'absolute':
    case 'relative':
      tokens.advance();
      return { kind: word, count: tokens.sqlUntil('from', 'in') };
    case 'forward':
    case 'backward': {
      tokens.advance();
      if (tokens.is('from') || tokens.is('in')) return { kind: word, count: 1 };
      if (tokens.accept('all')) return { kind: word, count: 'all' };
      const next = tokens.peek();
      if (tokens.isIdentifier() && (isToken(next, 'into') || next.text === ';'))
        return { kind: word, count: 1 };
      return { kind: word, count: tokens.sqlUntil('from', 'in') };
    }
    default:
      return undefined;
  }
}
