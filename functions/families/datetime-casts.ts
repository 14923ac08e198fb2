// Casts among date, time, timetz, timestamp, timestamptz and interval, the functions that apply their
// typmods, and comparisons across the three types that name an instant or a day.

import {
  adjustInterval,
  addMicros,
  canonicalInteger,
  databaseError,
  type Datum,
  Interval,
  isInfinite,
  joinTimestamp,
  microsPerDay,
  microsPerSecond,
  roundTime,
  roundTimestamp,
  timestampDays,
  timestampDaysEnd,
  timestampMicros,
  TimeTz,
  utcSeconds,
} from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import {
  checkedTimestamp,
  instantOf,
  sessionZone,
  type Timestamp,
  toTimestamp,
  toTimestampTz,
} from './datetime-zones.ts';

export function dateToTimestamp(days: number): Timestamp {
  if (isInfinite(days)) return days;
  if (days >= timestampDaysEnd) {
    throw databaseError('datetimeFieldOverflow', 'date out of range for timestamp');
  }
  return joinTimestamp(days, 0);
}

export function dateToTimestampTz(days: number, context: FunctionContext): Timestamp {
  if (isInfinite(days)) return days;
  if (days >= timestampDaysEnd) {
    throw databaseError('datetimeFieldOverflow', 'date out of range for timestamp');
  }
  return instantOf(days, 0, sessionZone(context));
}

function timestampToDate(value: Timestamp): number {
  return isInfinite(value) ? Number(value) : timestampDays(value);
}

function timestampToTime(value: Timestamp): number | null {
  return isInfinite(value) ? null : timestampMicros(value);
}

function timestampTzToTimeTz(context: FunctionContext, value: Timestamp): TimeTz | null {
  if (isInfinite(value)) return null;
  const offset = sessionZone(context).offsetAt(utcSeconds(value));
  return new TimeTz(timestampMicros(addMicros(value, offset * microsPerSecond)), offset);
}

function timeToTimeTz(context: FunctionContext, value: number): TimeTz {
  const zone = sessionZone(context);
  const today = timestampDays(toTimestamp(context.transactionTimestamp, zone));
  const utc = instantOf(today, value, zone);
  return new TimeTz(value, zone.offsetAt(utcSeconds(utc)));
}

function intervalToTime(value: Interval): number {
  const micros = Number(canonicalInteger(BigInt(value.micros) % BigInt(microsPerDay)));
  return micros < 0 ? micros + microsPerDay : micros;
}

function dateWithTimeTz(days: number, time: TimeTz): Timestamp {
  if (isInfinite(days)) return days;
  return checkedTimestamp(joinTimestamp(days, time.micros - time.zoneSeconds * microsPerSecond));
}

function dateWithTime(days: number, time: number): Timestamp {
  return isInfinite(days) ? days : checkedTimestamp(joinTimestamp(days, time));
}

function scaleTimestamp(value: Timestamp, typmod: number): Timestamp {
  if (typmod > 6 && !isInfinite(value)) {
    throw databaseError(
      'invalidParameterValue',
      `timestamp(${typmod}) precision must be between 0 and 6`,
    );
  }
  return roundTimestamp(value, typmod);
}

type Convert = (value: Datum, context: FunctionContext) => Timestamp;

/** Dates beyond the timestamps' range compare as infinitely late. */
const fromDate: Convert = (value) =>
  (value as number) >= timestampDaysEnd ? Infinity : dateToTimestamp(value as number);
const fromDateZoned: Convert = (value, context) =>
  (value as number) >= timestampDaysEnd ? Infinity : dateToTimestampTz(value as number, context);
const asIs: Convert = (value) => value as Timestamp;
const zoned: Convert = (value, context) => toTimestampTz(value as Timestamp, sessionZone(context));

function crossComparisons(): Record<string, ScalarImplementation> {
  const sides: readonly (readonly [left: string, right: string, Convert, Convert])[] = [
    ['date', 'timestamp', fromDate, asIs],
    ['date', 'timestamptz', fromDateZoned, asIs],
    ['timestamp', 'date', asIs, fromDate],
    ['timestamptz', 'date', asIs, fromDateZoned],
    ['timestamp', 'timestamptz', zoned, asIs],
    ['timestamptz', 'timestamp', asIs, zoned],
  ];
  const entries: Record<string, ScalarImplementation> = {};
  for (const [left, right, convertLeft, convertRight] of sides) {
    const order = (context: FunctionContext, a: Datum, b: Datum): number => {
      const [x, y] = [convertLeft(a, context), convertRight(b, context)];
      return x < y ? -1 : x > y ? 1 : 0;
    };
    const add = (name: string, test: (order: number) => Datum): void => {
      entries[`${left}_${name}_${right}`] = (context, a: Datum, b: Datum) =>
        test(order(context, a, b));
    };
    add('eq', (sign) => sign === 0);
    add('ne', (sign) => sign !== 0);
    add('lt', (sign) => sign < 0);
    add('le', (sign) => sign <= 0);
    add('gt', (sign) => sign > 0);
    add('ge', (sign) => sign >= 0);
    add('cmp', (sign) => sign);
  }
  return entries;
}

export const datetimeCastsFamily: Family = {
  scalars: {
    ...crossComparisons(),
    date_timestamp: (_context, days: number) => dateToTimestamp(days),
    date_timestamptz: (context, days: number) => dateToTimestampTz(days, context),
    timestamp_date: (_context, value: Timestamp) => timestampToDate(value),
    timestamptz_date: (context, value: Timestamp) =>
      timestampToDate(toTimestamp(value, sessionZone(context))),
    timestamp_time: (_context, value: Timestamp) => timestampToTime(value),
    timestamptz_time: (context, value: Timestamp) =>
      timestampToTime(toTimestamp(value, sessionZone(context))),
    timestamptz_timetz: timestampTzToTimeTz,
    time_timetz: timeToTimeTz,
    timetz_time: (_context, value: TimeTz) => value.micros,
    time_interval: (_context, value: number) => new Interval(0, 0, value),
    interval_time: (_context, value: Interval) => intervalToTime(value),
    datetime_timestamp: (_context, days: number, time: number) => dateWithTime(days, time),
    datetimetz_timestamptz: (_context, days: number, time: TimeTz) => dateWithTimeTz(days, time),
    'timestamptz(date,time)': (context, days: number, time: number) =>
      toTimestampTz(dateWithTime(days, time), sessionZone(context)),
    'timedate_pl(time,date)': (_context, time: number, days: number) => dateWithTime(days, time),
    'timetzdate_pl(timetz,date)': (_context, time: TimeTz, days: number) =>
      dateWithTimeTz(days, time),
    timestamp_scale: (_context, value: Timestamp, typmod: number) => scaleTimestamp(value, typmod),
    timestamptz_scale: (_context, value: Timestamp, typmod: number) =>
      scaleTimestamp(value, typmod),
    time_scale: (_context, value: number, typmod: number) => roundTime(value, typmod),
    timetz_scale: (_context, value: TimeTz, typmod: number) =>
      new TimeTz(roundTime(value.micros, typmod), value.zoneSeconds),
    interval_scale: (_context, value: Interval, typmod: number) => adjustInterval(value, typmod),
    date_finite: (_context, value: number) => !isInfinite(value),
    timestamp_finite: (_context, value: Timestamp) => !isInfinite(value),
    interval_finite: () => true,
  },
};
