// date_trunc of timestamps (in their own or a named zone) and of intervals, and generate_series of
// timestamps.

import {
  canonicalInteger,
  civilFromDays,
  databaseError,
  type Datum,
  dayOfWeek,
  daysFromCivil,
  Interval,
  intervalSpan,
  isInfinite,
  joinTimestamp,
  microsPerDay,
  microsPerSecond,
  timestampDays,
  timestampMicros,
  type TimeZone,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';
import { addToTimestamp, addToTimestampTz } from './datetime-arithmetic.ts';
import { unitNamed, unitNotRecognized, unitNotSupported } from './datetime-fields.ts';
import { instantOf, sessionZone, type Timestamp, zonedTime, zoneNamed } from './datetime-zones.ts';

const unitMicros: Readonly<Record<string, number>> = {
  microsecond: 1,
  millisecond: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
  day: microsPerDay,
};

/** date_trunc does not know the words that only extract has, but for those of time zones. */
function truncationUnit(unitText: string, typeName: string): string {
  const unit = unitNamed(unitText);
  if (unit === undefined || extractOnly.has(unit)) throw unitNotRecognized(unitText, typeName);
  return unit;
}

const extractOnly = new Set(['dow', 'isodow', 'doy', 'isoyear', 'epoch', 'julian']);

/** The first day of the unit that holds a day; undefined for units that are no span of days. */
function truncateDays(unit: string, days: number): number | undefined {
  const { year, month } = civilFromDays(days);
  switch (unit) {
    case 'day':
      return days;
    case 'week':
      return days - ((dayOfWeek(days) + 6) % 7);
    case 'month':
      return daysFromCivil(year, month, 1);
    case 'quarter':
      return daysFromCivil(year, month - ((month - 1) % 3), 1);
    case 'year':
      return daysFromCivil(year, 1, 1);
    case 'decade':
      return daysFromCivil(Math.floor(year / 10) * 10, 1, 1);
    case 'century':
      return daysFromCivil(firstYearOf(year, 100), 1, 1);
    case 'millennium':
      return daysFromCivil(firstYearOf(year, 1000), 1, 1);
    default:
      return undefined;
  }
}

/** Centuries and millennia begin with a year ending in 1. */
function firstYearOf(year: number, length: number): number {
  return year > 0
    ? Math.floor((year + length - 1) / length) * length - (length - 1)
    : -Math.floor((length - 1 - (year - 1)) / length) * length + 1;
}

function truncateTimestamp(unitText: string, value: Timestamp): Timestamp {
  const typeName = 'timestamp without time zone';
  if (isInfinite(value)) return value;
  const unit = truncationUnit(unitText, typeName);
  const days = truncateDays(unit, timestampDays(value));
  if (days !== undefined) return joinTimestamp(days, 0);
  const size = unitMicros[unit];
  if (size === undefined) throw unitNotSupported(unitText, typeName);
  const micros = timestampMicros(value);
  return joinTimestamp(timestampDays(value), micros - (micros % size));
}

function truncateTimestampTz(unitText: string, value: Timestamp, zone: TimeZone): Timestamp {
  const typeName = 'timestamp with time zone';
  if (isInfinite(value)) return value;
  const unit = truncationUnit(unitText, typeName);
  const local = zonedTime(value, zone);
  const days = truncateDays(unit, local.days);
  if (days !== undefined) return instantOf(days, 0, zone);
  const size = unitMicros[unit];
  if (size === undefined) throw unitNotSupported(unitText, typeName);
  const micros = local.micros - (local.micros % size) - local.offset * microsPerSecond;
  return joinTimestamp(local.days, micros);
}

const unitMonths: Readonly<Record<string, number>> = {
  month: 1,
  quarter: 3,
  year: 12,
  decade: 120,
  century: 1200,
  millennium: 12000,
};

function truncateInterval(unitText: string, value: Interval): Interval {
  const unit = truncationUnit(unitText, 'interval');
  const months = unitMonths[unit];
  if (months !== undefined) {
    return new Interval(Math.trunc(value.months / months) * months + 0, 0, 0);
  }
  if (unit === 'day') return new Interval(value.months, value.days, 0);
  const size = unitMicros[unit];
  if (size === undefined) {
    const detail = unit === 'week' ? 'Months usually have fractional weeks.' : undefined;
    throw unitNotSupported(unitText, 'interval', detail);
  }
  const wide = BigInt(value.micros);
  return new Interval(value.months, value.days, canonicalInteger(wide - (wide % BigInt(size))));
}

const cancelCheckMask = 0xfff;

function* series(
  context: FunctionContext,
  bounds: { start: Timestamp; stop: Timestamp; step: Interval },
  add: (value: Timestamp, step: Interval) => Timestamp,
): Iterable<Datum> {
  const span = intervalSpan(bounds.step);
  if (Number(span) === 0) {
    throw databaseError('invalidParameterValue', 'step size cannot equal zero');
  }
  let steps = 0;
  let value = bounds.start;
  while (span > 0 ? value <= bounds.stop : value >= bounds.stop) {
    if ((++steps & cancelCheckMask) === 0) context.checkCancel();
    yield value;
    value = add(value, bounds.step);
  }
}

export const datetimeTruncationFamily: Family = {
  scalars: {
    timestamp_trunc: (_context, unit: string, value: Timestamp) => truncateTimestamp(unit, value),
    timestamptz_trunc: (context, unit: string, value: Timestamp) =>
      truncateTimestampTz(unit, value, sessionZone(context)),
    timestamptz_trunc_zone: (_context, unit: string, value: Timestamp, zone: string) =>
      isInfinite(value) ? value : truncateTimestampTz(unit, value, zoneNamed(zone)),
    interval_trunc: (_context, unit: string, value: Interval) => truncateInterval(unit, value),
  },
  sets: {
    generate_series_timestamp: (context, start: Timestamp, stop: Timestamp, step: Interval) =>
      series(context, { start, stop, step }, addToTimestamp),
    generate_series_timestamptz: (context, start: Timestamp, stop: Timestamp, step: Interval) => {
      const zone = sessionZone(context);
      return series(context, { start, stop, step }, (value, by) =>
        addToTimestampTz(value, by, zone),
      );
    },
  },
};
