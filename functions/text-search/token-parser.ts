// The default parser: cuts a text into tokens of PostgreSQL's 23 types. At each place the forms are
// tried in the order below; compound forms (URLs, hyphenated words) are followed by their parts.

import { checkSearchedLength } from '#common';

export const tokenType = {
  asciiWord: 1,
  word: 2,
  numberWord: 3,
  email: 4,
  url: 5,
  host: 6,
  scientific: 7,
  version: 8,
  hyphenatedNumberPart: 9,
  hyphenatedPart: 10,
  hyphenatedAsciiPart: 11,
  blank: 12,
  tag: 13,
  protocol: 14,
  numberHyphenated: 15,
  asciiHyphenated: 16,
  hyphenated: 17,
  urlPath: 18,
  file: 19,
  decimal: 20,
  signedInteger: 21,
  unsignedInteger: 22,
  entity: 23,
} as const;

/** Ordered by number: alias and description, as ts_token_type() shows them. */
export const tokenTypes: readonly (readonly [id: number, alias: string, description: string])[] = [
  [1, 'asciiword', 'Word, all ASCII'],
  [2, 'word', 'Word, all letters'],
  [3, 'numword', 'Word, letters and digits'],
  [4, 'email', 'Email address'],
  [5, 'url', 'URL'],
  [6, 'host', 'Host'],
  [7, 'sfloat', 'Scientific notation'],
  [8, 'version', 'Version number'],
  [9, 'hword_numpart', 'Hyphenated word part, letters and digits'],
  [10, 'hword_part', 'Hyphenated word part, all letters'],
  [11, 'hword_asciipart', 'Hyphenated word part, all ASCII'],
  [12, 'blank', 'Space symbols'],
  [13, 'tag', 'XML tag'],
  [14, 'protocol', 'Protocol head'],
  [15, 'numhword', 'Hyphenated word, letters and digits'],
  [16, 'asciihword', 'Hyphenated word, all ASCII'],
  [17, 'hword', 'Hyphenated word, all letters'],
  [18, 'url_path', 'URL path'],
  [19, 'file', 'File or path name'],
  [20, 'float', 'Decimal notation'],
  [21, 'int', 'Signed integer'],
  [22, 'uint', 'Unsigned integer'],
  [23, 'entity', 'XML entity'],
];

/** A token type by its alias. */
export function tokenTypeNumber(alias: string): number | undefined {
  return tokenTypes.find(([, name]) => name === alias)?.[0];
}

export interface Token {
  readonly type: number;
  readonly text: string;
}

const label = String.raw`[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?`;
const hostForm = String.raw`(?:${label}\.)+\p{L}{2}[\p{L}\p{N}]*(?![\p{L}\p{N}_])(?::\d+)?`;
const wordPart = String.raw`\p{N}*\p{L}[\p{L}\p{N}\p{M}]*`;
const urlPathForm = String.raw`[/?][A-Za-z0-9_~\-.,:;!?$&'()*+=@%#/\p{L}\p{N}]*`;

const sticky = (source: string): RegExp => new RegExp(source, 'uy');

const forms = {
  tag: sticky(String.raw`<(?:!--[\s\S]*?--|[/!?]?[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*)>`),
  entity: sticky(String.raw`&(?:#\d+|#[xX][\da-fA-F]+|[A-Za-z_:][\w:.-]*);`),
  protocol: sticky(String.raw`[A-Za-z]+:\/\/(?=[\p{L}\p{N}])`),
  email: sticky(
    String.raw`[\p{L}\p{N}_.+-]*[\p{L}\p{N}_+-]@(?:${label}\.)+\p{L}{2}[\p{L}\p{N}]*(?![\p{L}\p{N}_])`,
  ),
  host: sticky(hostForm),
  urlPath: sticky(urlPathForm),
  scientific: sticky(String.raw`[+-]?\d+(?:\.\d+)?[eE][+-]?\d+(?![\p{L}\p{N}_])`),
  version: sticky(String.raw`\d+(?:\.\d+){2,}(?![\p{L}\p{N}_])`),
  decimal: sticky(String.raw`[+-]?\d+\.\d+(?![\p{L}\p{N}_])`),
  signedInteger: sticky(String.raw`[+-]\d+(?![\p{L}\p{N}_])`),
  unsignedInteger: sticky(String.raw`\d+(?![\p{L}\p{N}_])`),
  file: sticky(
    String.raw`(?:~\/|\.{1,2}\/|\/|[\w\p{L}]+(?=[./]))(?:[\w\p{L}.+-]*\/)*(?:\.?[\w\p{L}+-]+(?:\.[\w\p{L}+-]+)*)?`,
  ),
  hyphenated: sticky(String.raw`${wordPart}(?:-${wordPart})+`),
  word: sticky(String.raw`[\p{L}\p{N}\p{M}_]+`),
  letterStart: sticky(String.raw`[\p{L}\p{N}_~./+<&-]`),
};

function matchAt(form: RegExp, text: string, at: number): string | undefined {
  form.lastIndex = at;
  return form.exec(text)?.[0];
}

export function parseTokens(text: string): Token[] {
  checkSearchedLength(text);
  return new TokenParser(text).parse();
}

class TokenParser {
  private readonly text: string;
  private readonly tokens: Token[] = [];
  private at = 0;
  private blankStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  parse(): Token[] {
    while (this.at < this.text.length) {
      if (!this.token()) this.at += this.text.codePointAt(this.at)! > 0xffff ? 2 : 1;
    }
    this.endBlank();
    return this.tokens;
  }

  private endBlank(): void {
    if (this.blankStart < this.at)
      this.tokens.push({ type: tokenType.blank, text: this.text.slice(this.blankStart, this.at) });
  }

  private emit(type: number, text: string): true {
    this.endBlank();
    this.tokens.push({ type, text });
    this.at += text.length;
    this.blankStart = this.at;
    return true;
  }

  private form(name: keyof typeof forms): string | undefined {
    return matchAt(forms[name], this.text, this.at);
  }

  private token(): boolean {
    if (this.form('letterStart') === undefined) return false;
    const tag = this.form('tag');
    if (tag !== undefined) {
      // A tag separates words as a blank does, and is one token.
      return this.emit(tokenType.tag, tag);
    }
    const entity = this.form('entity');
    if (entity !== undefined) return this.emit(tokenType.entity, entity);
    const protocol = this.form('protocol');
    if (protocol !== undefined) {
      this.emit(tokenType.protocol, protocol);
      return this.address() || true;
    }
    const email = this.form('email');
    if (email !== undefined) return this.emit(tokenType.email, email);
    return this.number() || this.address() || this.path() || this.words();
  }

  /** A host, alone or with the path that makes it a URL. */
  private address(): boolean {
    const host = this.form('host');
    if (host === undefined) return false;
    const path = matchAt(forms.urlPath, this.text, this.at + host.length);
    if (path === undefined || path.length < 2) return this.emit(tokenType.host, host);
    const url = host + path;
    this.endBlank();
    this.tokens.push(
      { type: tokenType.url, text: url },
      { type: tokenType.host, text: host },
      { type: tokenType.urlPath, text: path },
    );
    this.at += url.length;
    this.blankStart = this.at;
    return true;
  }

  private number(): boolean {
    const kinds = ['scientific', 'version', 'decimal', 'signedInteger', 'unsignedInteger'] as const;
    for (const kind of kinds) {
      const found = this.form(kind);
      if (found === undefined) continue;
      if (kind === 'unsignedInteger' && this.form('hyphenated') !== undefined) continue;
      const following = this.text[this.at + found.length];
      if (following === '/' && /[\w]/.test(this.text[this.at + found.length + 1] ?? '')) continue;
      return this.emit(tokenType[kind], found);
    }
    return false;
  }

  /** With a slash or a dot inside; a word alone is none. */
  private path(): boolean {
    const file = this.form('file');
    if (file === undefined || !/[/.]/.test(file) || !/[\w\p{L}]/u.test(file)) return false;
    return this.emit(tokenType.file, file);
  }

  private words(): boolean {
    const compound = this.form('hyphenated');
    if (compound !== undefined) return this.hyphenated(compound);
    const word = this.form('word');
    if (word === undefined) return false;
    const plain = /^[^_]+/.exec(word)?.[0];
    if (plain === undefined) return false;
    return this.emit(wordKind(plain, false), plain);
  }

  private hyphenated(compound: string): boolean {
    const parts = compound.split('-');
    const ascii = parts.every((part) => /^[A-Za-z]+$/.test(part));
    const letters = parts.every((part) => /^\p{L}+$/u.test(part));
    this.endBlank();
    this.tokens.push({
      type: ascii
        ? tokenType.asciiHyphenated
        : letters
          ? tokenType.hyphenated
          : tokenType.numberHyphenated,
      text: compound,
    });
    for (const [index, part] of parts.entries()) {
      if (index > 0) this.tokens.push({ type: tokenType.blank, text: '-' });
      this.tokens.push({ type: wordKind(part, true), text: part });
    }
    this.at += compound.length;
    this.blankStart = this.at;
    return true;
  }
}

function wordKind(word: string, isPart: boolean): number {
  if (/^[A-Za-z]+$/.test(word)) return isPart ? tokenType.hyphenatedAsciiPart : tokenType.asciiWord;
  if (/^[\p{L}\p{M}]+$/u.test(word)) return isPart ? tokenType.hyphenatedPart : tokenType.word;
  if (isPart && /^\d+$/.test(word)) return tokenType.unsignedInteger;
  return isPart ? tokenType.hyphenatedNumberPart : tokenType.numberWord;
}
