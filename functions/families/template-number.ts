// The template language of to_char and to_number for numbers: its parts, and what they say together
// (NUMDesc of PostgreSQL). Templates are cached.

import { databaseError } from '#common';

export type NumberKey =
  | '9'
  | '0'
  | '.'
  | 'D'
  | ','
  | 'G'
  | 'L'
  | 'MI'
  | 'PL'
  | 'SG'
  | 'S'
  | 'PR'
  | 'RN'
  | 'rn'
  | 'TH'
  | 'th'
  | 'V'
  | 'EEEE'
  | 'FM'
  | 'B'
  | 'C';

export type NumberPart =
  | { readonly kind: 'key'; readonly key: NumberKey }
  | { readonly kind: 'text'; readonly text: string };

export interface NumberTemplate {
  readonly parts: readonly NumberPart[];
  /** Digits before and after the decimal point, and those after V. */
  readonly pre: number;
  readonly post: number;
  readonly multiplied: number;
  readonly decimal: boolean;
  readonly zero: boolean;
  /** Positions (from 1) of the first and the last 0. */
  readonly zeroStart: number;
  readonly zeroEnd: number;
  readonly fill: boolean;
  readonly sign: 'none' | 'before' | 'after';
  readonly signPosition: number;
  readonly bracket: boolean;
  readonly minus: boolean;
  readonly plus: boolean;
  readonly roman: boolean;
  readonly scientific: boolean;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const keys: readonly NumberKey[] = [
  'EEEE',
  'FM',
  'MI',
  'PL',
  'PR',
  'RN',
  'SG',
  'TH',
  'rn',
  'th',
  '9',
  '0',
  '.',
  ',',
  'B',
  'C',
  'D',
  'G',
  'L',
  'S',
  'V',
];

const cacheEntriesMax = 200;
const cache = new Map<string, NumberTemplate>();

export function numberTemplate(text: string): NumberTemplate {
  let template = cache.get(text);
  if (template === undefined) {
    template = describe(splitTemplate(text));
    if (cache.size >= cacheEntriesMax) cache.clear();
    cache.set(text, template);
  }
  return template;
}

function splitTemplate(text: string): NumberPart[] {
  const parts: NumberPart[] = [];
  let i = 0;
  while (i < text.length) {
    const key = keyAt(text, i);
    if (key !== undefined) {
      parts.push({ kind: 'key', key });
      i += key.length;
    } else if (text[i] === '"') {
      let quoted = '';
      for (i++; i < text.length && text[i] !== '"'; i++) {
        if (text[i] === '\\' && i + 1 < text.length) i++;
        quoted += text[i];
      }
      parts.push({ kind: 'text', text: quoted });
      i++;
    } else {
      if (text[i] === '\\' && text[i + 1] === '"') i++;
      parts.push({ kind: 'text', text: text[i] });
      i++;
    }
  }
  return parts;
}

function keyAt(text: string, at: number): NumberKey | undefined {
  for (const key of keys) {
    if (text.startsWith(key, at)) return key;
    const lower = key.toLowerCase();
    if (key !== 'RN' && key !== 'TH' && text.startsWith(lower, at)) return key;
  }
  return undefined;
}

function syntax(message: string): Error {
  return databaseError('syntaxError', message);
}

function describe(parts: readonly NumberPart[]): NumberTemplate {
  const template: Mutable<NumberTemplate> & { multi: boolean } = {
    parts,
    pre: 0,
    post: 0,
    multiplied: 0,
    decimal: false,
    zero: false,
    zeroStart: 0,
    zeroEnd: 0,
    fill: false,
    sign: 'none',
    signPosition: 0,
    bracket: false,
    minus: false,
    plus: false,
    roman: false,
    scientific: false,
    multi: false,
  };
  for (const part of parts) if (part.kind === 'key') addKey(template, part.key);
  return template;
}

function addKey(template: Mutable<NumberTemplate> & { multi: boolean }, key: NumberKey): void {
  if (template.scientific && key !== 'EEEE') throw syntax('"EEEE" must be the last pattern used');
  switch (key) {
    case '9':
    case '0':
      return addDigit(template, key);
    case 'D':
    case '.':
      if (template.decimal) throw syntax('multiple decimal points');
      if (template.multi) throw syntax('cannot use "V" and decimal point together');
      template.decimal = true;
      return;
    case 'FM':
      template.fill = true;
      return;
    case 'V':
      if (template.decimal) throw syntax('cannot use "V" and decimal point together');
      template.multi = true;
      return;
    case 'RN':
    case 'rn':
      template.roman = true;
      return;
    case 'EEEE':
      return addExponent(template);
    default:
      return addSign(template, key);
  }
}

function addDigit(template: Mutable<NumberTemplate> & { multi: boolean }, key: '9' | '0'): void {
  if (template.bracket) throw syntax(`"${key}" must be ahead of "PR"`);
  if (key === '9' && template.multi) {
    template.multiplied++;
    return;
  }
  if (key === '0' && !template.zero && !template.decimal) {
    template.zero = true;
    template.zeroStart = template.pre + 1;
  }
  if (template.decimal) template.post++;
  else template.pre++;
  if (key === '0') template.zeroEnd = template.pre + template.post;
}

function addSign(template: Mutable<NumberTemplate>, key: NumberKey): void {
  const locale = template.sign !== 'none';
  switch (key) {
    case 'S':
      if (locale) throw syntax('cannot use "S" twice');
      if (template.plus || template.minus || template.bracket) {
        throw syntax('cannot use "S" and "PL"/"MI"/"SG"/"PR" together');
      }
      template.sign = template.decimal ? 'after' : 'before';
      template.signPosition = template.pre;
      return;
    case 'MI':
      if (locale) throw syntax('cannot use "S" and "MI" together');
      template.minus = true;
      return;
    case 'PL':
      if (locale) throw syntax('cannot use "S" and "PL" together');
      template.plus = true;
      return;
    case 'SG':
      if (locale) throw syntax('cannot use "S" and "SG" together');
      template.minus = true;
      template.plus = true;
      return;
    case 'PR':
      if (locale || template.plus || template.minus) {
        throw syntax('cannot use "PR" and "S"/"PL"/"MI"/"SG" together');
      }
      template.bracket = true;
      return;
    default:
  }
}

function addExponent(template: Mutable<NumberTemplate> & { multi: boolean }): void {
  if (template.scientific) throw syntax('cannot use "EEEE" twice');
  const others =
    template.fill ||
    template.sign !== 'none' ||
    template.bracket ||
    template.minus ||
    template.plus ||
    template.roman ||
    template.multi;
  if (others) {
    throw databaseError('syntaxError', '"EEEE" is incompatible with other formats', {
      detail: '"EEEE" may only be used together with digit and decimal point patterns.',
    });
  }
  template.scientific = true;
}
