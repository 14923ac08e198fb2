// to_char of numbers: PostgreSQL's NUM_processor in the C locale (decimal point ".",
// group separator ",", currency symbol " ").

import { databaseError, Numeric } from '#common';
import type { Family } from '../family.ts';
import { type NumberKey, type NumberTemplate, numberTemplate } from './template-number.ts';
import { toNumber } from './to-number.ts';

/** A number as digits: what the template's positions are filled with. */
interface Digits {
  readonly sign: '+' | '-';
  /** Digits with a decimal point if the template has places behind one; '#' where it does not fit. */
  readonly text: string;
  readonly blanksBefore: number;
}

const romanDigits: readonly (readonly [number, string])[] = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
];

function roman(value: number): string {
  if (!(value >= 1 && value <= 3999)) return '#'.repeat(15);
  let text = '';
  let rest = value;
  for (const [size, letters] of romanDigits) {
    for (; rest >= size; rest -= size) text += letters;
  }
  return text;
}

/** Puts a plain decimal number into the template's places. */
function digitsOf(plain: string, template: NumberTemplate, pre: number): Digits {
  const sign = plain.startsWith('-') ? '-' : '+';
  const text = sign === '-' ? plain.slice(1) : plain;
  const dot = text.indexOf('.');
  const length = dot < 0 ? text.length : dot;
  if (length > pre) {
    const filled = `${'#'.repeat(pre)}.${'#'.repeat(template.post)}`;
    return { sign, text: filled, blanksBefore: 0 };
  }
  return { sign, text, blanksBefore: pre - length };
}

function lastRelevant(text: string): number {
  const dot = text.indexOf('.');
  if (dot < 0) return -1;
  let last = text.length - 1;
  while (last > dot && text[last] === '0') last--;
  return last;
}

/** Fills a template with digits, position by position. */
class NumberWriter {
  readonly #template: NumberTemplate;
  readonly #sign: '+' | '-';
  readonly #text: string;
  readonly #blanks: number;
  readonly #count: number;
  /** The last digit that FM leaves behind the decimal point; -1 when all stay. */
  readonly #last: number;
  readonly #signAfter: boolean;
  readonly #bracket: boolean;
  readonly #zeroStart: number;
  #signWritten: boolean;
  #output = '';
  #at = 0;
  #position = 0;
  #inNumber = false;

  constructor(template: NumberTemplate, digits: Digits) {
    this.#template = template;
    this.#sign = digits.sign;
    this.#text = digits.text;
    this.#blanks = digits.blanksBefore;
    this.#zeroStart = template.zeroStart - 1;
    const { sign, fill, plus, minus } = template;
    this.#bracket = template.bracket && !(fill && digits.sign === '+');
    if (plus || minus) this.#signWritten = minus || !plus;
    else this.#signWritten = digits.sign === '+' && fill && sign === 'none';
    this.#signAfter =
      sign === 'after' || (sign === 'before' && template.pre === template.signPosition);
    const pre = template.pre + template.multiplied;
    const unsigned = !this.#signWritten && this.#blanks === 0;
    this.#count = template.post + pre - 1 + (unsigned ? 1 : 0);
    this.#last = this.#lastDigit();
  }

  #lastDigit(): number {
    const { fill, decimal, zeroEnd } = this.#template;
    if (!fill || !decimal) return -1;
    const last = lastRelevant(this.#text);
    if (last < 0 || zeroEnd <= this.#blanks) return last;
    return Math.max(last, Math.min(this.#text.length - 1, zeroEnd - this.#blanks));
  }

  write(): string {
    for (const part of this.#template.parts) {
      if (part.kind === 'text') this.#output += part.text;
      else this.#key(part.key);
    }
    return this.#output;
  }

  #key(key: NumberKey): void {
    const { fill } = this.#template;
    switch (key) {
      case '9':
      case '0':
      case '.':
      case 'D':
        return this.#digit(key);
      case ',':
      case 'G':
        if (this.#inNumber) this.#output += ',';
        else if (!fill) this.#output += ' ';
        return;
      case 'L':
        this.#output += ' ';
        return;
      case 'TH':
      case 'th':
        this.#output += this.#ordinal(key);
        return;
      case 'MI':
        this.#output += this.#sign === '-' ? '-' : fill ? '' : ' ';
        return;
      case 'PL':
        this.#output += this.#sign === '+' ? '+' : fill ? '' : ' ';
        return;
      case 'SG':
        this.#output += this.#sign;
        return;
      default:
    }
  }

  #ordinal(key: 'TH' | 'th'): string {
    if (this.#text.startsWith('#') || this.#sign === '-' || this.#template.decimal) return '';
    const value = Number(this.#text.slice(-2));
    if (!/\d$/.test(this.#text)) {
      throw databaseError('invalidTextRepresentation', `"${this.#text}" is not a number`);
    }
    const suffix = value > 10 && value < 20 ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th');
    return key === 'TH' ? suffix.toUpperCase() : suffix;
  }

  /** "9.9" shows 0.1 as " .1": the zero in front of the point has no 0 in the template. */
  #isBlankZero(): boolean {
    const { zero, post } = this.#template;
    return !zero && this.#at === 0 && this.#text.startsWith('0') && post !== 0;
  }

  #endsAtPoint(): boolean {
    return this.#last >= 0 && this.#text[this.#last] === '.';
  }

  #digit(key: NumberKey): void {
    const { zero, fill, decimal } = this.#template;
    this.#inNumber = false;
    const startsHere =
      this.#position >= this.#blanks || (zero && this.#zeroStart === this.#position);
    if (!this.#signWritten && startsHere && (!this.#isBlankZero() || this.#endsAtPoint())) {
      this.#writeSign();
    }
    if (this.#position < this.#blanks && (!zero || this.#zeroStart > this.#position)) {
      if (!fill) this.#output += ' ';
    } else if (zero && this.#position < this.#blanks) {
      this.#output += '0';
      this.#inNumber = true;
    } else {
      this.#writeDigit(key);
      if (this.#at < this.#text.length) this.#at++;
    }
    let end = this.#count + (this.#blanks > 0 ? 1 : 0) + (decimal ? 1 : 0);
    if (this.#last >= 0 && this.#last === this.#at) end = this.#position;
    if (this.#position + 1 === end) this.#writeEnd();
    this.#position++;
  }

  #writeSign(): void {
    const { sign, fill } = this.#template;
    if (sign !== 'none') {
      if (this.#signAfter) return;
      this.#output += this.#sign;
    } else if (this.#bracket) {
      this.#output += this.#sign === '+' ? ' ' : '<';
    } else if (this.#sign === '-') {
      this.#output += '-';
    } else if (!fill) {
      this.#output += ' ';
    }
    this.#signWritten = true;
  }

  #writeDigit(key: NumberKey): void {
    const { fill } = this.#template;
    const character = this.#text[this.#at];
    if (character === '.') {
      if (!this.#endsAtPoint() || fill) this.#output += '.';
      return;
    }
    if (this.#last >= 0 && this.#at > this.#last && key !== '0') return;
    if (this.#isBlankZero()) {
      if (!fill) this.#output += ' ';
      else if (this.#endsAtPoint()) this.#output += '0';
      return;
    }
    if (character === undefined) return;
    this.#output += character;
    this.#inNumber = true;
  }

  #writeEnd(): void {
    if (this.#signWritten && this.#bracket) this.#output += this.#sign === '+' ? ' ' : '>';
    else if (this.#template.sign !== 'none' && this.#signAfter) this.#output += this.#sign;
  }
}

function withRoman(template: NumberTemplate, value: number): string {
  let output = '';
  for (const part of template.parts) {
    if (part.kind === 'text') output += part.text;
    else if (part.key === 'RN' || part.key === 'rn') {
      const text = part.key === 'rn' ? roman(value).toLowerCase() : roman(value);
      output += template.fill ? text : text.padStart(15);
    }
  }
  return output;
}

function overflow(template: NumberTemplate): string {
  const text = '#'.repeat(template.pre + template.post + 6);
  return ` ${text.slice(1, template.pre + 1)}.${text.slice(template.pre + 2)}`;
}

/** "1.23e+04": the sign or a blank, one digit, `post` decimals, an exponent of two digits or more. */
function scientific(value: Numeric, post: number): string {
  if (value.isZero) return ` ${post > 0 ? `0.${'0'.repeat(post)}` : '0'}e+00`;
  const digits = String(value.abs().coefficient);
  let exponent = digits.length - 1 - value.scale;
  let mantissa = Numeric.of(BigInt(digits), digits.length - 1).round(post);
  if (mantissa.compare(Numeric.fromInteger(10)) >= 0) {
    exponent++;
    mantissa = Numeric.of(BigInt(digits), digits.length).round(post);
  }
  const power = String(Math.abs(exponent)).padStart(2, '0');
  const sign = value.compare(Numeric.zero) < 0 ? '-' : ' ';
  return `${sign}${mantissa.toString()}e${exponent < 0 ? '-' : '+'}${power}`;
}

function numericToChar(value: Numeric, text: string): string {
  const template = numberTemplate(text);
  if (template.roman) {
    return withRoman(template, value.toInt4());
  }
  if (template.scientific) {
    return value.scale < 0 ? overflow(template) : scientific(value, template.post);
  }
  const pre = template.pre + template.multiplied;
  const factor = Numeric.of(10n ** BigInt(template.multiplied), 0);
  const shifted = value.scale < 0 ? value : value.multiply(factor).round(template.post);
  return new NumberWriter(template, digitsOf(shifted.toString(), template, pre)).write();
}

function int8ToChar(value: number | bigint, text: string): string {
  const { multiplied } = numberTemplate(text);
  const shifted = BigInt(value) * 10n ** BigInt(multiplied);
  if (BigInt.asIntN(64, shifted) !== shifted) {
    throw databaseError('numericValueOutOfRange', 'bigint out of range');
  }
  return numericToChar(Numeric.fromInteger(value), text);
}

/** V multiplies int4 without a check for overflow, as PostgreSQL does. */
function int4ToChar(value: number, text: string): string {
  const template = numberTemplate(text);
  if (template.multiplied === 0) return numericToChar(Numeric.fromInteger(value), text);
  const shifted = Math.imul(value, 10 ** template.multiplied);
  const pre = template.pre + template.multiplied;
  return new NumberWriter(template, digitsOf(String(shifted), template, pre)).write();
}

/** Doubles have 15 significant digits, singles 6: places behind those are not shown. */
function floatToChar(value: number, text: string, significant: 15 | 6): string {
  const template = numberTemplate(text);
  if (template.roman) return withRoman(template, Math.round(value));
  if (template.scientific) {
    if (!Number.isFinite(value)) return overflow(template);
    const parts = value.toExponential(template.post).split('e');
    const power = parts[1].slice(1).padStart(2, '0');
    return `${value < 0 ? '' : ' '}${parts[0]}e${parts[1][0]}${power}`;
  }
  const pre = template.pre + template.multiplied;
  const scaled = value * 10 ** template.multiplied;
  const whole = (Number.isFinite(scaled) ? fixed(Math.abs(scaled), 0) : infiniteText(scaled))
    .length;
  const post = whole >= significant ? 0 : Math.min(template.post, significant - whole);
  const plain = Number.isFinite(scaled) ? fixed(scaled, post) : infiniteText(scaled);
  const fitted = post === template.post ? template : { ...template, post };
  return new NumberWriter(fitted, digitsOf(plain, fitted, pre)).write();
}

function infiniteText(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** printf's %.*f: exact decimal expansion, ties to even (toFixed rounds them up). */
function fixed(value: number, places: number): string {
  if (Math.abs(value) >= 1e21) {
    const whole = String(BigInt(value));
    return places === 0 ? whole : `${whole}.${'0'.repeat(places)}`;
  }
  const exact = value.toFixed(100);
  const cut = exact.length - 100 + places;
  const isTie = /^50*$/.test(exact.slice(cut));
  if (!isTie) return value.toFixed(places);
  const kept = exact.slice(0, places === 0 ? cut - 1 : cut);
  return Number(kept.at(-1)) % 2 === 0 ? kept : value.toFixed(places);
}

export const toCharNumberFamily: Family = {
  scalars: {
    numeric_to_char: (_context, value: Numeric, template: string) =>
      template === '' ? '' : numericToChar(value, template),
    int4_to_char: (_context, value: number, template: string) => int4ToChar(value, template),
    int8_to_char: (_context, value: number | bigint, template: string) =>
      int8ToChar(value, template),
    float4_to_char: (_context, value: number, template: string) => floatToChar(value, template, 6),
    float8_to_char: (_context, value: number, template: string) => floatToChar(value, template, 15),
    numeric_to_number: (_context, input: string, template: string) =>
      template === '' ? null : toNumber(input, template),
  },
};
