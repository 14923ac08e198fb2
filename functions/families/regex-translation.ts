// PostgreSQL's advanced regular expressions (manual, 9.7.3) rewritten in RE2's syntax, so that they
// match in linear time. What RE2 cannot do (back references, lookaround) is 0A000.
//
// Two differences stay. PostgreSQL prefers the longest match of the whole expression; so does RE2's
// longest-match mode, which is used unless a non-greedy quantifier asks for leftmost-first. And \m, \M
// become \b: they differ only where \m stands before something that is not a word character.

import { databaseError, type DatabaseError, notSupported, regexPatternLengthMax } from '#common';

export interface RegexOptions {
  readonly ignoreCase: boolean;
  /** . and negated brackets stop at newlines. */
  readonly newlineStops: boolean;
  /** ^ and $ match at newlines. */
  readonly newlineAnchors: boolean;
  readonly expanded: boolean;
  /** q: the pattern is a literal string. */
  readonly literal: boolean;
}

export const defaultRegexOptions: RegexOptions = {
  ignoreCase: false,
  newlineStops: false,
  newlineAnchors: false,
  expanded: false,
  literal: false,
};

export interface TranslatedRegex {
  readonly source: string;
  readonly options: RegexOptions;
  readonly longest: boolean;
}

export function invalidRegex(reason: string): DatabaseError {
  return databaseError('invalidRegularExpression', `invalid regular expression: ${reason}`);
}

/** Applies option letters ("i", "n" …); `g` is the caller's business. 22023 for unknown ones. */
export function applyRegexOption(options: RegexOptions, letter: string): RegexOptions | undefined {
  switch (letter) {
    case 'i':
      return { ...options, ignoreCase: true };
    case 'c':
      return { ...options, ignoreCase: false };
    case 'm':
    case 'n':
      return { ...options, newlineStops: true, newlineAnchors: true };
    case 'p':
      return { ...options, newlineStops: true, newlineAnchors: false };
    case 'w':
      return { ...options, newlineStops: false, newlineAnchors: true };
    case 's':
      return { ...options, newlineStops: false, newlineAnchors: false };
    case 'x':
      return { ...options, expanded: true };
    case 't':
      return { ...options, expanded: false };
    case 'q':
      return { ...options, literal: true };
    case 'b':
    case 'e':
      return options;
    default:
      return undefined;
  }
}

export function translateRegex(pattern: string, given: RegexOptions): TranslatedRegex {
  if (pattern.length > regexPatternLengthMax) {
    throw invalidRegex('regular expression is too complex');
  }
  let rest = pattern;
  let options = given;
  if (rest.startsWith('***=')) {
    rest = rest.slice(4);
    options = { ...options, literal: true };
  } else if (rest.startsWith('***:')) rest = rest.slice(4);
  if (!options.literal) {
    const embedded = /^\(\?([a-z]+)\)/.exec(rest);
    if (embedded !== null) {
      for (const letter of embedded[1]) {
        const applied = applyRegexOption(options, letter);
        if (applied === undefined) throw invalidRegex('invalid embedded option');
        options = applied;
      }
      rest = rest.slice(embedded[0].length);
    }
  }
  if (options.literal) return { source: quoteAll(rest), options, longest: true };
  const translator = new Translator(rest, options);
  return { source: translator.translate(), options, longest: !translator.hasLazyQuantifier };
}

function quoteAll(text: string): string {
  return [...text].map(quoteCharacter).join('');
}

function quoteCharacter(character: string): string {
  return /[\\^$.|?*+()[\]{}]/.test(character) ? `\\${character}` : character;
}

function quoteInBrackets(character: string): string {
  return /[\\\]^[\-&~]/.test(character) ? `\\${character}` : character;
}

const wordSet = '\\p{L}\\p{N}\\p{M}_';
const spaceSet = ' \\t\\n\\x0b\\f\\r';
/** Contents of bracket expressions for [:name:]. */
const classes: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '0-9',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: spaceSet,
  blank: ' \\t',
  punct: '!-/:-@\\[-`{-~\\p{P}',
  cntrl: '\\x00-\\x1f\\x7f',
  graph: '!-~\\p{L}\\p{N}\\p{P}\\p{S}',
  print: ' -~\\p{L}\\p{N}\\p{P}\\p{S}',
  xdigit: '0-9A-Fa-f',
  word: wordSet,
  ascii: '\\x00-\\x7f',
};
/** \d and friends: contents, and whether negated. */
const classEscapes: Readonly<Record<string, readonly [string, boolean]>> = {
  d: ['0-9', false],
  D: ['0-9', true],
  w: [wordSet, false],
  W: [wordSet, true],
  s: [spaceSet, false],
  S: [spaceSet, true],
};
const constraintEscapes: Readonly<Record<string, string>> = {
  A: '\\A',
  Z: '\\z',
  m: '\\b',
  M: '\\b',
  y: '\\b',
  Y: '\\B',
};
const characterEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  B: 92,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

class Translator {
  private readonly pattern: string;
  private readonly options: RegexOptions;
  private position: number;
  private depth: number;
  /** Whether a quantifier may follow what was just read. */
  private quantifiable: boolean;
  hasLazyQuantifier: boolean;

  constructor(pattern: string, options: RegexOptions) {
    this.pattern = pattern;
    this.options = options;
    this.position = 0;
    this.depth = 0;
    this.quantifiable = false;
    this.hasLazyQuantifier = false;
  }

  translate(): string {
    let result = '';
    while (this.position < this.pattern.length) result += this.element();
    if (this.depth !== 0) throw invalidRegex('parentheses () not balanced');
    return result;
  }

  private element(): string {
    const { pattern } = this;
    const character = String.fromCodePoint(pattern.codePointAt(this.position)!);
    switch (character) {
      case '(':
        return this.open();
      case ')':
        if (this.depth === 0) throw invalidRegex('parentheses () not balanced');
        this.depth--;
        return this.take(')', true);
      case '|':
        return this.take('|', false);
      case '^':
        return this.take('^', false);
      case '$':
        return this.take(this.options.newlineAnchors ? '$' : '\\z', false);
      case '.':
        return this.take(this.options.newlineStops ? '[^\\n]' : '(?s:.)', true);
      case '[':
        return this.brackets();
      case '*':
      case '+':
      case '?':
        return this.quantifier(character);
      case '{':
        return /^\{\d/.test(pattern.slice(this.position)) ? this.bound() : this.take('\\{', true);
      case '\\':
        return this.escape();
      default:
        return this.plain(character);
    }
  }

  private take(translated: string, quantifiable: boolean, length = 1): string {
    this.position += length;
    this.quantifiable = quantifiable;
    return translated;
  }

  private plain(character: string): string {
    if (this.options.expanded) {
      if (/\s/.test(character)) return this.takeNothing(character.length);
      if (character === '#') {
        const end = this.pattern.indexOf('\n', this.position);
        return this.takeNothing((end < 0 ? this.pattern.length : end) - this.position);
      }
    }
    return this.take(quoteCharacter(character), true, character.length);
  }

  private takeNothing(length: number): string {
    this.position += length;
    return '';
  }

  private open(): string {
    const { pattern, position } = this;
    if (pattern.startsWith('(?#', position)) {
      const end = pattern.indexOf(')', position);
      if (end < 0) throw invalidRegex('parentheses () not balanced');
      return this.takeNothing(end + 1 - position);
    }
    if (/^\(\?(?:=|!|<=|<!)/.test(pattern.slice(position, position + 4))) {
      throw notSupported('lookaround in a regular expression');
    }
    if (pattern.startsWith('(?:', position)) {
      this.depth++;
      return this.take('(?:', false, 3);
    }
    if (pattern[position + 1] === '?') throw invalidRegex('quantifier operand invalid');
    this.depth++;
    return this.take('(', false);
  }

  private quantifier(character: string): string {
    if (!this.quantifiable) throw invalidRegex('quantifier operand invalid');
    this.position++;
    return character + this.laziness();
  }

  private laziness(): string {
    this.quantifiable = false;
    if (this.pattern[this.position] !== '?') return '';
    this.position++;
    this.hasLazyQuantifier = true;
    return '?';
  }

  private bound(): string {
    const match = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.pattern.slice(this.position));
    if (match === null) throw invalidRegex('invalid repetition count(s)');
    if (!this.quantifiable) throw invalidRegex('quantifier operand invalid');
    const low = Number(match[1]);
    const high = match[3] === undefined || match[3] === '' ? low : Number(match[3]);
    if (low > 255 || high > 255 || high < low) throw invalidRegex('invalid repetition count(s)');
    this.position += match[0].length;
    return `{${low}${match[2] ?? ''}${match[3] ?? ''}}${this.laziness()}`;
  }

  private escape(): string {
    const next = this.pattern[this.position + 1];
    if (next === undefined) throw invalidRegex('invalid escape \\ sequence');
    const constraint = constraintEscapes[next];
    if (constraint !== undefined) return this.take(constraint, false, 2);
    const set = classEscapes[next];
    if (set !== undefined) return this.take(`[${set[1] ? '^' : ''}${set[0]}]`, true, 2);
    if (/[1-9]/.test(next)) {
      const digits = /^\d+/.exec(this.pattern.slice(this.position + 1))![0];
      if (digits.length === 1 || !/^[0-7]{2,3}$/.test(digits)) {
        throw notSupported('a back reference in a regular expression');
      }
    }
    const code = this.characterEscape();
    this.quantifiable = true;
    return quoteCharacter(String.fromCodePoint(code));
  }

  /** A backslash that stands for one character; moves behind it. */
  private characterEscape(): number {
    const rest = this.pattern.slice(this.position + 1);
    const letter = rest[0];
    const numeric =
      /^u([0-9a-fA-F]{4})/.exec(rest) ??
      /^U([0-9a-fA-F]{8})/.exec(rest) ??
      /^x([0-9a-fA-F]+)/.exec(rest);
    if (numeric !== null) {
      this.position += 1 + numeric[0].length;
      const code = parseInt(numeric[1], 16);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        throw invalidRegex('invalid escape \\ sequence');
      }
      return code;
    }
    const octal = /^[0-7]{1,3}/.exec(rest);
    if (octal !== null) {
      this.position += 1 + octal[0].length;
      return parseInt(octal[0], 8);
    }
    if (letter === 'c' && rest.length > 1) {
      this.position += 3;
      return rest.charCodeAt(1) & 31;
    }
    const known = characterEscapes[letter];
    if (known === undefined && /[A-Za-z0-9]/.test(letter)) {
      throw invalidRegex('invalid escape \\ sequence');
    }
    const code = known ?? rest.codePointAt(0)!;
    this.position += 1 + String.fromCodePoint(rest.codePointAt(0)!).length;
    return code;
  }

  private brackets(): string {
    const { pattern } = this;
    if (
      pattern.startsWith('[[:<:]]', this.position) ||
      pattern.startsWith('[[:>:]]', this.position)
    ) {
      return this.take('\\b', false, 7);
    }
    this.position++;
    const negated = pattern[this.position] === '^';
    if (negated) this.position++;
    let content = negated && this.options.newlineStops ? '\\n' : '';
    let first = true;
    for (;;) {
      const character = pattern[this.position];
      if (character === undefined) throw invalidRegex('brackets [] not balanced');
      if (character === ']' && !first) break;
      content += this.bracketItem();
      first = false;
    }
    this.position++;
    this.quantifiable = true;
    return `[${negated ? '^' : ''}${content}]`;
  }

  private bracketItem(): string {
    const { pattern } = this;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(this.position));
    if (named !== null) {
      const content = classes[named[1]];
      if (content === undefined) throw invalidRegex('invalid character class');
      this.position += named[0].length;
      return content;
    }
    if (pattern[this.position] === '\\') {
      const set = classEscapes[pattern[this.position + 1] ?? ''];
      if (set !== undefined) {
        if (set[1]) throw invalidRegex('invalid escape \\ sequence');
        this.position += 2;
        return set[0];
      }
    }
    const from = this.bracketCharacter();
    if (pattern[this.position] !== '-' || pattern[this.position + 1] === ']') {
      return quoteInBrackets(String.fromCodePoint(from));
    }
    if (pattern[this.position + 1] === undefined) throw invalidRegex('brackets [] not balanced');
    this.position++;
    const to = this.bracketCharacter();
    if (to < from) throw invalidRegex('invalid character range');
    return `${quoteInBrackets(String.fromCodePoint(from))}-${quoteInBrackets(String.fromCodePoint(to))}`;
  }

  private bracketCharacter(): number {
    const { pattern } = this;
    const collating = /^\[([.=])(.)\1\]/u.exec(pattern.slice(this.position));
    if (collating !== null) {
      this.position += collating[0].length;
      return collating[2].codePointAt(0)!;
    }
    if (/^\[[.=]/.test(pattern.slice(this.position))) {
      throw invalidRegex('invalid collating element');
    }
    if (pattern[this.position] === '\\') {
      if (pattern[this.position + 1] === undefined) {
        throw invalidRegex('invalid escape \\ sequence');
      }
      return this.characterEscape();
    }
    const code = pattern.codePointAt(this.position)!;
    this.position += code > 0xffff ? 2 : 1;
    return code;
  }
}
