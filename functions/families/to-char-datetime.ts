// to_char of timestamps and intervals.

import {
  civilFromDays,
  databaseError,
  dayOfWeek,
  dayOfYear,
  type Interval,
  isInfinite,
  isoWeek,
  isoYearStart,
  type TimeZone,
  utcSeconds,
} from '#common';
import type { Family } from '../family.ts';
import { localTime, sessionZone, type Timestamp, zonedTime } from './datetime-zones.ts';
import { type DateField, dateTemplate, type TemplateField } from './template-datetime.ts';

const monthNames =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const dayNames = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const romanMonths = 'I II III IV V VI VII VIII IX X XI XII'.split(' ');

/** What a template shows: a point in time, or an interval's fields (with days undefined). */
interface Shown {
  /** Days since 2000-01-01; undefined for intervals. */
  readonly days: number | undefined;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Hours may exceed 24 and be negative in intervals. */
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  readonly offset: number;
  readonly abbreviation: string | undefined;
}

export function formatWithTemplate(template: string, shown: Shown): string {
  let text = '';
  for (const part of dateTemplate(template).parts) {
    text += part.kind === 'text' ? part.text : fieldText(part, shown);
  }
  return text;
}

/** A number padded with zeros to a width (FM: not), the sign in front, and its ordinal suffix. */
function numberText(part: TemplateField, value: number, width: number): string {
  const digits = String(Math.abs(value));
  const padded = part.fill ? digits : digits.padStart(width, '0');
  return withOrdinal(part, (value < 0 ? '-' : '') + padded, value);
}

function withOrdinal(part: TemplateField, text: string, value: number): string {
  if (part.ordinal === undefined) return text;
  const last = Math.abs(value) % 100;
  const suffix = last > 10 && last < 20 ? 'th' : (['th', 'st', 'nd', 'rd'][last % 10] ?? 'th');
  return text + (part.ordinal === 'TH' ? suffix.toUpperCase() : suffix);
}

/** A name in the case that the keyword is written in, blank-padded to the longest name. */
function nameText(part: TemplateField, name: string, width: number): string {
  const { written } = part;
  const cased =
    written === written.toUpperCase()
      ? name.toUpperCase()
      : written === written.toLowerCase()
        ? name.toLowerCase()
        : name;
  return part.fill ? cased : cased.padEnd(width);
}

/** Fields that only a date has. */
const calendarOnly = new Set<DateField>([
  'BC',
  'B.C.',
  'MONTH',
  'MON',
  'DAY',
  'DY',
  'D',
  'ID',
  'TZ',
  'TZH',
  'TZM',
  'OF',
]);

function fieldText(part: TemplateField, shown: Shown): string {
  if (shown.days === undefined && calendarOnly.has(part.field)) {
    throw databaseError(
      'invalidDatetimeFormat',
      'invalid format specification for an interval value',
      { hint: 'Intervals are not tied to specific calendar dates.' },
    );
  }
  return (
    clockText(part, shown) ?? yearText(part, shown) ?? dayText(part, shown) ?? zoneText(part, shown)
  );
}

function clockText(part: TemplateField, shown: Shown): string | undefined {
  const { hour, minute, second, micros } = shown;
  switch (part.field) {
    case 'HH12':
      return numberText(part, hour % 12 === 0 ? 12 : hour % 12, 2);
    case 'HH24':
      return numberText(part, hour, 2);
    case 'MI':
      return numberText(part, minute, 2);
    case 'SS':
      return numberText(part, second, 2);
    case 'MS':
      return withOrdinal(part, fraction(micros, 3), Math.trunc(micros / 1000));
    case 'US':
      return withOrdinal(part, fraction(micros, 6), micros);
    case 'FF1':
    case 'FF2':
    case 'FF3':
    case 'FF4':
    case 'FF5':
    case 'FF6': {
      const digits = Number(part.field[2]);
      return withOrdinal(part, fraction(micros, digits), Math.trunc(micros / 10 ** (6 - digits)));
    }
    case 'SSSS': {
      const seconds = (hour * 60 + minute) * 60 + second;
      return withOrdinal(part, String(seconds), seconds);
    }
    case 'AM':
    case 'A.M.':
      return meridian(part, hour);
    default:
      return undefined;
  }
}

function fraction(micros: number, digits: number): string {
  const value = Math.trunc(micros / 10 ** (6 - digits));
  return (value < 0 ? '-' : '') + String(Math.abs(value)).padStart(digits, '0');
}

function meridian(part: TemplateField, hour: number): string {
  const after = hour % 24 >= 12;
  const letters = part.field === 'AM' ? (after ? 'pm' : 'am') : after ? 'p.m.' : 'a.m.';
  return part.written === part.written.toUpperCase() ? letters.toUpperCase() : letters;
}

/** Years are shown without a sign (BC says the rest); intervals have plain numbers of years. */
function shownYear(shown: Shown): number {
  if (shown.days === undefined) return shown.year;
  return shown.year > 0 ? shown.year : 1 - shown.year;
}

function yearText(part: TemplateField, shown: Shown): string | undefined {
  const year = shownYear(shown);
  switch (part.field) {
    case 'Y,YYY': {
      const thousands = Math.trunc(year / 1000);
      const rest = String(Math.abs(year % 1000)).padStart(3, '0');
      return withOrdinal(part, `${thousands},${rest}`, year);
    }
    case 'YYYY':
      return numberText(part, year, 4);
    case 'YYY':
      return numberText(part, year % 1000, 3);
    case 'YY':
      return numberText(part, year % 100, 2);
    case 'Y':
      return numberText(part, year % 10, 1);
    case 'IYYY':
      return numberText(part, isoYear(shown), 4);
    case 'IYY':
      return numberText(part, isoYear(shown) % 1000, 3);
    case 'IY':
      return numberText(part, isoYear(shown) % 100, 2);
    case 'I':
      return numberText(part, isoYear(shown) % 10, 1);
    case 'BC':
    case 'B.C.':
      return eraText(part, shown);
    case 'CC':
      return centuryText(part, shown);
    default:
      return undefined;
  }
}

function isoYear(shown: Shown): number {
  if (shown.days === undefined) return shown.year;
  const { year } = isoWeek(shown.days);
  return year > 0 ? year : 1 - year;
}

function eraText(part: TemplateField, shown: Shown): string {
  const letters = part.field === 'BC' ? ['ad', 'bc'] : ['a.d.', 'b.c.'];
  const text = letters[shown.year > 0 ? 0 : 1];
  return part.written === part.written.toUpperCase() ? text.toUpperCase() : text;
}

function centuryText(part: TemplateField, shown: Shown): string {
  const { year, days } = shown;
  const century =
    days === undefined
      ? Math.trunc(year / 100)
      : year > 0
        ? Math.floor((year - 1) / 100) + 1
        : Math.trunc(year / 100) - 1;
  if (Math.abs(century) <= 99) return numberText(part, century, 2);
  return withOrdinal(part, String(century), century);
}

function dayText(part: TemplateField, shown: Shown): string | undefined {
  switch (part.field) {
    case 'MM':
      return numberText(part, shown.month, 2);
    case 'DD':
      return numberText(part, shown.day, 2);
    case 'Q':
      return shown.month === 0
        ? ''
        : withOrdinal(part, String(Math.trunc((shown.month - 1) / 3) + 1), shown.month);
    case 'MONTH':
      return shown.month === 0 ? '' : nameText(part, monthNames[shown.month - 1], 9);
    case 'MON':
      return shown.month === 0 ? '' : nameText(part, monthNames[shown.month - 1].slice(0, 3), 3);
    case 'RM':
      return romanText(part, shown.month, shown.year);
    default:
      return shown.days === undefined ? undefined : calendarText(part, shown.days, shown.day);
  }
}

/** Intervals of whole years are in their last month, and negative months count back from the twelfth. */
function romanText(part: TemplateField, month: number, year: number): string {
  if (month === 0 && year === 0) return '';
  const position = month === 0 && year < 0 ? 1 : month < 0 ? 13 + month : month || 12;
  const name = romanMonths[position - 1];
  const cased = part.written === 'rm' ? name.toLowerCase() : name;
  return part.fill ? cased : cased.padEnd(4);
}

function calendarText(part: TemplateField, days: number, day: number): string | undefined {
  const weekday = dayOfWeek(days);
  switch (part.field) {
    case 'DAY':
      return nameText(part, dayNames[weekday], 9);
    case 'DY':
      return nameText(part, dayNames[weekday].slice(0, 3), 3);
    case 'DDD':
      return numberText(part, dayOfYear(days), 3);
    case 'IDDD':
      return numberText(part, days - isoYearStart(isoWeek(days).year) + 1, 3);
    case 'D':
      return withOrdinal(part, String(weekday + 1), weekday + 1);
    case 'ID':
      return withOrdinal(part, String(weekday || 7), weekday || 7);
    case 'W': {
      const week = Math.trunc((day - 1) / 7) + 1;
      return withOrdinal(part, String(week), week);
    }
    case 'WW':
      return numberText(part, Math.trunc((dayOfYear(days) - 1) / 7) + 1, 2);
    case 'IW':
      return numberText(part, isoWeek(days).week, 2);
    case 'J':
      return withOrdinal(part, String(days + 2451545), days + 2451545);
    default:
      return undefined;
  }
}

function zoneText(part: TemplateField, shown: Shown): string {
  const { offset } = shown;
  const pad = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.trunc(Math.abs(offset) / 3600);
  const minutes = Math.trunc(Math.abs(offset) / 60) % 60;
  const sign = offset < 0 ? '-' : '+';
  if (shown.abbreviation === undefined) return '';
  switch (part.field) {
    case 'TZ':
      return part.written === 'tz' ? shown.abbreviation.toLowerCase() : shown.abbreviation;
    case 'TZH':
      return sign + pad(hours);
    case 'TZM':
      return pad(minutes);
    case 'OF':
      return (
        sign + (part.fill ? String(hours) : pad(hours)) + (minutes === 0 ? '' : `:${pad(minutes)}`)
      );
    default:
      return '';
  }
}

function shownTimestamp(
  time: { days: number; micros: number; offset: number },
  abbreviation: string | undefined,
): Shown {
  const seconds = Math.floor(time.micros / 1_000_000);
  return {
    days: time.days,
    ...civilFromDays(time.days),
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    micros: time.micros % 1_000_000,
    offset: time.offset,
    abbreviation,
  };
}

function timestampText(value: Timestamp, template: string): string | null {
  if (template === '' || isInfinite(value)) return null;
  return formatWithTemplate(template, shownTimestamp(localTime(value), ''));
}

function timestampTzText(value: Timestamp, template: string, zone: TimeZone): string | null {
  if (template === '' || isInfinite(value)) return null;
  const abbreviation = zone.abbreviationAt(utcSeconds(value));
  return formatWithTemplate(template, shownTimestamp(zonedTime(value, zone), abbreviation));
}

function intervalText(value: Interval, template: string): string | null {
  if (template === '') return null;
  const micros = BigInt(value.micros);
  return formatWithTemplate(template, {
    days: undefined,
    year: Math.trunc(value.months / 12),
    month: value.months % 12,
    day: value.days,
    hour: Number(micros / 3_600_000_000n),
    minute: Number((micros / 60_000_000n) % 60n),
    second: Number((micros / 1_000_000n) % 60n),
    micros: Number(micros % 1_000_000n),
    offset: 0,
    abbreviation: undefined,
  });
}

export const toCharDatetimeFamily: Family = {
  scalars: {
    timestamp_to_char: (_context, value: Timestamp, template: string) =>
      timestampText(value, template),
    timestamptz_to_char: (context, value: Timestamp, template: string) =>
      timestampTzText(value, template, sessionZone(context)),
    interval_to_char: (_context, value: Interval, template: string) =>
      intervalText(value, template),
  },
};
