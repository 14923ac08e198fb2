// The statements of PL/pgSQL, one function each. SQL fragments end where the grammar of PL/pgSQL says
// that they do (PostgreSQL's read_sql_construct()); what they mean is found when they are bound.

import { TokenKind } from '../parse/lexer.ts';
import { parseExecute, parseOpen, parseFetch, parseSql } from './parse-sql-statement.ts';
import { parseFor, parseForeach } from './parse-loop.ts';
import { parseBlock } from './parse-block.ts';
import { parseBody, parseLabel, parseLoopBody, parseTarget, parseUsing } from './parse-parts.ts';
import { parseRaise } from './parse-raise.ts';
import type { PlSql, PlStatement, PlTarget } from './syntax-tree.ts';
import type { TokenStream } from './token-stream.ts';

type Parse = (tokens: TokenStream) => PlStatement;

const statements: Readonly<Record<string, Parse>> = {
  if: parseIf,
  case: parseCase,
  exit: parseExit,
  continue: parseExit,
  return: parseReturn,
  raise: parseRaise,
  assert: parseAssert,
  perform: parsePerform,
  call: parseCall,
  do: parseCall,
  execute: parseExecute,
  open: parseOpen,
  fetch: parseFetch,
  move: parseFetch,
  close: parseClose,
  get: parseDiagnostics,
  null: parseNull,
  commit: parseTransaction,
  rollback: parseTransaction,
};

export function parseStatement(tokens: TokenStream): PlStatement {
  const label = parseLabel(tokens);
  if (tokens.is('declare') || tokens.is('begin')) {
    const block = parseBlock(tokens, label);
    tokens.expect(';');
    return block;
  }
  if (tokens.is('loop') || tokens.is('while')) return parseLoop(tokens, label);
  if (tokens.is('for')) return parseFor(tokens, label);
  if (tokens.is('foreach')) return parseForeach(tokens, label);
  if (label !== undefined) throw tokens.syntaxError();
  if (isAssignment(tokens)) return parseAssignment(tokens);
  const { kind, value } = tokens.current;
  const known =
    kind === TokenKind.word && Object.hasOwn(statements, value) ? statements[value] : parseSql;
  return known(tokens);
}

/** name[.name…] followed by :=, = or a subscript. */
function isAssignment(tokens: TokenStream): boolean {
  let ahead = 0;
  if (!tokens.isIdentifier() && tokens.current.kind !== TokenKind.parameter) return false;
  for (;;) {
    const next = tokens.peek(ahead + 1);
    if (tokens.isAssignment(next) || next.text === '[') return true;
    if (next.text !== '.' || !tokens.isIdentifier(tokens.peek(ahead + 2))) return false;
    ahead += 2;
  }
}

function parseAssignment(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  const start = tokens.current.start;
  const names = [tokens.advance().value];
  while (tokens.accept('.')) names.push(tokens.identifier());
  const indirection = tokens.isAssignment() ? '' : tokens.sqlUntil(':=', '=').text;
  tokens.advance();
  const value = tokens.sqlUntil(';');
  const text = tokens.body.slice(start, value.offset + value.text.length);
  tokens.expect(';');
  const target = { names, line, offset: start };
  return { kind: 'assign', line, target, indirection, value, text };
}

function parseIf(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  const branches: { condition: PlSql; body: PlStatement[] }[] = [];
  do {
    tokens.advance();
    const condition = tokens.sqlUntil('then');
    tokens.advance();
    branches.push({ condition, body: parseBody(tokens, 'elsif', 'elseif', 'else', 'end') });
  } while (tokens.is('elsif') || tokens.is('elseif'));
  const otherwise = tokens.accept('else') ? parseBody(tokens, 'end') : [];
  tokens.expect('end');
  tokens.expect('if');
  tokens.expect(';');
  return { kind: 'if', line, branches, otherwise };
}

function parseCase(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  tokens.advance();
  const operand = tokens.is('when') ? undefined : tokens.sqlUntil('when');
  const branches: { when: PlSql; body: PlStatement[] }[] = [];
  while (tokens.accept('when')) {
    const when = tokens.sqlUntil('then');
    tokens.advance();
    branches.push({ when, body: parseBody(tokens, 'when', 'else', 'end') });
  }
  const otherwise = tokens.accept('else') ? parseBody(tokens, 'end') : undefined;
  tokens.expect('end');
  tokens.expect('case');
  tokens.expect(';');
  return { kind: 'case', line, operand, branches, otherwise };
}

function parseLoop(tokens: TokenStream, label: string | undefined): PlStatement {
  const { line } = tokens;
  const condition = tokens.accept('while') ? tokens.sqlUntil('loop') : undefined;
  const body = parseLoopBody(tokens, label);
  return { kind: 'loop', line, label, condition, body };
}

function parseExit(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  const kind = tokens.advance().value as 'exit' | 'continue';
  const label = tokens.is('when') || tokens.is(';') ? undefined : tokens.identifier();
  const condition = tokens.accept('when') ? tokens.sqlUntil(';') : undefined;
  tokens.expect(';');
  return { kind, line, label, condition };
}

function parseReturn(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  tokens.advance();
  if (tokens.is('next') && !tokens.isAssignment(tokens.peek())) {
    tokens.advance();
    return { kind: 'returnNext', line, value: optionalValue(tokens) };
  }
  if (tokens.is('query')) {
    tokens.advance();
    const isDynamic = tokens.accept('execute');
    const query = tokens.sqlUntil(...(isDynamic ? ['using', ';'] : [';']));
    const using = isDynamic ? parseUsing(tokens) : [];
    tokens.expect(';');
    return { kind: 'returnQuery', line, query, isDynamic, using };
  }
  return { kind: 'return', line, value: optionalValue(tokens) };
}

function optionalValue(tokens: TokenStream): PlSql | undefined {
  const value = tokens.is(';') ? undefined : tokens.sqlUntil(';');
  tokens.expect(';');
  return value;
}

function parseAssert(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  tokens.advance();
  const condition = tokens.sqlUntil(',', ';');
  const message = tokens.accept(',') ? tokens.sqlUntil(';') : undefined;
  tokens.expect(';');
  return { kind: 'assert', line, condition, message };
}

function parsePerform(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  const { offset } = { offset: tokens.advance().start };
  const { text } = tokens.sqlUntil(';');
  tokens.expect(';');
  return { kind: 'perform', line, query: { text: `SELECT ${text}`, offset } };
}

function parseCall(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  const statement = tokens.sqlUntil(';');
  tokens.expect(';');
  return { kind: 'call', line, statement };
}

function parseClose(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  tokens.advance();
  const cursor = parseTarget(tokens);
  tokens.expect(';');
  return { kind: 'close', line, cursor };
}

function parseDiagnostics(tokens: TokenStream): PlStatement {
  const { line } = tokens;
  tokens.advance();
  const stacked = tokens.accept('stacked');
  if (!stacked) tokens.accept('current');
  tokens.expect('diagnostics');
  const items: { target: PlTarget; item: string }[] = [];
  do {
    const target = parseTarget(tokens);
    if (!tokens.isAssignment()) throw tokens.syntaxError();
    tokens.advance();
    items.push({ target, item: tokens.identifier() });
  } while (tokens.accept(','));
  tokens.expect(';');
  return { kind: 'diagnostics', line, stacked, items };
}

function parseNull(tokens: TokenStream): PlStatement {
  const { line } = tokens.advance();
  tokens.expect(';');
  return { kind: 'null', line };
}

function parseTransaction(tokens: TokenStream): PlStatement {
  const { line, value } = tokens.advance();
  let chain = false;
  if (tokens.accept('and')) {
    chain = !tokens.accept('no');
    tokens.expect('chain');
  }
  tokens.expect(';');
  return { kind: value as 'commit' | 'rollback', line, chain };
}
