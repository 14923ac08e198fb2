// to_number: PostgreSQL's NUM_processor reading instead of writing, in the C locale. The template is
// walked key by key; a key takes at most one character, whether or not that is what it stands for.

import { databaseError, type Datum, Numeric } from '#common';
import { type NumberKey, numberTemplate, type NumberTemplate } from './template-number.ts';

export function toNumber(input: string, text: string): Datum {
  const template = numberTemplate(text);
  if (template.roman) throw databaseError('featureNotSupported', '"RN" not supported for input');
  if (template.scientific) {
    throw databaseError('featureNotSupported', '"EEEE" not supported for input');
  }
  const reader = new NumberReader(input, template);
  for (const part of template.parts) {
    if (reader.atEnd) break;
    if (part.kind === 'text') reader.skip([...part.text].length);
    else reader.read(part.key);
  }
  return reader.result();
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

class NumberReader {
  private readonly input: string;
  private readonly template: NumberTemplate;
  private at = 0;
  private sign = '';
  private digits = '';
  private decimals = '';
  private inDecimals = false;

  constructor(input: string, template: NumberTemplate) {
    this.input = input;
    this.template = template;
  }

  get atEnd(): boolean {
    return this.at >= this.input.length;
  }

  /** Literal text in the template passes over as many characters, whatever they are. */
  skip(count: number): void {
    for (let left = count; left > 0 && !this.atEnd; left--) this.at += this.characterLength();
  }

  read(key: NumberKey): void {
    const character = this.input[this.at];
    switch (key) {
      case '9':
      case '0':
      case '.':
      case 'D':
        this.readDigit(key);
        this.at++;
        return;
      case ',':
        if (!this.template.fill && character === ',') this.at++;
        return;
      case 'G':
        if (!this.template.fill && character === ',') this.at++;
        return;
      case 'MI':
        return this.readMark(character === '-');
      case 'PL':
        return this.readMark(character === '+');
      case 'SG':
        return this.readMark(character === '-' || character === '+');
      case 'L':
        return this.skipOtherCharacters(1);
      case 'TH':
      case 'th':
        return this.skipOtherCharacters(2);
      default:
    }
  }

  private readMark(isMark: boolean): void {
    if (!isMark) return this.skipOtherCharacters(1);
    this.sign = this.input[this.at];
    this.at++;
  }

  private characterLength(): number {
    return (this.input.codePointAt(this.at) ?? 0) > 0xffff ? 2 : 1;
  }

  private skipOtherCharacters(count: number): void {
    for (let left = count; left > 0 && !this.atEnd; left--) {
      if ('0123456789.,+-'.includes(this.input[this.at])) return;
      this.at += this.characterLength();
    }
  }

  /** NUM_numpart_from_char: leaves `at` on the last character that it has taken. */
  private readDigit(key: NumberKey): void {
    const { input, template } = this;
    if (input[this.at] === ' ') this.at++;
    if (this.atEnd) return;
    const isFirst = this.digits === '' && this.decimals === '';
    if (this.sign === '' && isFirst && (key === '0' || key === '9')) this.readLeadingSign();
    if (this.atEnd) return;
    let isRead = false;
    if (isDigit(input[this.at])) {
      if (this.inDecimals && this.decimals.length === template.post) return;
      if (this.inDecimals) this.decimals += input[this.at];
      else this.digits += input[this.at];
      isRead = true;
    } else if (template.decimal && !this.inDecimals && input[this.at] === '.') {
      this.inDecimals = true;
      isRead = true;
    }
    if (this.sign === '' && (this.digits !== '' || this.decimals !== ''))
      this.readSignBehind(isRead);
  }

  private readLeadingSign(): void {
    const character = this.input[this.at];
    if (character === '-' || (this.template.bracket && character === '<')) this.sign = '-';
    else if (character === '+') this.sign = '+';
    else return;
    this.at++;
  }

  /** S stands behind the last digit; MI, PL and SG do so where the template does not say where exactly. */
  private readSignBehind(isRead: boolean): void {
    const { input, template } = this;
    if (template.sign !== 'none') {
      const next = input[this.at + 1];
      if (!isRead || (next !== '-' && next !== '+')) return;
      this.sign = next;
      this.at++;
    } else if (!isRead && (template.plus || template.minus)) {
      const character = input[this.at];
      if (character === '-' || character === '+') this.sign = character;
    }
  }

  /** The value has as many decimals as were read. 22003 when there are more digits than the template has. */
  result(): Numeric {
    const { template, digits, decimals } = this;
    if (digits === '' && decimals === '') {
      throw databaseError(
        'invalidTextRepresentation',
        'invalid input syntax for type numeric: " "',
      );
    }
    const sign = this.sign === '-' ? '-' : '';
    const value = Numeric.parse(`${sign}${digits || '0'}${decimals === '' ? '' : `.${decimals}`}`);
    const places = template.pre + template.multiplied;
    if (digits.replace(/^0+/, '').length > places) {
      throw databaseError('numericValueOutOfRange', 'numeric field overflow', {
        detail:
          `A field with precision ${places + decimals.length}, scale ${decimals.length} must round ` +
          `to an absolute value less than ${places === 0 ? '1' : `10^${places}`}.`,
      });
    }
    if (template.multiplied === 0) return value;
    return value.divide(Numeric.of(10n ** BigInt(template.multiplied), 0));
  }
}
