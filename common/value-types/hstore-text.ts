// The text form of hstore: key => value, …; keys and values are words or stand in double quotes, a
// backslash takes the next character as it is, and the word NULL is no value.

import { databaseError, type DatabaseError } from '../errors.ts';

/** The pairs as they are written, those of one key too. 42601 (PostgreSQL 15: XX000). */
export function parseHstore(text: string): [key: string, value: string | null][] {
  return new HstoreReader(text).pairs();
}

/** PostgreSQL's scanner_isspace(). */
const isBlank = (character: string): boolean => /[ \t\n\r\f]/.test(character);

interface Word {
  readonly text: string;
  readonly isQuoted: boolean;
}

class HstoreReader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  pairs(): [string, string | null][] {
    const pairs: [string, string | null][] = [];
    for (;;) {
      const key = this.word('=');
      if (key === undefined) return pairs;
      this.skipBlanks();
      this.expect('=');
      this.expect('>');
      const value = this.word(',');
      if (value === undefined) throw unexpectedEnd();
      const isNull = !value.isQuoted && value.text.toLowerCase() === 'null';
      pairs.push([key.text, isNull ? null : value.text]);
      this.skipBlanks();
      if (this.at === this.text.length) return pairs;
      this.expect(',');
    }
  }

  private skipBlanks(): void {
    while (this.at < this.text.length && isBlank(this.text[this.at])) this.at++;
  }

  private expect(character: string): void {
    if (this.at === this.text.length) throw unexpectedEnd();
    if (this.text[this.at] !== character) throw this.unexpected();
    this.at++;
  }

  /** Up to a blank or the delimiter; undefined: nothing is left. */
  private word(delimiter: '=' | ','): Word | undefined {
    this.skipBlanks();
    if (this.at === this.text.length) return undefined;
    if (this.text[this.at] === '"') return { text: this.quoted(), isQuoted: true };
    if (delimiter === '=' && this.text[this.at] === '=') throw this.unexpected();
    let word = '';
    // The first character may be a comma.
    for (let isFirst = true; this.at < this.text.length; isFirst = false) {
      const character = this.text[this.at];
      if (isBlank(character) || (character === delimiter && !isFirst)) break;
      word += character === '\\' ? this.escaped() : character;
      this.at++;
    }
    return { text: word, isQuoted: false };
  }

  private quoted(): string {
    let word = '';
    for (;;) {
      const character = this.text[++this.at];
      if (character === undefined) throw unexpectedEnd();
      if (character === '"') break;
      word += character === '\\' ? this.escaped() : character;
    }
    this.at++;
    return word;
  }

  /** Stays on the character that follows the backslash. */
  private escaped(): string {
    const character = this.text[++this.at];
    if (character === undefined) throw unexpectedEnd();
    return character;
  }

  private unexpected(): DatabaseError {
    const character = String.fromCodePoint(this.text.codePointAt(this.at)!);
    const position = Buffer.byteLength(this.text.slice(0, this.at));
    return databaseError('syntaxError', `Syntax error near "${character}" at position ${position}`);
  }
}

function unexpectedEnd(): DatabaseError {
  return databaseError('syntaxError', 'Unexpected end of string');
}
