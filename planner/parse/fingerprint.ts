// A statement's text without its constants, as pg_stat_statements shows it, and the same in a form in which
// neither blanks nor the case of words matter: what statements are told apart by.
//
// Constants are replaced by $n, counted from behind the statement's own parameters. What is no constant of
// the query stays: ordinals of ORDER BY and GROUP BY, modifiers of types, IS NULL and its kin.

import { Lexer, TokenKind } from './lexer.ts';

export interface Fingerprint {
  readonly text: string;
  readonly canonical: string;
}

const constantWords = new Set(['null', 'true', 'false']);
/** Types whose modifiers are in the brackets behind them. */
const modifiedTypes = new Set([
  'numeric',
  'decimal',
  'dec',
  'varchar',
  'char',
  'character',
  'varying',
  'bpchar',
  'bit',
  'time',
  'timestamp',
  'interval',
  'float',
  'second',
]);
/** After these a minus is a sign. */
const operandWords =
  /^(?:select|where|and|or|not|on|when|then|else|in|between|limit|offset|set|values|by|returning|having|case|like|distinct|any|all|is|from)$/;

interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** Words in lower case. */
  readonly text: string;
}

function tokensOf(sql: string): Token[] {
  const lexer = new Lexer(sql);
  const tokens: Token[] = [];
  for (let kind = lexer.next(); kind !== TokenKind.end; kind = lexer.next()) {
    const { start, end } = lexer;
    const text = kind === TokenKind.word ? lexer.word() : sql.slice(start, end);
    tokens.push({ kind, start, end, text });
    if (kind === TokenKind.invalid) break;
  }
  while (tokens.at(-1)?.text === ';') tokens.pop();
  return tokens;
}

/** `sql` is one statement; of one that is no query the constants stay. */
export function fingerprint(sql: string, isQuery: boolean): Fingerprint {
  const tokens = tokensOf(sql);
  if (tokens.length === 0) return { text: '', canonical: '' };
  const end = tokens.at(-1)!.end;
  const parameters = tokens.filter(({ kind }) => kind === TokenKind.parameter);
  let number = Math.max(0, ...parameters.map(({ text }) => Number(text.slice(1))));
  const places = new Places(tokens);
  let text = '';
  let copied = tokens[0].start;
  const words: string[] = [];
  tokens.forEach((token, at) => {
    const isConstant = places.isConstant(at);
    if (!isQuery || !isConstant) {
      words.push(token.text);
      return;
    }
    const isSigned = places.isSign(at - 1);
    if (isSigned) words.pop();
    words.push('?');
    text += `${sql.slice(copied, isSigned ? tokens[at - 1].start : token.start)}$${++number}`;
    copied = token.end;
  });
  return { text: text + sql.slice(copied, end), canonical: words.join(' ') };
}

/** What a token is where it stands. */
class Places {
  private readonly tokens: readonly Token[];
  /** By token: it is in brackets that hold a type's modifiers, or in a list of ordinals. */
  private readonly kept: readonly boolean[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
    this.kept = keptTokens(tokens);
  }

  isConstant(at: number): boolean {
    const { kind, text } = this.tokens[at];
    switch (kind) {
      case TokenKind.string:
      case TokenKind.otherString:
      case TokenKind.decimal:
        return true;
      case TokenKind.integer:
        return !this.kept[at];
      case TokenKind.word: {
        const before = this.tokens[at - 1]?.text;
        return constantWords.has(text) && before !== 'is' && before !== 'not' && before !== '.';
      }
      default:
        return false;
    }
  }

  /** A minus before a number that follows no operand. */
  isSign(at: number): boolean {
    const token = this.tokens[at];
    const next = this.tokens[at + 1]?.kind;
    if (token?.text !== '-' || (next !== TokenKind.integer && next !== TokenKind.decimal))
      return false;
    const before = this.tokens[at - 1];
    if (before === undefined) return true;
    if (before.kind === TokenKind.word) return operandWords.test(before.text);
    return before.kind === TokenKind.operator || /^[(,[]$/.test(before.text);
  }
}

function keptTokens(tokens: readonly Token[]): boolean[] {
  const kept: boolean[] = [];
  let depth = 0;
  let modifierDepth = -1;
  let ordinalDepth = -1;
  tokens.forEach(({ text, kind }, at) => {
    if (text === '(') {
      depth++;
      if (modifiedTypes.has(tokens[at - 1]?.text ?? '')) modifierDepth = depth;
    } else if (text === ')') {
      if (depth === modifierDepth) modifierDepth = -1;
      if (depth === ordinalDepth) ordinalDepth = -1;
      depth--;
    } else if (text === 'by') ordinalDepth = depth;
    else if (kind === TokenKind.word && depth === ordinalDepth && !/^(?:asc|desc)$/.test(text))
      ordinalDepth = endsOrdinals.has(text) ? -1 : ordinalDepth;
    const before = tokens[at - 1]?.text;
    const isOrdinal = depth === ordinalDepth && (before === 'by' || before === ',');
    kept.push(depth === modifierDepth || isOrdinal);
  });
  return kept;
}

const endsOrdinals = new Set([
  'limit',
  'offset',
  'fetch',
  'having',
  'for',
  'union',
  'intersect',
  'except',
  'window',
  'rows',
  'range',
]);
