// The tokens of a body of PL/pgSQL, with their lines, and the pieces of SQL between them.

import { databaseError, type DatabaseError } from '#common';
import { Lexer, TokenKind } from '../parse/lexer.ts';
import type { PlSql, PlStatement } from './syntax-tree.ts';

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** Lower-case for words, unquoted for quoted identifiers, the text for the rest. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** The entry of the recursive grammar, so that its files need not import each other. */
export interface StatementGrammar {
  statement(tokens: TokenStream): PlStatement;
}

export class TokenStream {
  readonly body: string;
  readonly grammar: StatementGrammar;
  private readonly tokens: Token[] = [];
  private position = 0;

  constructor(body: string, grammar: StatementGrammar) {
    this.body = body;
    this.grammar = grammar;
    const lexer = new Lexer(body);
    let line = 1;
    let counted = 0;
    for (;;) {
      const kind = this.nextKind(lexer);
      const { start, end } = lexer;
      for (; counted < start; counted++) if (body.charCodeAt(counted) === 10) line++;
      const text = body.slice(start, end);
      this.tokens.push({ kind, text, value: valueOf(kind, text), start, end, line });
      if (kind === TokenKind.end) return;
      if (kind === TokenKind.invalid && end <= start) {
        throw databaseError('syntaxError', 'unterminated text in a function body');
      }
    }
  }

  /** ".." never belongs to a number here: the bounds of loops are written 1..10. */
  private nextKind(lexer: Lexer): TokenKind {
    const kind = lexer.next();
    const isDotted = kind === TokenKind.decimal && this.body.charCodeAt(lexer.start) === 46;
    if (!isDotted || this.tokens.at(-1)?.end !== lexer.start || this.tokens.at(-1)?.text !== '.')
      return kind;
    lexer.end = lexer.start + 1;
    return TokenKind.punctuation;
  }

  get current(): Token {
    return this.tokens[this.position];
  }

  get line(): number {
    return this.current.line;
  }

  peek(ahead = 1): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)];
  }

  advance(): Token {
    const token = this.current;
    if (token.kind !== TokenKind.end) this.position++;
    return token;
  }

  /** The word (not quoted) or the sign. */
  is(value: string): boolean {
    return isToken(this.current, value);
  }

  accept(value: string): boolean {
    if (!this.is(value)) return false;
    this.advance();
    return true;
  }

  expect(value: string): Token {
    if (!this.is(value)) throw this.syntaxError();
    return this.advance();
  }

  /** An identifier: a word or a quoted one. */
  identifier(): string {
    const { kind } = this.current;
    if (kind !== TokenKind.word && kind !== TokenKind.quotedIdentifier) throw this.syntaxError();
    return this.advance().value;
  }

  isIdentifier(token: Token = this.current): boolean {
    return token.kind === TokenKind.word || token.kind === TokenKind.quotedIdentifier;
  }

  /** ":=" or "=". */
  isAssignment(token: Token = this.current): boolean {
    return token.text === ':=' || token.text === '=';
  }

  /** Up to a terminator outside of parentheses, which is not taken. 42601 when there is nothing. */
  sqlUntil(...terminators: readonly string[]): PlSql {
    const sql = this.optionalSqlUntil(...terminators);
    if (sql.text === '') throw this.syntaxError();
    return sql;
  }

  optionalSqlUntil(...terminators: readonly string[]): PlSql {
    const first = this.current;
    let depth = 0;
    let end = first.start;
    for (;;) {
      const token = this.current;
      if (token.kind === TokenKind.end || (token.text === ';' && !terminators.includes(';')))
        throw this.unterminated(terminators);
      if (depth === 0 && terminators.some((each) => this.isTerminator(each))) break;
      if (token.text === '(' || token.text === '[') depth++;
      else if (token.text === ')' || token.text === ']') {
        depth--;
        if (depth < 0) throw mismatchedParentheses();
      }
      if (token.text === ';' && depth > 0) throw mismatchedParentheses();
      end = token.end;
      this.advance();
    }
    return { text: this.body.slice(first.start, end), offset: first.start };
  }

  private isTerminator(value: string): boolean {
    if (value === '..') {
      return this.is('.') && this.peek().text === '.' && this.peek().start === this.current.end;
    }
    return this.is(value);
  }

  private unterminated(terminators: readonly string[]): DatabaseError {
    const missing = terminators.find((each) => /^[a-z]/.test(each));
    if (this.current.kind === TokenKind.end || missing === undefined) return this.syntaxError();
    return databaseError(
      'syntaxError',
      `missing "${missing.toUpperCase()}" at end of SQL expression`,
    );
  }

  syntaxError(): DatabaseError {
    const { kind, text } = this.current;
    return databaseError(
      'syntaxError',
      kind === TokenKind.end ? 'syntax error at end of input' : `syntax error at or near "${text}"`,
    );
  }
}

export function isToken(token: Token, value: string): boolean {
  return token.kind === TokenKind.quotedIdentifier ? false : token.value === value;
}

export function mismatchedParentheses(): DatabaseError {
  return databaseError('syntaxError', 'mismatched parentheses');
}

function valueOf(kind: TokenKind, text: string): string {
  if (kind === TokenKind.word) return text.toLowerCase();
  if (kind === TokenKind.quotedIdentifier) return text.slice(1, -1).replaceAll('""', '"');
  return text;
}

/** The text of a string literal, in any of its forms. */
export function literalText(token: Token): string {
  const { kind, text } = token;
  if (kind === TokenKind.string) return text.slice(1, -1).replaceAll("''", "'");
  if (text.startsWith('$')) {
    const tag = text.slice(0, text.indexOf('$', 1) + 1);
    return text.slice(tag.length, -tag.length);
  }
  return unescape(text.slice(2, -1));
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
};

function unescape(text: string): string {
  return text.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))|''/gs,
    (match, unicode?: string, hex?: string, octal?: string, other?: string) => {
      if (match === "''") return "'";
      if (unicode !== undefined) return String.fromCharCode(parseInt(unicode, 16));
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      return escapes[other!] ?? other!;
    },
  );
}
