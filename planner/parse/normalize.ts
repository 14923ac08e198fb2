// The statement cache's key: the text of a simple statement with its literals lifted out as
// parameters, so that texts that differ only in constants share one plan, as prepared statements do.
//
// It is conservative. A literal stays in the text where the binder or the planner reads its value
// (ordinals of ORDER BY, GROUP BY and DISTINCT ON, type modifiers, typed constants, casts), and a
// statement that looks unusual is not normalised at all. Whatever is lifted must bind to the same
// types as the literal would: integers by their value (int4, int8, numeric), decimals as numeric,
// strings as unknown. When the normalised text fails to parse or bind, the caller uses the original
// text, whose error has the right position.

import { Lexer, TokenKind } from './lexer.ts';
import { parseLimits } from './limits.ts';

export interface LiftedLiteral {
  readonly kind: 'integer' | 'decimal' | 'string';
  /** Digits with their sign, or the string's value without quotes. */
  readonly text: string;
}

export interface NormalizedStatement {
  /** The statement with $1, $2 … for the literals. */
  readonly text: string;
  /** Identifies the plan: the text and the types of its literals. */
  readonly key: string;
  /** Equal literals are one. */
  readonly literals: readonly LiftedLiteral[];
}

/** undefined when the statement is to be cached by its exact text. */
export function normalizeStatement(sql: string): NormalizedStatement | undefined {
  if (sql.length > parseLimits.normalizedLengthMax || dividesByZero(sql)) return undefined;
  const lexer = new Lexer(sql);
  let kind = lexer.next();
  if (kind !== TokenKind.word || !statementWords.has(lexer.word())) return undefined;
  const lifting = new Lifting(sql);
  while (kind !== TokenKind.end) {
    if (!lifting.accept(kind, lexer)) return undefined;
    kind = lexer.next();
  }
  return lifting.finish();
}

/** The error of a constant division belongs to planning, which must therefore see the zero. */
function dividesByZero(sql: string): boolean {
  if (!sql.includes('/') && !sql.includes('%')) return false;
  return /[/%][\s(+-]*0+(?:\.0*)?(?![\w.])/.test(sql);
}

const statementWords = new Set(['select', 'insert', 'update', 'delete']);

/** Words after which a literal is a plain operand. Not LIKE: the planner reads a pattern's fixed start. */
const operandWords = new Set([
  'select',
  'where',
  'and',
  'or',
  'not',
  'on',
  'having',
  'when',
  'then',
  'else',
  'in',
  'between',
  'limit',
  'offset',
  'set',
  'values',
  'distinct',
  'all',
  'any',
  'case',
  'returning',
  'from',
]);
/** What may stand before the first item of a list of ordinals. */
const listWords = new Set(['by', 'distinct', 'all']);
/** Clauses whose integers are ordinals, until one of the words that end them. */
const ordinalEnd = new Set([
  'having',
  'limit',
  'offset',
  'fetch',
  'for',
  'union',
  'intersect',
  'except',
  'window',
  'order',
  'where',
  'returning',
  'from',
]);

/** Grouping sets make null what equals their keys, constants too: those must stay what they are. */
const groupingSetWords = new Set(['rollup', 'cube', 'grouping']);

const slotKept = 0;
const slotOrdinals = 1;
const slotType = 2;

class Lifting {
  private readonly sql: string;
  private readonly literals: LiftedLiteral[] = [];
  private readonly numbers = new Map<string, number>();
  private text = '';
  private kinds = '';
  private copied = 0;
  /** What the last token was, for telling a plain operand. */
  private previousKind: TokenKind = TokenKind.end;
  private previousWord = '';
  private previousCode = 0;
  /** Start of a sign that belongs to the next number; -1 when there is none. */
  private sign = -1;
  /** Per open bracket: what literals inside it are. */
  private readonly brackets: number[] = [];
  private place = slotKept;
  private inType = false;
  /** An operand came before in the item of a list of ordinals: what follows is part of an expression. */
  private itemStarted = false;
  private ended = false;
  /** A literal waits for the next token, which may be a cast. */
  private pending:
    | { readonly start: number; readonly end: number; readonly kind: LiftedLiteral['kind'] }
    | undefined;

  constructor(sql: string) {
    this.sql = sql;
  }

  /** Takes the lexer's token; false when the statement cannot be normalised. */
  accept(kind: TokenKind, lexer: Lexer): boolean {
    const code = this.sql.charCodeAt(lexer.start);
    const settled = this.settle(kind, lexer, code);
    if (!settled || this.ended) return settled && code === 59 && kind === TokenKind.punctuation;
    switch (kind) {
      case TokenKind.word:
        if (groupingSetWords.has(lexer.word())) return false;
        this.takeWord(lexer.word());
        break;
      case TokenKind.quotedIdentifier:
        this.previousWord = '"';
        break;
      case TokenKind.integer:
      case TokenKind.decimal:
      case TokenKind.string:
        this.takeLiteral(kind, lexer);
        break;
      case TokenKind.operator:
        this.takeOperator(lexer, code);
        break;
      case TokenKind.punctuation:
        this.takePunctuation(code);
        break;
      default:
        return kind === TokenKind.otherString;
    }
    if (kind !== TokenKind.word) this.previousWord = kind === TokenKind.quotedIdentifier ? '"' : '';
    if (
      kind !== TokenKind.operator &&
      kind !== TokenKind.punctuation &&
      !listWords.has(this.previousWord)
    )
      this.itemStarted = true;
    this.previousKind = kind;
    this.previousCode = code;
    return this.literals.length <= parseLimits.liftedLiteralsMax;
  }

  finish(): NormalizedStatement {
    this.lift();
    const text = this.text + this.sql.slice(this.copied);
    return { text, key: `${text}\0${this.kinds}`, literals: this.literals };
  }

  /** Lifts the literal before the current token unless that token is a cast, a subscript or a string. */
  private settle(kind: TokenKind, lexer: Lexer, code: number): boolean {
    if (this.pending === undefined) return true;
    const cast = kind === TokenKind.operator && code === 58;
    const continued = kind === TokenKind.string || kind === TokenKind.otherString;
    const subscript = kind === TokenKind.punctuation && (code === 91 || code === 46);
    const named = kind === TokenKind.word && /^(uescape|collate|at)$/i.test(lexer.word());
    if (cast || continued || subscript || named) this.pending = undefined;
    else this.lift();
    return !continued;
  }

  private lift(): void {
    if (this.pending === undefined) return;
    const { start, end, kind } = this.pending;
    this.pending = undefined;
    const raw = this.sql.slice(start, end);
    const text =
      kind === 'string' ? raw.slice(1, -1).replaceAll("''", "'") : raw.replaceAll(/\s/g, '');
    const identity = `${kind}:${text}`;
    let number = this.numbers.get(identity);
    if (number === undefined) {
      number = this.literals.push({ kind, text });
      this.numbers.set(identity, number);
      this.kinds += kind === 'integer' ? integerKind(text) : kind[0];
    }
    this.text += `${this.sql.slice(this.copied, start)}$${number}`;
    this.copied = end;
  }

  private takeWord(word: string): void {
    if (this.place === slotOrdinals && ordinalEnd.has(word)) this.place = slotKept;
    if (word === 'by' || (word === 'on' && this.previousWord === 'distinct')) this.startOrdinals();
    if (word === 'as') this.inType = true;
    else if (this.inType && this.previousWord !== 'as' && operandWords.has(word))
      this.inType = false;
    this.previousWord = word;
    this.sign = -1;
  }

  private startOrdinals(): void {
    this.place = slotOrdinals;
    this.itemStarted = false;
  }

  private takeLiteral(kind: TokenKind, lexer: Lexer): void {
    const sign = this.sign;
    this.sign = -1;
    const isString = kind === TokenKind.string;
    if (this.inType || (this.place === slotOrdinals && !isString && !this.itemStarted)) return;
    if (sign < 0 && !this.expectsOperand()) return;
    if (isString && sign >= 0) return;
    const start = sign >= 0 ? sign : lexer.start;
    this.pending = {
      start,
      end: lexer.end,
      kind: isString ? 'string' : kind === TokenKind.integer ? 'integer' : 'decimal',
    };
  }

  /** True when what came last cannot be the start of a typed constant or of anything but an operand. */
  private expectsOperand(): boolean {
    switch (this.previousKind) {
      case TokenKind.word:
        return operandWords.has(this.previousWord);
      case TokenKind.operator:
        return this.previousCode !== 58;
      case TokenKind.punctuation:
        return this.previousCode === 40 || this.previousCode === 44 || this.previousCode === 91;
      default:
        return false;
    }
  }

  private takeOperator(lexer: Lexer, code: number): void {
    const minus = code === 45 && lexer.end === lexer.start + 1;
    // A minus after an operand subtracts; elsewhere it is the sign of the number behind it.
    this.sign = minus && this.expectsOperand() && !this.inType ? lexer.start : -1;
    this.inType = code === 58;
  }

  private takePunctuation(code: number): void {
    this.sign = -1;
    if (code === 40) {
      this.brackets.push(this.place);
      const castCall =
        this.previousWord === 'cast' ||
        this.previousWord === 'extract' ||
        this.previousWord === 'overlay';
      const list =
        this.place === slotOrdinals && /^(?:by|on|rollup|cube|sets)?$/.test(this.previousWord);
      this.place = this.inType || castCall ? slotType : list ? slotOrdinals : slotKept;
      if (this.place === slotType) this.inType = true;
      this.itemStarted = false;
    } else if (code === 41) {
      const inner = this.place;
      this.place = this.brackets.pop() ?? slotKept;
      this.itemStarted = true;
      this.inType = inner === slotType && this.place === slotType;
    } else if (code === 44) {
      this.inType = this.place === slotType;
      this.itemStarted = false;
    } else if (code === 59) {
      this.ended = true;
    }
  }
}

/** Integers of different widths have different types, and so different plans. */
function integerKind(text: string): string {
  const value = Number(text);
  if (value >= -2147483648 && value <= 2147483647) return '4';
  if (text.length < 16) return '8';
  const exact = BigInt(text);
  return exact >= -9223372036854775808n && exact <= 9223372036854775807n ? '8' : 'n';
}
