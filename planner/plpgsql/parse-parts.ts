// What several statements of PL/pgSQL have in common: labels, bodies, targets, USING, conditions.

import { databaseError } from '#common';
import { TokenKind } from '../parse/lexer.ts';
import type { PlSql, PlStatement, PlTarget } from './syntax-tree.ts';
import { isToken, literalText, type TokenStream } from './token-stream.ts';

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

/** Statements up to one of the words, which is not taken. */
export function parseBody(tokens: TokenStream, ...ends: readonly string[]): PlStatement[] {
  const statements: PlStatement[] = [];
  while (!ends.some((end) => tokens.is(end))) {
    if (tokens.current.kind === TokenKind.end) throw tokens.syntaxError();
    if (tokens.accept(';')) continue;
    statements.push(tokens.grammar.statement(tokens));
  }
  return statements;
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

/** [NO] SCROLL before CURSOR or after a cursor's name in OPEN. */
export function parseScroll(tokens: TokenStream): boolean | undefined {
  if (tokens.is('no') && isToken(tokens.peek(), 'scroll')) {
    tokens.advance();
    tokens.advance();
    return false;
  }
  return tokens.accept('scroll') ? true : undefined;
}

/** A variable that INTO, FOR and the like write to. */
export function parseTarget(tokens: TokenStream): PlTarget {
  const { line } = tokens;
  const offset = tokens.current.start;
  const names = [
    tokens.current.kind === TokenKind.parameter ? tokens.advance().text : tokens.identifier(),
  ];
  while (tokens.accept('.')) names.push(tokens.identifier());
  return { names, line, offset };
}

/** LOOP … END LOOP [label]; */
export function parseLoopBody(tokens: TokenStream, label: string | undefined): PlStatement[] {
  tokens.expect('loop');
  const body = parseBody(tokens, 'end');
  tokens.expect('end');
  tokens.expect('loop');
  parseEndLabel(tokens, label);
  tokens.expect(';');
  return body;
}

/** [USING expression, …] up to the semicolon or one of the words. */
export function parseUsing(tokens: TokenStream, ...ends: readonly string[]): PlSql[] {
  const values: PlSql[] = [];
  if (!tokens.accept('using')) return values;
  do values.push(tokens.sqlUntil(',', ';', ...ends));
  while (tokens.accept(','));
  return values;
}

/** Is the token the beginning of a query? */
export function beginsQuery(tokens: TokenStream): boolean {
  return (
    tokens.is('(') ||
    [
      'select',
      'with',
      'values',
      'table',
      'insert',
      'update',
      'delete',
      'merge',
      'explain',
      'show',
    ].some((word) => isToken(tokens.current, word))
  );
}
