// JSON text: a parser that reports errors as PostgreSQL's json input does, and a checker for type
// json, which keeps the text as entered.

import { databaseError, type DatabaseError } from './errors.ts';
import { JsonObject, type JsonValue } from './json-value.ts';
import { arrayElementsMax, jsonDepthMax } from './limits.ts';
import { Numeric } from './numeric.ts';

/** Parses a document as jsonb input does; 22P02 with detail and context, 54001 when nested too deeply. */
export function parseJson(text: string): JsonValue {
  return new JsonParser(text, true).document();
}

/** Accepts what the type json accepts: escapes are checked for form only. */
export function checkJson(text: string): void {
  new JsonParser(text, false).document();
}

/** An object's members in the order of the text, duplicates kept: what json (not jsonb) functions see. */
export type JsonSource =
  | { readonly kind: 'object'; readonly members: readonly { key: string; value: string }[] }
  | { readonly kind: 'array'; readonly elements: readonly string[] }
  | { readonly kind: 'scalar'; readonly value: JsonValue };

/** Takes one level of a json text apart; members and elements are its own text, trimmed. */
export function openJson(text: string): JsonSource {
  return new JsonParser(text, true).open();
}

type TokenKind = '{' | '}' | '[' | ']' | ':' | ',' | 'string' | 'number' | 'word' | 'end';

const whitespace = /[ \t\n\r]*/y;
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const alphanumerics = /[\w\u0080-\uffff]*/y;
const plainCharacters = /[^"\\\u0000-\u001f]*/y;
const punctuation = new Set(['{', '}', '[', ']', ':', ',']);

class JsonParser {
  private readonly text: string;
  private readonly strict: boolean;
  private kind: TokenKind;
  private tokenStart: number;
  private tokenEnd: number;
  private previousEnd: number;
  private content: string;
  private depth: number;

  constructor(text: string, strict: boolean) {
    this.text = text;
    this.strict = strict;
    this.kind = 'end';
    this.tokenStart = 0;
    this.tokenEnd = 0;
    this.previousEnd = 0;
    this.content = '';
    this.depth = 0;
  }

  document(): JsonValue {
    this.next();
    const value = this.value();
    if (this.kind !== 'end') throw this.unexpected('end of input');
    return value;
  }

  open(): JsonSource {
    this.next();
    let source: JsonSource;
    if (this.kind === '{') source = { kind: 'object', members: this.memberTexts() };
    else if (this.kind === '[') source = { kind: 'array', elements: this.elementTexts() };
    else source = { kind: 'scalar', value: this.value() };
    if (this.kind !== 'end') throw this.unexpected('end of input');
    return source;
  }

  private valueText(): string {
    const start = this.tokenStart;
    this.value();
    return this.text.slice(start, this.previousEnd);
  }

  private memberTexts(): { key: string; value: string }[] {
    const members: { key: string; value: string }[] = [];
    this.objectMembers((key) => members.push({ key, value: this.valueText() }));
    return members;
  }

  private elementTexts(): string[] {
    const elements: string[] = [];
    this.arrayElements(() => elements.push(this.valueText()));
    return elements;
  }

  private value(): JsonValue {
    switch (this.kind) {
      case '{': {
        const entries: [string, JsonValue][] = [];
        this.objectMembers((key) => entries.push([key, this.value()]));
        return JsonObject.of(entries);
      }
      case '[': {
        const elements: JsonValue[] = [];
        this.arrayElements(() => elements.push(this.value()));
        return elements;
      }
      case 'string':
      case 'number':
      case 'word':
        return this.scalar();
      default:
        throw this.unexpected('JSON value');
    }
  }

  private scalar(): JsonValue {
    const { kind, content } = this;
    this.next();
    if (kind === 'string') return content;
    if (kind === 'number') return this.strict ? Numeric.parse(content) : null;
    return content === 'null' ? null : content === 'true';
  }

  private objectMembers(member: (key: string) => void): void {
    this.enter();
    this.next();
    if (!this.at('}')) {
      if (!this.at('string')) throw this.unexpected('string or "}"');
      for (;;) {
        const key = this.content;
        this.next();
        if (!this.at(':')) throw this.unexpected('":"');
        this.next();
        member(key);
        if (!this.at(',')) break;
        this.next();
        if (!this.at('string')) throw this.unexpected('string');
      }
      if (!this.at('}')) throw this.unexpected('"," or "}"');
    }
    this.next();
    this.depth--;
  }

  private arrayElements(element: () => void): void {
    this.enter();
    this.next();
    if (!this.at(']')) {
      for (let count = 1; ; count++) {
        if (count > arrayElementsMax) {
          throw databaseError(
            'programLimitExceeded',
            `number of array elements exceeds the maximum allowed (${arrayElementsMax})`,
          );
        }
        element();
        if (!this.at(',')) break;
        this.next();
      }
      if (!this.at(']')) throw this.unexpected('"," or "]"');
    }
    this.next();
    this.depth--;
  }

  private at(kind: TokenKind): boolean {
    return this.kind === kind;
  }

  private enter(): void {
    if (++this.depth > jsonDepthMax) {
      throw databaseError('statementTooComplex', 'stack depth limit exceeded', {
        detail: `A json document may be nested ${jsonDepthMax} levels deep.`,
      });
    }
  }

  private next(): void {
    const { text } = this;
    this.previousEnd = this.tokenEnd;
    const start = this.matchEnd(whitespace, this.tokenEnd);
    this.tokenStart = start;
    if (start >= text.length) {
      this.kind = 'end';
      this.tokenEnd = start;
      return;
    }
    const first = text[start];
    if (punctuation.has(first)) {
      this.kind = first as TokenKind;
      this.tokenEnd = start + 1;
    } else if (first === '"') {
      this.kind = 'string';
      this.content = this.stringToken(start + 1);
    } else if (first === '-' || (first >= '0' && first <= '9')) {
      this.numberOrInvalid(start);
    } else {
      const end = Math.max(this.matchEnd(alphanumerics, start), start + 1);
      this.tokenEnd = end;
      this.content = text.slice(start, end);
      if (this.content !== 'true' && this.content !== 'false' && this.content !== 'null') {
        throw this.invalidToken();
      }
      this.kind = 'word';
    }
  }

  private matchEnd(pattern: RegExp, start: number): number {
    pattern.lastIndex = start;
    return pattern.test(this.text) ? pattern.lastIndex : start;
  }

  private numberOrInvalid(start: number): void {
    const matched = this.matchEnd(numberToken, start);
    let end = matched;
    if (end === start) end = start + 1;
    else if (/[.eE]/.test(this.text[end] ?? '')) end++;
    const invalidEnd = this.matchEnd(alphanumerics, end);
    this.tokenEnd = invalidEnd;
    if (matched === start || invalidEnd !== matched) throw this.invalidToken();
    this.kind = 'number';
    this.content = this.text.slice(start, matched);
  }

  /** Reads up to the closing quote and returns the decoded text. */
  private stringToken(start: number): string {
    const { text } = this;
    let result = '';
    let position = start;
    for (;;) {
      const end = this.matchEnd(plainCharacters, position);
      result += text.slice(position, end);
      position = end;
      this.tokenEnd = end;
      if (end >= text.length) throw this.invalidToken();
      if (text[end] === '"') break;
      if (text[end] !== '\\') {
        const code = text.charCodeAt(end).toString(16).padStart(2, '0');
        throw this.invalid(`Character with value 0x${code} must be escaped.`);
      }
      if (end + 1 >= text.length) {
        this.tokenEnd = end + 1;
        throw this.invalidToken();
      }
      const escaped = text[end + 1];
      if (escaped === 'u') {
        const unit = this.unicodeEscape(end);
        result += unit;
        position = this.tokenEnd;
      } else {
        result += this.simpleEscape(escaped, end + 1);
        position = end + 2;
      }
    }
    this.tokenEnd = position + 1;
    return result;
  }

  private simpleEscape(escaped: string, position: number): string {
    const index = '"\\/bfnrt'.indexOf(escaped);
    if (index < 0) {
      const character = String.fromCodePoint(this.text.codePointAt(position)!);
      this.tokenEnd = position + character.length;
      throw this.invalid(`Escape sequence "\\${character}" is invalid.`);
    }
    return '"\\/\b\f\n\r\t'[index];
  }

  /** \uXXXX at a position, with its low surrogate where it needs one; moves tokenEnd behind it. */
  private unicodeEscape(position: number): string {
    const unit = this.hexUnit(position);
    if (!this.strict) return '';
    if (unit === 0) {
      throw databaseError('untranslatableCharacter', 'unsupported Unicode escape sequence', {
        detail: '\\u0000 cannot be converted to text.',
        where: this.context(),
      });
    }
    if (unit >= 0xdc00 && unit <= 0xdfff) throw this.lowSurrogate();
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    const second = this.tokenEnd;
    if (this.text[second] !== '\\' || this.text[second + 1] !== 'u') {
      const found = this.text.codePointAt(second);
      if (found !== undefined && found !== 34) this.tokenEnd = second + (found > 0xffff ? 2 : 1);
      else if (found === 34) this.tokenEnd = second + 1;
      throw this.lowSurrogate();
    }
    const low = this.hexUnit(second);
    if (low >= 0xd800 && low <= 0xdbff) {
      throw this.invalid('Unicode high surrogate must not follow a high surrogate.');
    }
    if (low < 0xdc00 || low > 0xdfff) throw this.lowSurrogate();
    return String.fromCharCode(unit, low);
  }

  private hexUnit(position: number): number {
    const digits = /^[0-9a-fA-F]{0,4}/.exec(this.text.slice(position + 2, position + 6))![0];
    this.tokenEnd = position + 2 + digits.length;
    if (digits.length < 4) {
      if (this.tokenEnd < this.text.length) this.tokenEnd++;
      throw this.invalid('"\\u" must be followed by four hexadecimal digits.');
    }
    return parseInt(digits, 16);
  }

  private lowSurrogate(): DatabaseError {
    return this.invalid('Unicode low surrogate must follow a high surrogate.');
  }

  private invalidToken(): DatabaseError {
    return this.invalid(`Token "${this.text.slice(this.tokenStart, this.tokenEnd)}" is invalid.`);
  }

  private unexpected(expected: string): DatabaseError {
    if (this.kind === 'end') return this.invalid('The input string ended unexpectedly.');
    const found = this.text.slice(this.tokenStart, this.tokenEnd);
    return this.invalid(`Expected ${expected}, but found "${found}".`);
  }

  private invalid(detail: string): DatabaseError {
    return databaseError('invalidTextRepresentation', 'invalid input syntax for type json', {
      detail,
      where: this.context(),
    });
  }

  /** The line up to the offending token, shortened to its last 50 characters. */
  private context(): string {
    const { text } = this;
    const before = text.slice(0, this.tokenStart);
    const lineStart = before.lastIndexOf('\n') + 1;
    const lineNumber = before.split('\n').length;
    const end = this.tokenEnd;
    let start = Math.max(lineStart, end - 50);
    if (start - lineStart <= 3) start = lineStart;
    const prefix = start > lineStart ? '...' : '';
    const cut = this.kind !== 'end' || end < text.length;
    const more = cut && end < text.length && text[end] !== '\n' && text[end] !== '\r';
    return `JSON data, line ${lineNumber}: ${prefix}${text.slice(start, end)}${more ? '...' : ''}`;
  }
}
