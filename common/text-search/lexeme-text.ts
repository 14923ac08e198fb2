// Words in the text of tsvector and tsquery values: bare up to a delimiter, or in quotes; a backslash
// takes the next character as it is.

import { databaseError } from '../errors.ts';

/** 'it''s' */
export function quoteLexeme(word: string): string {
  return `'${word.replace(/['\\]/g, '$&$&')}'`;
}

export class LexemeReader {
  private readonly text: string;
  private readonly typeName: string;
  private readonly delimiters: string;
  position = 0;

  /** `delimiters` end a bare word besides blanks and colons. */
  constructor(text: string, typeName: string, delimiters: string) {
    this.text = text;
    this.typeName = typeName;
    this.delimiters = delimiters;
  }

  get character(): string | undefined {
    return this.text[this.position];
  }

  get rest(): string {
    return this.text.slice(this.position);
  }

  get atBlank(): boolean {
    const { character } = this;
    return character === undefined || /\s/.test(character);
  }

  skipBlanks(): void {
    while (this.character !== undefined && /\s/.test(this.character)) this.position++;
  }

  take(character: string): boolean {
    if (this.character !== character) return false;
    this.position++;
    return true;
  }

  /** A sticky pattern at this place. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  /** undefined at the end of the text. */
  word(): string | undefined {
    this.skipBlanks();
    const { character } = this;
    if (character === undefined) return undefined;
    if (character === "'") return this.quoted();
    if (character === ':' || this.delimiters.includes(character)) throw this.syntaxError();
    let word = '';
    while (!this.atBlank) {
      const next = this.text[this.position];
      if (next === ':' || this.delimiters.includes(next)) break;
      word += this.escaped();
    }
    return word;
  }

  private quoted(): string {
    this.position++;
    let word = '';
    for (;;) {
      if (this.character === undefined) throw this.syntaxError();
      if (this.character === "'") {
        if (this.text[this.position + 1] !== "'") break;
        word += "'";
        this.position += 2;
      } else word += this.escaped();
    }
    this.position++;
    if (word === '') throw this.syntaxError();
    return word;
  }

  private escaped(): string {
    if (this.character === '\\') {
      this.position++;
      if (this.character === undefined) {
        throw databaseError('syntaxError', `there is no escaped character: "${this.text}"`);
      }
    }
    const character = String.fromCodePoint(this.text.codePointAt(this.position)!);
    this.position += character.length;
    return character;
  }

  syntaxError(): Error {
    return databaseError('syntaxError', `syntax error in ${this.typeName}: "${this.text}"`);
  }
}
