// Reads a text by a date template, field by field. Outside of FX mode separators match loosely and blanks before
// fields are skipped; a field that is followed by another field of digits takes exactly its width (PostgreSQL's
// DCH_from_char).

import { databaseError, type ErrorFields } from '#common';
import {
  type DateField,
  dateTemplate,
  type TemplateField,
  type TemplatePart,
} from './template-datetime.ts';
import {
  fieldSlots,
  fieldWidths,
  gregorianFields,
  isoFields,
  type Slot,
} from './template-fields.ts';

const monthNames =
  'january february march april may june july august september october november december'.split(
    ' ',
  );
const dayNames = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const romanMonths = 'i ii iii iv v vi vii viii ix x xi xii'.split(' ');

export class TemplateReader {
  readonly input: string;
  readonly #parts: readonly TemplatePart[];
  readonly #exact: boolean;
  #at = 0;
  /** Characters skipped beyond what the template asked for. */
  #extra = 0;
  readonly values = new Map<Slot, number>();
  convention: 'iso' | 'gregorian' | undefined;
  afternoon = false;
  twelveHours = false;
  /** FFn: the fraction is rounded to so many digits. */
  fractionDigits = 6;
  beforeChrist = false;
  yearDigits = 4;
  zoneSign = 0;

  constructor(input: string, template: string) {
    this.input = input;
    const { parts, exact } = dateTemplate(template);
    this.#parts = parts;
    this.#exact = exact;
  }

  read(): void {
    this.#skipBlanks();
    this.#parts.every((part, i) => {
      if (this.#at >= this.input.length) return false;
      if (part.kind === 'field') {
        this.#field(part, i);
        if (!this.#exact) {
          this.#extra = 0;
          this.#skipBlanks();
        }
      } else {
        for (const _character of part.text) this.#literal(part.separator);
      }
      return true;
    });
  }

  get rest(): string {
    return this.input.slice(this.#at);
  }

  get(slot: Slot): number {
    return this.values.get(slot) ?? 0;
  }

  #skipBlanks(): void {
    if (this.#exact) return;
    while (/\s/.test(this.input[this.#at] ?? '')) {
      this.#at++;
      this.#extra++;
    }
  }

  #literal(separator: boolean): void {
    if (this.#exact) {
      this.#at++;
    } else if (separator) {
      this.#extra--;
      if (/[!-/:-@[-`{-~\s]/.test(this.input[this.#at] ?? '')) {
        this.#at++;
        this.#extra++;
      }
    } else if (this.#extra > 0) {
      this.#extra--;
    } else {
      this.#at++;
    }
  }

  #field(part: TemplateField, i: number): void {
    const { field } = part;
    this.#setConvention(field);
    switch (field) {
      case 'AM':
      case 'A.M.': {
        this.afternoon = this.#word(part, field === 'AM' ? ['am', 'pm'] : ['a.m.', 'p.m.']) === 1;
        this.twelveHours = true;
        return;
      }
      case 'BC':
      case 'B.C.':
        this.beforeChrist =
          this.#word(part, field === 'BC' ? ['ad', 'bc'] : ['a.d.', 'b.c.']) === 1;
        return;
      case 'MONTH':
        return this.#set(part, 'month', this.#word(part, monthNames) + 1);
      case 'MON':
        return this.#set(part, 'month', this.#word(part, shortNames(monthNames)) + 1);
      case 'RM':
        return this.#set(part, 'month', this.#word(part, romanMonths) + 1);
      case 'DAY':
        return this.#set(part, 'weekday', this.#word(part, dayNames) + 1);
      case 'DY':
        return this.#set(part, 'weekday', this.#word(part, shortNames(dayNames)) + 1);
      case 'TZ':
      case 'OF':
        throw databaseError(
          'featureNotSupported',
          `formatting field "${part.written}" is only supported in to_char`,
        );
      case 'Q':
        this.#integer(part, i);
        return;
      case 'Y,YYY':
        this.#thousands(part);
        if (part.ordinal !== undefined) this.#at += 2;
        return;
      default:
        return this.#number(part, i);
    }
  }

  #setConvention(field: DateField): void {
    const convention = isoFields.has(field)
      ? 'iso'
      : gregorianFields.has(field)
        ? 'gregorian'
        : undefined;
    if (convention === undefined) return;
    if (this.convention !== undefined && this.convention !== convention) {
      throw invalidByTemplate('invalid combination of date conventions', {
        hint: 'Do not mix Gregorian and ISO week date conventions in a formatting template.',
      });
    }
    this.convention = convention;
  }

  #set(part: TemplateField, slot: Slot, value: number): void {
    const known = this.values.get(slot);
    if (known !== undefined && known !== 0 && known !== value) {
      throw invalidByTemplate(
        `conflicting values for "${part.written}" field in formatting string`,
        {
          detail: 'This value contradicts a previous setting for the same field type.',
        },
      );
    }
    this.values.set(slot, value);
  }

  /** The longest name that the input continues with; its position in the list. */
  #word(part: TemplateField, names: readonly string[]): number {
    const rest = this.input.slice(this.#at).toLowerCase();
    let best = -1;
    names.forEach((name, i) => {
      if (rest.startsWith(name) && (best < 0 || name.length > names[best].length)) best = i;
    });
    if (best < 0) {
      const word = /^\S*/.exec(this.input.slice(this.#at))![0];
      throw invalidByTemplate(`invalid value "${word}" for "${part.written}"`, {
        detail: 'The given value did not match any of the allowed values for this field.',
      });
    }
    this.#at += names[best].length;
    return best;
  }

  #number(part: TemplateField, i: number): void {
    const slot = fieldSlots[part.field]!;
    if (slot === 'zoneHour' || slot === 'zoneMinute') this.#sign(slot);
    const { value, length } = this.#integer(part, i);
    if (part.ordinal !== undefined) this.#at = Math.min(this.#at + 2, this.input.length);
    if (slot === 'millisecond') return this.#set(part, slot, value * 10 ** Math.max(0, 3 - length));
    if (slot === 'microsecond') {
      if (part.field.startsWith('FF')) this.fractionDigits = Number(part.field[2]);
      return this.#set(part, slot, value * 10 ** Math.max(0, 6 - length));
    }
    if (slot === 'hour' && part.field === 'HH12') this.twelveHours = true;
    if (slot === 'year') return this.#year(part, value, length);
    if (part.field === 'ID') return this.#set(part, slot, value === 7 ? 1 : value + 1);
    return this.#set(part, slot, value);
  }

  #sign(slot: Slot): void {
    if (slot === 'zoneMinute') {
      if (this.zoneSign === 0) this.zoneSign = 1;
      return;
    }
    const c = this.input[this.#at];
    if (c === '+' || c === '-' || c === ' ') {
      this.zoneSign = c === '-' ? -1 : 1;
      this.#at++;
    } else {
      this.zoneSign = this.#extra > 0 && this.input[this.#at - 1] === '-' ? -1 : 1;
    }
  }

  /** Years of fewer than four digits are those nearest to 2020. */
  #year(part: TemplateField, value: number, length: number): void {
    const digits = part.field.length;
    this.yearDigits = digits;
    let year = value;
    if (digits < 4 && length < 4 && value >= 0) {
      if (value < 70) year = value + 2000;
      else if (value < 100) year = value + 1900;
      else if (value < 520) year = value + 2000;
      else if (value < 1000) year = value + 1000;
    }
    this.#set(part, 'year', year);
  }

  #thousands(part: TemplateField): void {
    const match = /^\s*(\d+),(\d{3})/.exec(this.input.slice(this.#at));
    if (match === null) {
      throw invalidByTemplate('invalid input string for "Y,YYY"');
    }
    this.#at += match[0].length;
    this.#set(part, 'year', Number(match[1]) * 1000 + Number(match[2]));
  }

  #integer(part: TemplateField, i: number): { value: number; length: number } {
    while (/\s/.test(this.input[this.#at] ?? '')) this.#at++;
    const rest = this.input.slice(this.#at);
    const width = fieldWidths[part.field] ?? 1;
    const greedy = part.fill || this.#nextIsNoDigit(part, i);
    const match = /^[+-]?\d+/.exec(greedy ? rest : rest.slice(0, width));
    const { written } = part;
    const hint = 'If your source string is not fixed-width, try using the "FM" modifier.';
    if (!greedy && rest.length < width) {
      throw invalidByTemplate(`source string too short for "${written}" formatting field`, {
        detail: `Field requires ${width} characters, but only ${rest.length} remain.`,
        hint,
      });
    }
    if (match === null) {
      const shown = greedy ? /^\S*/.exec(rest)![0] : rest.slice(0, width);
      throw invalidByTemplate(`invalid value "${shown}" for "${written}"`, {
        detail: 'Value must be an integer.',
      });
    }
    if (!greedy && match[0].length < width) {
      throw invalidByTemplate(`invalid value "${rest.slice(0, width)}" for "${written}"`, {
        detail: `Field requires ${width} characters, but only ${match[0].length} could be parsed.`,
        hint,
      });
    }
    const value = Number(match[0]);
    if (Math.abs(value) > 2147483647) {
      throw databaseError(
        'datetimeFieldOverflow',
        `value for "${written}" in source string is out of range`,
        { detail: 'Value must be in the range -2147483648 to 2147483647.' },
      );
    }
    this.#at += match[0].length;
    return { value, length: match[0].length };
  }

  #nextIsNoDigit(part: TemplateField, i: number): boolean {
    if (part.ordinal !== undefined) return true;
    const next = this.#parts[i + 1];
    if (next === undefined) return true;
    if (next.kind === 'field') return fieldWidths[next.field] === undefined;
    return !/^\d$/.test(next.text);
  }
}

function shortNames(names: readonly string[]): readonly string[] {
  return names.map((name) => name.slice(0, 3));
}

export function invalidByTemplate(message: string, fields: ErrorFields = {}): Error {
  return databaseError('invalidDatetimeFormat', message, fields);
}
