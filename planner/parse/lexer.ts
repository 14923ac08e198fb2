// PostgreSQL's lexical structure (manual, chapter 4.1), exactly, for what has to be known about a
// text without or before the grammar: nesting, extension clauses, literals for the statement cache.
// standard_conforming_strings is on, as it is by default since version 9.1.
//
// The lexer is a cursor: next() moves it and returns the kind of the token; `start` and `end` are
// UTF-16 offsets. It allocates nothing, since it runs on every simple-protocol statement.

export const TokenKind = {
  end: 0,
  /** Unquoted identifier or keyword. */
  word: 1,
  quotedIdentifier: 2,
  /** '…' without prefix. */
  string: 3,
  /** E'…', U&'…', N'…', B'…', X'…', U&"…", $tag$…$tag$. */
  otherString: 4,
  integer: 5,
  decimal: 6,
  /** $1 */
  parameter: 7,
  /** A run of operator characters, `::`, `:=`, `=>` … */
  operator: 8,
  /** One of ( ) [ ] , ; . : */
  punctuation: 9,
  /** Unterminated string, comment or identifier, stray character. */
  invalid: 10,
} as const;
export type TokenKind = (typeof TokenKind)[keyof typeof TokenKind];

const classSpace = 1;
const classWordStart = 2;
const classDigit = 3;
const classOperator = 4;
const classPunctuation = 5;

const classOf = new Uint8Array(128);
for (const character of ' \t\n\r\f\v') classOf[character.charCodeAt(0)] = classSpace;
for (let code = 97; code <= 122; code++) classOf[code] = classOf[code - 32] = classWordStart;
classOf[95] = classWordStart;
for (let code = 48; code <= 57; code++) classOf[code] = classDigit;
for (const character of '+-*/<>=~!@#%^&|`?') classOf[character.charCodeAt(0)] = classOperator;
for (const character of '()[],;.:') classOf[character.charCodeAt(0)] = classPunctuation;

export class Lexer {
  readonly text: string;
  start = 0;
  end = 0;

  constructor(text: string, offset = 0) {
    this.text = text;
    this.end = offset;
  }

  /** The current token in lower case (ASCII letters only matter for keywords). */
  word(): string {
    return this.text.slice(this.start, this.end).toLowerCase();
  }

  /** True when the current token is the punctuation or operator character. */
  is(code: number): boolean {
    return this.end - this.start === 1 && this.text.charCodeAt(this.start) === code;
  }

  next(): TokenKind {
    if (!this.skipSpace()) return TokenKind.invalid;
    const { text } = this;
    const start = this.end;
    this.start = start;
    if (start >= text.length) return TokenKind.end;
    const code = text.charCodeAt(start);
    const kind = code < 128 ? classOf[code] : classWordStart;
    switch (kind) {
      case classWordStart:
        return this.wordOrPrefixedString(code);
      case classDigit:
        return this.number();
      case classOperator:
        return this.operator();
      case classPunctuation:
        return this.punctuation(code);
      default:
        return this.quotedOrDollar(code);
    }
  }

  /** Skips white space and comments; false for an unterminated comment. */
  private skipSpace(): boolean {
    const { text } = this;
    let offset = this.end;
    for (;;) {
      const code = text.charCodeAt(offset);
      if (code < 128 && classOf[code] === classSpace) {
        offset++;
      } else if (code === 45 && text.charCodeAt(offset + 1) === 45) {
        offset = endOfLine(text, offset);
      } else if (code === 47 && text.charCodeAt(offset + 1) === 42) {
        const after = endOfComment(text, offset);
        if (after < 0) {
          this.start = offset;
          this.end = text.length;
          return false;
        }
        offset = after;
      } else {
        this.end = offset;
        return true;
      }
    }
  }

  private wordOrPrefixedString(first: number): TokenKind {
    const { text } = this;
    let offset = this.start + 1;
    const second = text.charCodeAt(offset);
    if (second === 39) {
      // e E n N b B x X directly before a quote make one token.
      if (first === 101 || first === 69)
        return this.quoted(offset, 39, true, TokenKind.otherString);
      if (
        first === 110 ||
        first === 78 ||
        first === 98 ||
        first === 66 ||
        first === 120 ||
        first === 88
      ) {
        return this.quoted(offset, 39, false, TokenKind.otherString);
      }
    }
    if (second === 38 && (first === 117 || first === 85)) {
      const third = text.charCodeAt(offset + 1);
      if (third === 39 || third === 34)
        return this.quoted(offset + 1, third, false, TokenKind.otherString);
    }
    for (;;) {
      const code = text.charCodeAt(offset);
      const part =
        code < 128
          ? classOf[code] === classWordStart || classOf[code] === classDigit || code === 36
          : code >= 128;
      if (!part) break;
      offset++;
    }
    this.end = offset;
    return TokenKind.word;
  }

  private number(): TokenKind {
    const { text } = this;
    let offset = skipDigits(text, this.start);
    let kind: TokenKind = TokenKind.integer;
    // 1..10 is the integer 1 followed by two dots.
    if (text.charCodeAt(offset) === 46 && text.charCodeAt(offset + 1) !== 46) {
      kind = TokenKind.decimal;
      offset = skipDigits(text, offset + 1);
    }
    const exponent = endOfExponent(text, offset);
    if (exponent > offset) {
      kind = TokenKind.decimal;
      offset = exponent;
    }
    this.end = offset;
    const code = text.charCodeAt(offset);
    // 0x1F, 1_000 and 123abc: the grammar decides, we only say that it is not a plain number.
    if (code >= 128 || classOf[code] === classWordStart) {
      this.wordOrPrefixedString(0);
      return TokenKind.invalid;
    }
    return kind;
  }

  private operator(): TokenKind {
    const { text } = this;
    let offset = this.start + 1;
    for (;;) {
      const code = text.charCodeAt(offset);
      if (!(code < 128 && classOf[code] === classOperator)) break;
      const following = text.charCodeAt(offset + 1);
      if ((code === 45 && following === 45) || (code === 47 && following === 42)) break;
      offset++;
    }
    // An operator of several characters cannot end in + or - unless it holds one of ~ ! @ # % ^ & | ` ?
    let last = text.charCodeAt(offset - 1);
    if (
      offset - this.start > 1 &&
      (last === 43 || last === 45) &&
      !hasSpecialOperator(text, this.start, offset)
    ) {
      while (offset - this.start > 1 && (last === 43 || last === 45)) {
        offset--;
        last = text.charCodeAt(offset - 1);
      }
    }
    this.end = offset;
    return TokenKind.operator;
  }

  private punctuation(code: number): TokenKind {
    const { text } = this;
    const following = text.charCodeAt(this.start + 1);
    if (code === 46 && following < 128 && classOf[following] === classDigit) {
      let offset = skipDigits(text, this.start + 1);
      offset = Math.max(offset, endOfExponent(text, offset));
      this.end = offset;
      return TokenKind.decimal;
    }
    if (code === 58 && (following === 58 || following === 61)) {
      this.end = this.start + 2;
      return TokenKind.operator;
    }
    this.end = this.start + 1;
    return TokenKind.punctuation;
  }

  private quotedOrDollar(code: number): TokenKind {
    if (code === 39) return this.quoted(this.start, 39, false, TokenKind.string);
    if (code === 34) return this.quoted(this.start, 34, false, TokenKind.quotedIdentifier);
    if (code === 36) return this.dollar();
    this.end = this.start + 1;
    return TokenKind.invalid;
  }

  private quoted(open: number, quote: number, backslash: boolean, kind: TokenKind): TokenKind {
    const { text } = this;
    let offset = open + 1;
    for (;;) {
      const code = text.charCodeAt(offset);
      if (code === quote) {
        if (text.charCodeAt(offset + 1) !== quote) break;
        offset += 2;
      } else if (backslash && code === 92) {
        offset += 2;
      } else if (offset >= text.length) {
        this.end = text.length;
        return TokenKind.invalid;
      } else {
        offset++;
      }
    }
    this.end = offset + 1;
    return kind;
  }

  private dollar(): TokenKind {
    const { text, start } = this;
    const digits = skipDigits(text, start + 1);
    if (digits > start + 1) {
      this.end = digits;
      return TokenKind.parameter;
    }
    let offset = start + 1;
    while (isTagPart(text.charCodeAt(offset))) offset++;
    if (text.charCodeAt(offset) !== 36) {
      this.end = start + 1;
      return TokenKind.invalid;
    }
    const tag = text.slice(start, offset + 1);
    const close = text.indexOf(tag, offset + 1);
    if (close < 0) {
      this.end = text.length;
      return TokenKind.invalid;
    }
    this.end = close + tag.length;
    return TokenKind.otherString;
  }
}

function isTagPart(code: number): boolean {
  return code >= 128 || classOf[code] === classWordStart || classOf[code] === classDigit;
}

function skipDigits(text: string, from: number): number {
  let offset = from;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (!(code >= 48 && code <= 57)) return offset;
    offset++;
  }
}

function endOfExponent(text: string, offset: number): number {
  const code = text.charCodeAt(offset);
  if (code !== 101 && code !== 69) return offset;
  const sign = text.charCodeAt(offset + 1);
  const digits = sign === 43 || sign === 45 ? offset + 2 : offset + 1;
  const end = skipDigits(text, digits);
  return end > digits ? end : offset;
}

function endOfLine(text: string, from: number): number {
  for (let offset = from; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (code === 10 || code === 13) return offset;
  }
  return text.length;
}

/** Comments nest. Returns the offset after the comment, or -1 when it does not end. */
function endOfComment(text: string, from: number): number {
  let depth = 0;
  for (let offset = from; offset < text.length;) {
    const code = text.charCodeAt(offset);
    const following = text.charCodeAt(offset + 1);
    if (code === 47 && following === 42) {
      depth++;
      offset += 2;
    } else if (code === 42 && following === 47) {
      depth--;
      offset += 2;
      if (depth === 0) return offset;
    } else {
      offset++;
    }
  }
  return -1;
}

function hasSpecialOperator(text: string, start: number, end: number): boolean {
  for (let offset = start; offset < end; offset++) {
    if ('~!@#%^&|`?'.includes(text[offset])) return true;
  }
  return false;
}
