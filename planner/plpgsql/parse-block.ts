// Blocks: declarations, statements, handlers.

import { databaseError } from '#common';
import { TokenKind } from '../parse/lexer.ts';
import { parseBody, parseCondition, parseEndLabel, parseScroll } from './parse-parts.ts';
import type { PlBlock, PlDeclaration, PlHandler, PlSql } from './syntax-tree.ts';
import type { TokenStream } from './token-stream.ts';

/** [DECLARE …] BEGIN … [EXCEPTION …] END [label], without the semicolon. */
export function parseBlock(tokens: TokenStream, label: string | undefined): PlBlock {
  const declarations: PlDeclaration[] = [];
  const { line } = tokens;
  while (tokens.accept('declare')) {
    while (!tokens.is('begin') && !tokens.is('declare'))
      declarations.push(parseDeclaration(tokens));
  }
  const beginLine = tokens.line;
  tokens.expect('begin');
  const body = parseBody(tokens, 'exception', 'end');
  const handlers = tokens.is('exception') ? parseHandlers(tokens) : undefined;
  tokens.expect('end');
  parseEndLabel(tokens, label);
  return {
    kind: 'block',
    line: declarations.length > 0 ? line : beginLine,
    label,
    declarations,
    body,
    handlers,
  };
}

function parseHandlers(tokens: TokenStream): PlHandler[] {
  tokens.expect('exception');
  const handlers: PlHandler[] = [];
  while (tokens.is('when')) {
    const { line } = tokens;
    tokens.advance();
    const conditions = [parseCondition(tokens)];
    while (tokens.accept('or')) conditions.push(parseCondition(tokens));
    tokens.expect('then');
    handlers.push({ line, conditions, body: parseBody(tokens, 'when', 'end') });
  }
  if (handlers.length === 0) throw tokens.syntaxError();
  return handlers;
}

function parseDeclaration(tokens: TokenStream): PlDeclaration {
  const { line } = tokens;
  if (tokens.is('<<')) {
    throw databaseError('syntaxError', 'block label must be placed before DECLARE, not after');
  }
  const name = tokens.identifier();
  if (tokens.is('alias')) {
    tokens.advance();
    tokens.expect('for');
    const target = [parameterOrName(tokens)];
    while (tokens.accept('.')) target.push(tokens.identifier());
    tokens.expect(';');
    return { kind: 'alias', name, line, target };
  }
  const scroll = parseScroll(tokens);
  if (tokens.is('cursor')) return parseCursor(tokens, { name, line, scroll });
  const constant = tokens.accept('constant');
  const type = parseType(tokens, ';', ':=', '=', 'default', 'not', 'collate');
  const collation = tokens.accept('collate')
    ? tokens.sqlUntil(';', ':=', '=', 'default', 'not').text
    : undefined;
  const notNull = tokens.accept('not');
  if (notNull) tokens.expect('null');
  let initial: PlSql | undefined;
  if (!tokens.is(';')) {
    if (!tokens.isAssignment() && !tokens.is('default')) throw tokens.syntaxError();
    tokens.advance();
    initial = tokens.sqlUntil(';');
  }
  tokens.expect(';');
  if (notNull && initial === undefined) {
    throw databaseError(
      'nullValueNotAllowed',
      `variable "${name}" must have a default value, since it's declared NOT NULL`,
    );
  }
  return { kind: 'variable', name, line, constant, type, collation, notNull, initial };
}

function parameterOrName(tokens: TokenStream): string {
  return tokens.current.kind === TokenKind.parameter ? tokens.advance().text : tokens.identifier();
}

function parseCursor(
  tokens: TokenStream,
  head: { readonly name: string; readonly line: number; readonly scroll: boolean | undefined },
): PlDeclaration {
  tokens.expect('cursor');
  const parameters: { name: string; type: string }[] = [];
  if (tokens.accept('(')) {
    do {
      const name = tokens.identifier();
      parameters.push({ name, type: parseType(tokens, ',', ')') });
    } while (tokens.accept(','));
    tokens.expect(')');
  }
  if (!tokens.accept('for')) tokens.expect('is');
  const query = tokens.sqlUntil(';');
  tokens.expect(';');
  return { kind: 'cursor', ...head, parameters, query };
}

function parseType(tokens: TokenStream, ...ends: readonly string[]): string {
  const { text } = tokens.optionalSqlUntil(...ends);
  if (text === '') throw databaseError('syntaxError', 'missing data type declaration');
  return text;
}
