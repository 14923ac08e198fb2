// Tokens of the jsonpath language, with PostgreSQL's escapes in names and strings.

import { databaseError, type DatabaseError } from '../errors.ts';

export interface PathToken {
  /** keyword and symbol: `text` says which. */
  readonly kind:
    | 'name'
    | 'keyword'
    | 'string'
    | 'variable'
    | 'integer'
    | 'number'
    | 'symbol'
    | 'end';
  readonly text: string;
  readonly source: string;
  /** What PostgreSQL's lexer has in hand when the token turns out wrong. */
  readonly near: string;
}

const caseless = new Set(
  (
    'abs ceiling datetime double exists flag floor is keyvalue last lax like_regex size starts ' +
    'strict to type unknown with'
  ).split(' '),
);
const lowerCaseOnly = new Set(['true', 'false', 'null']);
const symbols = [
  '**',
  '&&',
  '||',
  '<=',
  '>=',
  '<>',
  '!=',
  '==',
  ...'?$.[]{}()!=<>@,*:-+/%|&#'.split(''),
];
const special = /[?%$.[\]{}()|&!=<>@#,*:\-+/"\\\s]/;
const numberPattern = /^(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/;

export function syntaxError(near: string): DatabaseError {
  const place = near === '' ? 'at end' : `at or near "${near}"`;
  return databaseError('syntaxError', `syntax error ${place} of jsonpath input`);
}

export function tokenizePath(text: string): PathToken[] {
  const tokens: PathToken[] = [];
  let at = 0;
  for (;;) {
    at = skipBlanks(text, at);
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    tokens.push(token);
    at += token.source.length;
  }
  tokens.push({ kind: 'end', text: '', source: '', near: '' });
  return tokens;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  for (;;) {
    while (at < text.length && /[ \t\n\r\f]/.test(text[at])) at++;
    if (!text.startsWith('/*', at)) return at;
    const end = text.indexOf('*/', at + 2);
    if (end < 0)
      throw databaseError('syntaxError', 'unexpected end of comment at end of jsonpath input');
    at = end + 2;
  }
}

function tokenAt(text: string, at: number): PathToken {
  const character = text[at];
  if (character === '"') return quoted(text, at, 'string', 1);
  if (character === '$') return variableAt(text, at);
  const number = numberPattern.exec(text.slice(at, at + 2000));
  if (number !== null) return numberToken(text, at, number[0]);
  const symbol = symbols.find((candidate) => text.startsWith(candidate, at));
  if (symbol !== undefined) {
    const plain = symbol === '<>' ? '!=' : symbol;
    return { kind: 'symbol', text: plain, source: symbol, near: symbol };
  }
  return nameAt(text, at);
}

function numberToken(text: string, at: number, source: string): PathToken {
  const following = text[at + source.length];
  if (following !== undefined && !special.test(following)) {
    throw databaseError(
      'syntaxError',
      `trailing junk after numeric literal at or near "${source}${following}" of jsonpath input`,
    );
  }
  const isInteger = /^\d+$/.test(source);
  return { kind: isInteger ? 'integer' : 'number', text: source, source, near: source };
}

function variableAt(text: string, at: number): PathToken {
  if (text[at + 1] === '"') {
    const name = quoted(text, at + 1, 'variable', 1);
    return { ...name, source: `$${name.source}` };
  }
  if (text[at + 1] === undefined || (special.test(text[at + 1]) && text[at + 1] !== '\\'))
    return { kind: 'symbol', text: '$', source: '$', near: '$' };
  const name = nameAt(text, at + 1);
  return { kind: 'variable', text: name.text, source: `$${name.source}`, near: name.near };
}

/** A name without quotes; a keyword unless it has escapes. */
function nameAt(text: string, start: number): PathToken {
  let at = start;
  let name = '';
  let escaped = false;
  while (at < text.length) {
    const character = text[at];
    if (character === '\\') {
      const escape = escapeAt(text, at);
      name += escape.text;
      at += escape.length;
      escaped = true;
    } else if (special.test(character)) break;
    else {
      name += character;
      at++;
    }
  }
  const source = text.slice(start, at);
  if (source === '') throw syntaxError(text[start]);
  // A name ends by looking at what follows: blanks are taken, anything else is put back.
  const near = /^[ \t\n\r\f]*/.exec(text.slice(at, at + 100))?.[0] ?? '';
  const lower = name.toLowerCase();
  if (!escaped && (caseless.has(lower) || lowerCaseOnly.has(name)))
    return { kind: 'keyword', text: lower, source, near };
  return { kind: 'name', text: name, source, near };
}

function quoted(text: string, start: number, kind: 'string' | 'variable', skip: number): PathToken {
  let at = start + skip;
  let value = '';
  for (;;) {
    const character = text[at];
    if (character === undefined) {
      throw databaseError(
        'syntaxError',
        'unexpected end of quoted string at end of jsonpath input',
      );
    }
    if (character === '"') break;
    if (character === '\\') {
      const escape = escapeAt(text, at);
      value += escape.text;
      at += escape.length;
    } else {
      value += character;
      at++;
    }
  }
  return { kind, text: value, source: text.slice(start, at + 1), near: '"' };
}

const plainEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function escapeAt(text: string, at: number): { text: string; length: number } {
  const letter = text[at + 1];
  if (letter === undefined) {
    throw databaseError('syntaxError', 'unexpected end after backslash at end of jsonpath input');
  }
  if (plainEscapes[letter] !== undefined) return { text: plainEscapes[letter], length: 2 };
  const rest = text.slice(at);
  if (letter === 'x') {
    const match = /^\\x([\da-fA-F]{2})/.exec(rest);
    if (match === null)
      throw databaseError(
        'syntaxError',
        `invalid hexadecimal character sequence at or near "${rest.slice(0, 2)}" of jsonpath input`,
      );
    return { text: character(parseInt(match[1], 16)), length: 4 };
  }
  if (letter !== 'u') return { text: letter, length: 2 };
  return unicodeEscape(rest);
}

function unicodeEscape(rest: string): { text: string; length: number } {
  const match = /^(?:\\u(?:[\da-fA-F]{4}|\{[\da-fA-F]{1,6}\}))+/.exec(rest);
  if (match === null)
    throw databaseError(
      'syntaxError',
      `invalid Unicode escape sequence at or near "${rest.slice(0, 2)}" of jsonpath input`,
    );
  let result = '';
  for (const code of match[0].matchAll(/\\u\{?([\da-fA-F]+)\}?/g)) {
    const value = parseInt(code[1], 16);
    result += value < 0x10000 ? String.fromCharCode(value) : character(value);
    if (value === 0) throw zeroCharacter();
  }
  if (!result.isWellFormed()) {
    throw databaseError('invalidTextRepresentation', 'invalid input syntax for type json', {
      detail: 'Unicode low surrogate must follow a high surrogate.',
    });
  }
  return { text: result, length: match[0].length };
}

function character(code: number): string {
  if (code === 0) throw zeroCharacter();
  if (code > 0x10ffff) {
    throw databaseError('syntaxError', 'Unicode escape value could not be translated');
  }
  return String.fromCodePoint(code);
}

function zeroCharacter(): DatabaseError {
  return databaseError('untranslatableCharacter', 'unsupported Unicode escape sequence', {
    detail: '\\u0000 cannot be converted to text.',
  });
}
