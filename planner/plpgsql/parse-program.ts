// PL/pgSQL from text to statements (PostgreSQL's pl_gram.y): blocks, declarations and handlers. The
// other statements are in parse-statement.ts.

import { databaseError } from '#common';
import { TokenKind } from '../parse/lexer.ts';
import { guardStack } from '../parse/index.ts';
import { parseStatement } from './parse-statement.ts';
import type {
  PlBlock,
  PlDeclaration,
  PlHandler,
  PlProgram,
  PlSql,
  PlStatement,
} from './syntax-tree.ts';
import { isToken, literalText, TokenStream } from './token-stream.ts';

/** Raises 42601 for what is not PL/pgSQL; SQL inside is not looked at. */
export function parsePlpgsql(body: string): PlProgram {
  return guardStack(() => {
    const tokens = new TokenStream(body);
    const options = parseOptions(tokens);
    const label = parseLabel(tokens);
    if (!tokens.is('declare') && !tokens.is('begin')) throw tokens.syntaxError();
    const block = parseBlock(tokens, label);
    tokens.accept(';');
    if (tokens.current.kind !== TokenKind.end) throw tokens.syntaxError();
    return { block, ...options };
  });
}

type Options = Pick<PlProgram, 'variableConflict' | 'printStrictParameters'>;

function parseOptions(tokens: TokenStream): Options {
  let variableConflict: Options['variableConflict'];
  let printStrictParameters: boolean | undefined;
  while (tokens.is('#')) {
    tokens.advance();
    const option = tokens.identifier();
    const value = tokens.identifier();
    if (option === 'variable_conflict') variableConflict = conflictRule(value);
    else if (option === 'print_strict_params') printStrictParameters = value === 'on';
    else if (option !== 'option') throw tokens.syntaxError();
  }
  return { variableConflict, printStrictParameters };
}

function conflictRule(value: string): Options['variableConflict'] {
  switch (value) {
    case 'use_variable':
      return 'useVariable';
    case 'use_column':
      return 'useColumn';
    default:
      return 'error';
  }
}

/** <<label>> */
export function parseLabel(tokens: TokenStream): string | undefined {
  if (!tokens.is('<<')) return undefined;
  tokens.advance();
  const label = tokens.identifier();
  tokens.expect('>>');
  return label;
}

/** The label after END, which must be that of the block. */
export function parseEndLabel(tokens: TokenStream, label: string | undefined): void {
  if (!tokens.isIdentifier()) return;
  const end = tokens.identifier();
  if (label === undefined) {
    throw databaseError('syntaxError', `end label "${end}" specified for unlabeled block`);
  }
  if (end !== label) {
    throw databaseError('syntaxError', `end label "${end}" differs from block's label "${label}"`);
  }
}

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

/** Statements up to one of the words, which is not taken. */
export function parseBody(tokens: TokenStream, ...ends: readonly string[]): PlStatement[] {
  const statements: PlStatement[] = [];
  while (!ends.some((end) => tokens.is(end))) {
    if (tokens.current.kind === TokenKind.end) throw tokens.syntaxError();
    if (tokens.accept(';')) continue;
    statements.push(parseStatement(tokens));
  }
  return statements;
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

/** A condition's name, or SQLSTATE 'xxxxx'. */
export function parseCondition(tokens: TokenStream): string {
  if (!tokens.is('sqlstate')) return tokens.identifier();
  tokens.advance();
  if (tokens.current.kind !== TokenKind.string) throw tokens.syntaxError();
  const state = literalText(tokens.advance());
  if (!/^[0-9A-Z]{5}$/.test(state)) throw databaseError('syntaxError', 'invalid SQLSTATE code');
  return `sqlstate:${state}`;
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

/** [NO] SCROLL before CURSOR or after a cursor's name in OPEN. */
export function parseScroll(tokens: TokenStream): boolean | undefined {
  if (tokens.is('no') && isToken(tokens.peek(), 'scroll')) {
    tokens.advance();
    tokens.advance();
    return false;
  }
  return tokens.accept('scroll') ? true : undefined;
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
