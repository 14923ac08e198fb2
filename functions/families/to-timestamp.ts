// to_timestamp(text, template) and to_date: the time that the fields of a template make together (PostgreSQL's
// do_to_timestamp).

import {
  databaseError,
  dateMax,
  dateMin,
  dateTimeError,
  daysFromCivil,
  civilFromDays,
  daysInMonth,
  isoYearStart,
  joinTimestamp,
  microsPerSecond,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';
import { checkedTimestamp, instantOf, sessionZone, type Timestamp } from './datetime-zones.ts';
import { invalidByTemplate, TemplateReader } from './template-reader.ts';

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
    throw invalidByTemplate('trailing characters remain in input string after datetime format');
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
      throw invalidByTemplate(`hour "${hour}" is invalid for the 12-hour clock`, {
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
      throw invalidByTemplate('cannot calculate day of year without year information');
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
