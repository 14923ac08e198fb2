// The clock (now and its kin) and the make_* functions.

import {
  databaseError,
  dateMax,
  dateMin,
  dateOutOfRange,
  daysFromCivil,
  daysInMonth,
  dayAbbreviations,
  formatTime,
  type Interval,
  civilFromDays,
  monthAbbreviations,
  timestampDaysEnd,
  timestampDaysMin,
  joinTimestamp,
  microsPerSecond,
  timestampOutOfRange,
  type TimeZone,
  utcSeconds,
  dayOfWeek,
  fixedTimeZone,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';
import {
  checkedTimestamp,
  instantOf,
  sessionZone,
  type Timestamp,
  toTimestampTz,
  zonedTime,
  zoneNamed,
} from './datetime-zones.ts';
import { makeInterval } from './interval-arithmetic.ts';

function makeDate(
  year: number,
  month: number,
  day: number,
  shownYear = year < 0 ? year + 1 : year,
): number {
  const astronomical = year < 0 ? year + 1 : year;
  const valid =
    year !== 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(astronomical, month);
  if (!valid) {
    const pad = (value: number): string =>
      value < 0 ? String(value) : String(value).padStart(2, '0');
    throw databaseError(
      'datetimeFieldOverflow',
      `date field value out of range: ${shownYear}-${pad(month)}-${pad(day)}`,
    );
  }
  const days = daysFromCivil(astronomical, month, day);
  if (days < dateMin || days > dateMax) throw dateOutOfRange();
  return days;
}

function makeTime(hour: number, minute: number, seconds: number): number {
  const micros =
    (hour * 60 + minute) * 60 * microsPerSecond + Math.round(seconds * microsPerSecond);
  const valid =
    hour >= 0 &&
    minute >= 0 &&
    minute <= 59 &&
    seconds >= 0 &&
    seconds <= 60 &&
    hour <= 24 &&
    micros <= 86_400_000_000;
  if (!valid) {
    const pad = (value: number): string => String(value).padStart(2, '0');
    throw databaseError(
      'datetimeFieldOverflow',
      `time field value out of range: ${hour}:${pad(minute)}:${pad(seconds)}`,
    );
  }
  return micros;
}

function checkDays(days: number): number {
  if (days < timestampDaysMin || days >= timestampDaysEnd) throw timestampOutOfRange();
  return days;
}

type Fields = [year: number, month: number, day: number, hour: number, min: number, sec: number];

function makeTimestamp(...[year, month, day, hour, minute, second]: Fields): Timestamp {
  const days = checkDays(makeDate(year, month, day, year));
  return checkedTimestamp(joinTimestamp(days, makeTime(hour, minute, second)));
}

function makeTimestampTz(zone: TimeZone, ...fields: Fields): Timestamp {
  const [year, month, day, hour, minute, second] = fields;
  return instantOf(
    checkDays(makeDate(year, month, day, year)),
    makeTime(hour, minute, second),
    zone,
  );
}

function intervalOf(...parts: number[]): Interval {
  const [years, months, weeks, days, hours, minutes, seconds] = parts as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fraction = Math.round(seconds * microsPerSecond);
  if (!Number.isFinite(fraction)) {
    throw databaseError('datetimeFieldOverflow', 'interval out of range');
  }
  const micros = BigInt(hours) * 3_600_000_000n + BigInt(minutes) * 60_000_000n + BigInt(fraction);
  return makeInterval(years * 12 + months, weeks * 7 + days, micros);
}

/** to_timestamp(double precision): seconds since 1970. */
function fromEpoch(seconds: number): Timestamp {
  if (Number.isNaN(seconds)) {
    throw databaseError('datetimeFieldOverflow', 'timestamp cannot be NaN');
  }
  if (!Number.isFinite(seconds)) return seconds;
  const shifted = Math.round((seconds - 946_684_800) * microsPerSecond);
  const outOfRange = Math.abs(shifted) > 2 ** 63;
  if (outOfRange) {
    throw databaseError('datetimeFieldOverflow', `timestamp out of range: "${seconds}"`);
  }
  return checkedTimestamp(Number.isSafeInteger(shifted) ? shifted + 0 : BigInt(shifted));
}

/** timeofday(): "Wed Feb 26 13:18:05.123456 2025 UTC". */
function timeOfDay(context: FunctionContext): string {
  const now = context.clockTimestamp();
  const zone = sessionZone(context);
  const local = zonedTime(now, zone);
  const { year, month, day } = civilFromDays(local.days);
  const time = formatTime(Math.floor(local.micros / microsPerSecond) * microsPerSecond);
  const fraction = String(local.micros % microsPerSecond).padStart(6, '0');
  const date = `${dayAbbreviations[dayOfWeek(local.days)]} ${monthAbbreviations[month - 1]}`;
  const dayText = String(day).padStart(2, '0');
  return `${date} ${dayText} ${time}.${fraction} ${year} ${zone.abbreviationAt(utcSeconds(now))}`;
}

/** "+05:30" is east of Greenwich here (parse_sane_timezone); undefined: a name. */
function numericZone(text: string): TimeZone | undefined {
  if (/^\d/.test(text)) {
    throw databaseError(
      'invalidParameterValue',
      `invalid input syntax for type numeric time zone: "${text}"`,
      { hint: 'Numeric time zones must have "-" or "+" as first character.' },
    );
  }
  const match = /^([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, hours, minutes = '0', seconds = '0'] = match;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  if (Number(hours) > 15 || Number(minutes) > 59 || Number(seconds) > 59) {
    throw databaseError('invalidParameterValue', `numeric time zone "${text}" out of range`);
  }
  return fixedTimeZone(sign === '-' ? -offset : offset);
}

export const datetimeMakingFamily: Family = {
  scalars: {
    now: (context) => context.transactionTimestamp,
    // A transaction of one statement begins after it; its now() is not later all the same.
    statement_timestamp: (context) =>
      Math.max(context.statementTimestamp, context.transactionTimestamp),
    clock_timestamp: (context) => context.clockTimestamp(),
    timeofday: timeOfDay,
    make_date: (_context, year: number, month: number, day: number) => makeDate(year, month, day),
    make_time: (_context, hour: number, minute: number, second: number) =>
      makeTime(hour, minute, second),
    make_timestamp: (_context, ...fields: Fields) => makeTimestamp(...fields),
    make_timestamptz: (context, ...fields: Fields) =>
      makeTimestampTz(sessionZone(context), ...fields),
    make_timestamptz_at_timezone: (_context, ...all: [...Fields, string]) => {
      const [year, month, day, hour, minute, second, zone] = all;
      const local = makeTimestamp(year, month, day, hour, minute, second);
      return toTimestampTz(local, numericZone(zone) ?? zoneNamed(zone));
    },
    make_interval: (_context, ...parts: number[]) => intervalOf(...parts),
    float8_timestamptz: (_context, seconds: number) => fromEpoch(seconds),
  },
};
