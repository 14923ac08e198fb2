// to_timestamp(text, template) and to_date: reads text by a template. Outside of FX mode separators
// match loosely and blanks before fields are skipped; a field that is followed by another field of
// digits takes exactly its width (PostgreSQL's DCH_from_char and do_to_timestamp).

import {
  databaseError,
  dateMax,
  dateMin,
  dateTimeError,
  daysFromCivil,
  civilFromDays,
  daysInMonth,
  type ErrorFields,
  isoYearStart,
  joinTimestamp,
  microsPerSecond,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';
import { checkedTimestamp, instantOf, sessionZone, type Timestamp } from './datetime-zones.ts';
import {
  type DateField,
  dateTemplate,
  type TemplateField,
  type TemplatePart,
} from './template-datetime.ts';

const monthNames =
  'january february march april may june july august september october november december'.split(
    ' ',
  );
const dayNames = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const romanMonths = 'i ii iii iv v vi vii viii ix x xi xii'.split(' ');

/** Fields with digits: how many a field takes when digits follow it. */
const widths: Partial<Readonly<Record<DateField, number>>> = {
  HH12: 2,
  HH24: 2,
  MI: 2,
  SS: 2,
  MS: 3,
  US: 6,
  FF1: 1,
  FF2: 2,
  FF3: 3,
  FF4: 4,
  FF5: 5,
  FF6: 6,
  SSSS: 5,
  MM: 2,
  DD: 2,
  DDD: 3,
  IDDD: 3,
  D: 1,
  ID: 1,
  W: 1,
  WW: 2,
  IW: 2,
  CC: 2,
  J: 1,
  Q: 1,
  YYYY: 4,
  IYYY: 4,
  YYY: 3,
  IYY: 3,
  YY: 2,
  IY: 2,
  Y: 1,
  I: 1,
  TZH: 2,
  TZM: 2,
  'Y,YYY': 5,
};

const isoFields = new Set<DateField>(['IDDD', 'ID', 'IW', 'IYYY', 'IYY', 'IY', 'I']);
const gregorianFields = new Set<DateField>([
  'DDD',
  'DD',
  'MM',
  'MON',
  'MONTH',
  'W',
  'WW',
  'YYYY',
  'YYY',
  'YY',
  'Y',
  'Y,YYY',
  'RM',
  'CC',
]);

type Slot =
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'microsecond'
  | 'daySeconds'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'weekday'
  | 'week'
  | 'monthWeek'
  | 'year'
  | 'century'
  | 'julian'
  | 'zoneHour'
  | 'zoneMinute';

const slots: Partial<Readonly<Record<DateField, Slot>>> = {
  HH12: 'hour',
  HH24: 'hour',
  MI: 'minute',
  SS: 'second',
  MS: 'millisecond',
  US: 'microsecond',
  FF1: 'microsecond',
  FF2: 'microsecond',
  FF3: 'microsecond',
  FF4: 'microsecond',
  FF5: 'microsecond',
  FF6: 'microsecond',
  SSSS: 'daySeconds',
  MM: 'month',
  DD: 'day',
  DDD: 'dayOfYear',
  IDDD: 'dayOfYear',
  D: 'weekday',
  ID: 'weekday',
  W: 'monthWeek',
  WW: 'week',
  IW: 'week',
  CC: 'century',
  J: 'julian',
  YYYY: 'year',
  IYYY: 'year',
  YYY: 'year',
  IYY: 'year',
  YY: 'year',
  IY: 'year',
  Y: 'year',
  I: 'year',
  TZH: 'zoneHour',
  TZM: 'zoneMinute',
};

function invalid(message: string, fields: ErrorFields = {}): Error {
  return databaseError('invalidDatetimeFormat', message, fields);
}

class TemplateReader {
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
      throw invalid('invalid combination of date conventions', {
        hint: 'Do not mix Gregorian and ISO week date conventions in a formatting template.',
      });
    }
    this.convention = convention;
  }

  #set(part: TemplateField, slot: Slot, value: number): void {
    const known = this.values.get(slot);
    if (known !== undefined && known !== 0 && known !== value) {
      throw invalid(`conflicting values for "${part.written}" field in formatting string`, {
        detail: 'This value contradicts a previous setting for the same field type.',
      });
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
      throw invalid(`invalid value "${word}" for "${part.written}"`, {
        detail: 'The given value did not match any of the allowed values for this field.',
      });
    }
    this.#at += names[best].length;
    return best;
  }

  #number(part: TemplateField, i: number): void {
    const slot = slots[part.field]!;
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
      throw invalid('invalid input string for "Y,YYY"');
    }
    this.#at += match[0].length;
    this.#set(part, 'year', Number(match[1]) * 1000 + Number(match[2]));
  }

  #integer(part: TemplateField, i: number): { value: number; length: number } {
    while (/\s/.test(this.input[this.#at] ?? '')) this.#at++;
    const rest = this.input.slice(this.#at);
    const width = widths[part.field] ?? 1;
    const greedy = part.fill || this.#nextIsNoDigit(part, i);
    const match = /^[+-]?\d+/.exec(greedy ? rest : rest.slice(0, width));
    const { written } = part;
    const hint = 'If your source string is not fixed-width, try using the "FM" modifier.';
    if (!greedy && rest.length < width) {
      throw invalid(`source string too short for "${written}" formatting field`, {
        detail: `Field requires ${width} characters, but only ${rest.length} remain.`,
        hint,
      });
    }
    if (match === null) {
      const shown = greedy ? /^\S*/.exec(rest)![0] : rest.slice(0, width);
      throw invalid(`invalid value "${shown}" for "${written}"`, {
        detail: 'Value must be an integer.',
      });
    }
    if (!greedy && match[0].length < width) {
      throw invalid(`invalid value "${rest.slice(0, width)}" for "${written}"`, {
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
    if (next.kind === 'field') return widths[next.field] === undefined;
    return !/^\d$/.test(next.text);
  }
}

function shortNames(names: readonly string[]): readonly string[] {
  return names.map((name) => name.slice(0, 3));
}

interface ReadTime {
  readonly days: number;
  readonly micros: number;
  /** Seconds east of UTC; undefined when the template names no zone. */
  readonly offset: number | undefined;
}

/** With `whole`, the template must account for all of the input (SQL:2016's datetime()). */
export function readTime(input: string, template: string, whole = false): ReadTime {
  const reader = new TemplateReader(input, template);
  reader.read();
  if (whole && reader.rest.trim() !== '') {
    throw invalid('trailing characters remain in input string after datetime format');
  }
  const micros = timeOf(reader);
  const days = dateOf(reader);
  const zone = (reader.get('zoneHour') * 60 + reader.get('zoneMinute')) * 60;
  return { days, micros, offset: reader.zoneSign === 0 ? undefined : reader.zoneSign * zone };
}

function timeOf(reader: TemplateReader): number {
  const daySeconds = reader.get('daySeconds');
  let hour = reader.get('hour') || Math.floor(daySeconds / 3600);
  const minute = reader.get('minute') || Math.floor(daySeconds / 60) % 60;
  const second = reader.get('second') || daySeconds % 60;
  if (reader.twelveHours) {
    if (hour < 1 || hour > 12) {
      throw invalid(`hour "${hour}" is invalid for the 12-hour clock`, {
        hint: 'Use the 24-hour clock, or give an hour between 1 and 12.',
      });
    }
    hour = (hour % 12) + (reader.afternoon ? 12 : 0);
  }
  const unit = 10 ** (6 - reader.fractionDigits);
  const exact = reader.get('millisecond') * 1000 + reader.get('microsecond');
  const valid = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  if (!valid || exact < 0 || exact >= microsPerSecond) {
    throw dateTimeError('fieldOverflow', reader.input, 'timestamp');
  }
  return ((hour * 60 + minute) * 60 + second) * microsPerSecond + Math.round(exact / unit) * unit;
}

function yearOf(reader: TemplateReader): number {
  let year = reader.get('year');
  const century = reader.get('century') * (reader.beforeChrist ? -1 : 1);
  if (year === 0) {
    if (century === 0) return 0;
    return century > 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
  }
  if (century !== 0 && reader.yearDigits <= 2) {
    year %= 100;
    if (century > 0) return year === 0 ? century * 100 : year + (century - 1) * 100;
    return (century + 1) * 100 - year + 1;
  }
  if (reader.beforeChrist) year = -year;
  return year < 0 ? year + 1 : year;
}

function dateOf(reader: TemplateReader): number {
  if (reader.get('julian') !== 0) return reader.get('julian') - 2451545;
  const year = yearOf(reader);
  const fail = (): Error => dateTimeError('fieldOverflow', reader.input, 'timestamp');
  const week = reader.get('week');
  if (week !== 0 && reader.convention === 'iso') {
    const weekday = reader.get('weekday');
    const shift = weekday === 0 ? 0 : weekday === 1 ? 6 : weekday - 2;
    return isoYearStart(year) + (week - 1) * 7 + shift;
  }
  const dayOfYear = week === 0 ? reader.get('dayOfYear') : (week - 1) * 7 + 1;
  const monthWeek = reader.get('monthWeek');
  const day = reader.get('day') || (monthWeek === 0 ? 1 : (monthWeek - 1) * 7 + 1);
  const month = reader.values.get('month') ?? 1;
  if (dayOfYear !== 0 && (month <= 1 || day <= 1)) {
    if (reader.values.get('year') === undefined && !reader.beforeChrist) {
      throw invalid('cannot calculate day of year without year information');
    }
    if (reader.convention === 'iso') return isoYearStart(year) + dayOfYear - 1;
    const days = daysFromCivil(year, 1, 1) + dayOfYear - 1;
    if (civilFromDays(days).year !== year) throw fail();
    return days;
  }
  const explicitDay = reader.values.get('day') ?? day;
  if (month < 1 || month > 12 || explicitDay < 1 || explicitDay > 31) throw fail();
  if (explicitDay > daysInMonth(year, month)) throw fail();
  return daysFromCivil(year, month, explicitDay);
}

function toTimestampTz(context: FunctionContext, input: string, template: string): Timestamp {
  const { days, micros, offset } = readTime(input, template);
  if (offset === undefined) return instantOf(days, micros, sessionZone(context));
  return checkedTimestamp(joinTimestamp(days, micros - offset * microsPerSecond));
}

function toDate(input: string, template: string): number {
  const { days } = readTime(input, template);
  if (days < dateMin || days > dateMax) {
    throw databaseError('datetimeFieldOverflow', `date out of range: "${input}"`);
  }
  return days;
}

export const toTimestampFamily: Family = {
  scalars: {
    to_timestamp: toTimestampTz,
    to_date: (_context, input: string, template: string) => toDate(input, template),
  },
};
