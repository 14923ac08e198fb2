// Splits the text of a date, time or interval into fields (PostgreSQL's ParseDateTime) and knows the
// words that may stand in one (datetktbl and deltatktbl).

export type FieldKind = 'number' | 'date' | 'time' | 'zone' | 'string' | 'special';

export interface Field {
  readonly kind: FieldKind;
  /** Lower case. */
  readonly text: string;
}

const fieldsMax = 25;
/** Of all fields and a separator each, as in interval_in(); a longer number would be no finite one. */
const charactersMax = 256;

/** undefined: a character that no field can begin with, or too many or too long fields. */
export function splitFields(input: string): Field[] | undefined {
  const scanner = new FieldScanner(input.toLowerCase());
  const fields: Field[] = [];
  let characters = 0;
  while (scanner.skipDelimiters()) {
    if (fields.length >= fieldsMax) return undefined;
    const field = scanner.next();
    if (field === undefined) return undefined;
    characters += field.text.length + 1;
    if (characters > charactersMax) return undefined;
    fields.push(field);
  }
  return fields;
}

class FieldScanner {
  readonly #input: string;
  #position = 0;

  constructor(input: string) {
    this.#input = input;
  }

  /** Blanks and punctuation that begins no field; false at the end. */
  skipDelimiters(): boolean {
    while (this.#position < this.#input.length) {
      if (!/[\t-\r !-*,/:-@[-`{-~]/.test(this.#peek())) return true;
      this.#position++;
    }
    return false;
  }

  next(): Field | undefined {
    const start = this.#position;
    const c = this.#peek();
    const kind = isDigit(c)
      ? this.#digits()
      : c === '.'
        ? this.#fraction()
        : isLetter(c)
          ? this.#word(start)
          : undefined;
    if (kind !== undefined) return { kind, text: this.#input.slice(start, this.#position) };
    return c === '+' || c === '-' ? this.#signed(c) : undefined;
  }

  #peek(): string {
    return this.#input[this.#position] ?? '';
  }

  #skip(accept: RegExp): void {
    while (this.#position < this.#input.length && accept.test(this.#peek())) this.#position++;
  }

  #fraction(): FieldKind {
    this.#position++;
    this.#skip(/[0-9]/);
    return 'number';
  }

  /** A time (with ':'), a date (with '-', '/' or '.', perhaps with the month's name), or a number. */
  #digits(): FieldKind {
    this.#skip(/[0-9]/);
    const delimiter = this.#peek();
    if (delimiter === ':') {
      this.#skip(/[0-9:.]/);
      return 'time';
    }
    if (delimiter !== '-' && delimiter !== '/' && delimiter !== '.') return 'number';
    this.#position++;
    const among = delimiter === '-' ? '\\-' : delimiter === '.' ? '\\.' : '/';
    if (!isDigit(this.#peek())) {
      this.#skip(new RegExp(`[0-9a-z${among}]`));
      return 'date';
    }
    this.#skip(/[0-9]/);
    if (this.#peek() !== delimiter) return delimiter === '.' ? 'number' : 'date';
    this.#skip(new RegExp(`[0-9${among}]`));
    return 'date';
  }

  /** A word, a date that begins with a month's name, or the name of a zone. */
  #word(start: number): FieldKind {
    this.#skip(/[a-z]/);
    const c = this.#peek();
    const isDate =
      c === '-' || c === '/' || c === '.'
        ? true
        : (c === '+' || isDigit(c)) && !dateWords.has(this.#input.slice(start, this.#position));
    if (!isDate) return 'string';
    this.#skip(/[a-z0-9+\-/_.:]/);
    return 'date';
  }

  #signed(sign: string): Field | undefined {
    this.#position++;
    this.#skip(/[\t-\r ]/);
    const start = this.#position;
    const c = this.#peek();
    if (!isDigit(c) && !isLetter(c)) return undefined;
    this.#skip(isDigit(c) ? /[0-9:.-]/ : /[a-z]/);
    const kind = isDigit(c) ? 'zone' : 'special';
    return { kind, text: sign + this.#input.slice(start, this.#position) };
  }
}

export function isDigit(c: string): boolean {
  return c >= '0' && c <= '9' && c.length === 1;
}

export function isLetter(c: string): boolean {
  return c >= 'a' && c <= 'z' && c.length === 1;
}

export type DateWord =
  | { readonly kind: 'month' | 'weekday' | 'zone' | 'daylight'; readonly value: number }
  | { readonly kind: 'meridian'; readonly value: 'am' | 'pm' }
  | { readonly kind: 'era'; readonly value: 'ad' | 'bc' }
  | { readonly kind: 'reserved'; readonly value: ReservedWord }
  | { readonly kind: 'iso'; readonly value: 'julian' | 'time' }
  | { readonly kind: 'ignored'; readonly value: 0 };

export type ReservedWord =
  | 'now'
  | 'today'
  | 'tomorrow'
  | 'yesterday'
  | 'epoch'
  | 'infinity'
  | '-infinity'
  | 'allballs';

/** Words of dates and times. Zone abbreviations are in abbreviations.ts. */
export const dateWords: ReadonlyMap<string, DateWord> = new Map<string, DateWord>([
  ...months(),
  ...weekdays(),
  ['am', { kind: 'meridian', value: 'am' }],
  ['pm', { kind: 'meridian', value: 'pm' }],
  ['ad', { kind: 'era', value: 'ad' }],
  ['bc', { kind: 'era', value: 'bc' }],
  ['dst', { kind: 'daylight', value: 3600 }],
  ['now', { kind: 'reserved', value: 'now' }],
  ['today', { kind: 'reserved', value: 'today' }],
  ['tomorrow', { kind: 'reserved', value: 'tomorrow' }],
  ['yesterday', { kind: 'reserved', value: 'yesterday' }],
  ['epoch', { kind: 'reserved', value: 'epoch' }],
  ['infinity', { kind: 'reserved', value: 'infinity' }],
  ['-infinity', { kind: 'reserved', value: '-infinity' }],
  ['allballs', { kind: 'reserved', value: 'allballs' }],
  ['j', { kind: 'iso', value: 'julian' }],
  ['jd', { kind: 'iso', value: 'julian' }],
  ['julian', { kind: 'iso', value: 'julian' }],
  ['t', { kind: 'iso', value: 'time' }],
  ['at', { kind: 'ignored', value: 0 }],
  ['on', { kind: 'ignored', value: 0 }],
]);

function months(): [string, DateWord][] {
  const names = [
    'january',
    'february',
    'march',
    'april',
    'may',
    'june',
    'july',
    'august',
    'september',
    'october',
    'november',
    'december',
  ];
  const entries = names.flatMap((name, i): [string, DateWord][] => [
    [name, { kind: 'month', value: i + 1 }],
    [name.slice(0, 3), { kind: 'month', value: i + 1 }],
  ]);
  return [...entries, ['sept', { kind: 'month', value: 9 }]];
}

function weekdays(): [string, DateWord][] {
  const names = [
    ['sunday', 'sun'],
    ['monday', 'mon'],
    ['tuesday', 'tue', 'tues'],
    ['wednesday', 'wed', 'weds'],
    ['thursday', 'thu', 'thur', 'thurs'],
    ['friday', 'fri'],
    ['saturday', 'sat'],
  ];
  return names.flatMap((forms, i) =>
    forms.map((form): [string, DateWord] => [form, { kind: 'weekday', value: i }]),
  );
}
