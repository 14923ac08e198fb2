// Arithmetic on dates, times, timestamps and intervals, age, date_bin, OVERLAPS and justify_*.

import {
  addMicros,
  canonicalInteger,
  civilFromDays,
  compareTimeTz,
  databaseError,
  dateMax,
  dateMin,
  dateOutOfRange,
  type Datum,
  daysFromCivil,
  daysInMonth,
  Interval,
  isInfinite,
  joinTimestamp,
  microsPerDay,
  timestampDays,
  timestampMicros,
  timestampOutOfRange,
  TimeTz,
  type TimeZone,
} from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { dateToTimestamp } from './datetime-casts.ts';
import {
  checkedTimestamp,
  instantOf,
  type LocalTime,
  localTime,
  sessionZone,
  type Timestamp,
  zonedTime,
} from './datetime-zones.ts';
import {
  addIntervals,
  divideInterval,
  intervalDivisionByZero,
  justifyDays,
  justifyHours,
  justifyInterval,
  makeInterval,
  multiplyInterval,
  negateInterval,
  subtractIntervals,
} from './interval-arithmetic.ts';

/** Months move the calendar month and keep the day where the month is long enough. */
function addMonths(days: number, months: number): number {
  if (months === 0) return days;
  const { year, month, day } = civilFromDays(days);
  const total = year * 12 + month - 1 + months;
  const newYear = Math.floor(total / 12);
  const newMonth = total - newYear * 12 + 1;
  return daysFromCivil(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)));
}

export function addToTimestamp(value: Timestamp, interval: Interval): Timestamp {
  if (isInfinite(value)) return value;
  let moved = value;
  if (interval.months !== 0 || interval.days !== 0) {
    const days = addMonths(timestampDays(value), interval.months) + interval.days;
    moved = checkedTimestamp(joinTimestamp(days, timestampMicros(value)));
  }
  return checkedTimestamp(addMicros(moved, interval.micros));
}

/** Months and days move the local date in the zone; the time part is elapsed time. */
export function addToTimestampTz(value: Timestamp, interval: Interval, zone: TimeZone): Timestamp {
  if (isInfinite(value)) return value;
  let moved = value;
  if (interval.months !== 0 || interval.days !== 0) {
    const local = zonedTime(value, zone);
    moved = instantOf(addMonths(local.days, interval.months) + interval.days, local.micros, zone);
  }
  return checkedTimestamp(addMicros(moved, interval.micros));
}

function subtractTimestamps(left: Timestamp, right: Timestamp): Interval {
  if (isInfinite(left) || isInfinite(right)) {
    throw databaseError('datetimeFieldOverflow', 'cannot subtract infinite timestamps');
  }
  return justifyHours(makeInterval(0, 0, addMicros(left, -right)));
}

function shiftDate(days: number, shift: number): number {
  if (isInfinite(days)) return days;
  const moved = days + shift;
  if (moved < dateMin || moved > dateMax) throw dateOutOfRange();
  return moved;
}

function subtractDates(left: number, right: number): number {
  if (isInfinite(left) || isInfinite(right)) {
    throw databaseError('datetimeFieldOverflow', 'cannot subtract infinite dates');
  }
  return left - right;
}

function wrapDay(micros: number | bigint): number {
  const rest = Number(canonicalInteger(BigInt(micros) % BigInt(microsPerDay)));
  return rest < 0 ? rest + microsPerDay : rest;
}

function shiftTimeTz(time: TimeTz, micros: number | bigint): TimeTz {
  return new TimeTz(wrapDay(addMicros(time.micros, micros)), time.zoneSeconds);
}

/** The symbolic difference of two local times: years, months, days and time, each borrowed as needed. */
function ageBetween(left: LocalTime, right: LocalTime): Interval {
  const [a, b] = [civilFromDays(left.days), civilFromDays(right.days)];
  const negative =
    left.days < right.days || (left.days === right.days && left.micros < right.micros);
  const sign = negative ? -1 : 1;
  let micros = sign * (left.micros - right.micros);
  let days = sign * (a.day - b.day);
  let months = sign * ((a.year - b.year) * 12 + a.month - b.month);
  if (micros < 0) {
    micros += microsPerDay;
    days--;
  }
  if (days < 0) {
    const earlier = negative ? a : b;
    days += daysInMonth(earlier.year, earlier.month);
    months--;
  }
  return makeInterval(sign * months, sign * days, sign * micros);
}

function age(left: Timestamp, right: Timestamp, parts: (value: Timestamp) => LocalTime): Interval {
  if (isInfinite(left) || isInfinite(right)) throw timestampOutOfRange();
  return ageBetween(parts(left), parts(right));
}

function midnight(context: FunctionContext): Timestamp {
  const now = zonedTime(context.transactionTimestamp, sessionZone(context));
  return joinTimestamp(now.days, 0);
}

function dateBin(stride: Interval, source: Timestamp, origin: Timestamp): Timestamp {
  if (isInfinite(source)) return source;
  if (isInfinite(origin)) {
    throw databaseError('datetimeFieldOverflow', 'origin out of range');
  }
  if (stride.months !== 0) {
    throw databaseError(
      'featureNotSupported',
      'timestamps cannot be binned into intervals containing months or years',
    );
  }
  const size = BigInt(stride.days) * BigInt(microsPerDay) + BigInt(stride.micros);
  if (size <= 0n) throw databaseError('datetimeFieldOverflow', 'stride must be greater than zero');
  const distance = BigInt(source) - BigInt(origin);
  const rest = ((distance % size) + size) % size;
  return canonicalInteger(BigInt(source) - rest);
}

/** SQL's OVERLAPS over [start, end) pairs in any order, with nulls (PostgreSQL's overlaps_timestamp). */
function overlaps(
  compare: (left: Datum, right: Datum) => number,
  ends: readonly [Datum, Datum, Datum, Datum],
): boolean | null {
  const ordered = (start: Datum, end: Datum): [Datum, Datum] => {
    if (start === null) return [end, null];
    return end !== null && compare(start, end) > 0 ? [end, start] : [start, end];
  };
  const [start1, end1] = ordered(ends[0], ends[1]);
  const [start2, end2] = ordered(ends[2], ends[3]);
  if (start1 === null || start2 === null) return null;
  const order = compare(start1, start2);
  if (order === 0) return end1 === null || end2 === null ? null : true;
  const [later, end, otherEnd] = order > 0 ? [start1, end2, end1] : [start2, end1, end2];
  if (end === null) return null;
  if (compare(later, end) < 0) return true;
  return otherEnd === null ? null : false;
}

const compareNative = (left: Datum, right: Datum): number =>
  left! < right! ? -1 : left! > right! ? 1 : 0;

type Shift = (context: FunctionContext, value: Datum, interval: Interval) => Datum;

/** The four forms of OVERLAPS for a type; an end may be given as an interval after the start. */
function overlapForms(type: string, shift: Shift): Record<string, ScalarImplementation> {
  const test =
    (firstIsInterval: boolean, secondIsInterval: boolean): ScalarImplementation =>
    (context: FunctionContext, a: Datum, b: Datum, c: Datum, d: Datum) => {
      const end = (start: Datum, given: Datum, isInterval: boolean): Datum => {
        if (!isInterval) return given;
        return start === null || given === null ? null : shift(context, start, given as Interval);
      };
      return overlaps(compareNative, [
        a,
        end(a, b, firstIsInterval),
        c,
        end(c, d, secondIsInterval),
      ]);
    };
  return {
    [`overlaps(${type},interval,${type},interval)`]: test(true, true),
    [`overlaps(${type},${type},${type},interval)`]: test(false, true),
    [`overlaps(${type},interval,${type},${type})`]: test(true, false),
  };
}

const shiftTimestamp: Shift = (_context, value, interval) =>
  addToTimestamp(value as Timestamp, interval);
const shiftTimestampTz: Shift = (context, value, interval) =>
  addToTimestampTz(value as Timestamp, interval, sessionZone(context));
const shiftTime: Shift = (_context, value, interval) =>
  wrapDay(addMicros(value as number, interval.micros));

const plainOverlap: ScalarImplementation = (_context, a: Datum, b: Datum, c: Datum, d: Datum) =>
  overlaps(compareNative, [a, b, c, d]);

function divide(value: Interval, divisor: number): Interval {
  const result = divideInterval(value, divisor);
  if (result === undefined) throw intervalDivisionByZero();
  return result;
}

const timestampTzPlus = (context: FunctionContext, value: Timestamp, interval: Interval): Datum =>
  addToTimestampTz(value, interval, sessionZone(context));

export const datetimeArithmeticFamily: Family = {
  scalars: {
    date_pli: (_context, days: number, shift: number) => shiftDate(days, shift),
    date_mii: (_context, days: number, shift: number) => shiftDate(days, -shift),
    'integer_pl_date(int4,date)': (_context, shift: number, days: number) => shiftDate(days, shift),
    date_mi: (_context, left: number, right: number) => subtractDates(left, right),
    date_pl_interval: (_context, days: number, interval: Interval) =>
      addToTimestamp(dateToTimestamp(days), interval),
    date_mi_interval: (_context, days: number, interval: Interval) =>
      addToTimestamp(dateToTimestamp(days), negateInterval(interval)),
    'interval_pl_date(interval,date)': (_context, interval: Interval, days: number) =>
      addToTimestamp(dateToTimestamp(days), interval),
    timestamp_mi: (_context, left: Timestamp, right: Timestamp) => subtractTimestamps(left, right),
    timestamp_pl_interval: (_context, value: Timestamp, interval: Interval) =>
      addToTimestamp(value, interval),
    timestamp_mi_interval: (_context, value: Timestamp, interval: Interval) =>
      addToTimestamp(value, negateInterval(interval)),
    'interval_pl_timestamp(interval,timestamp)': (_context, interval: Interval, value: Timestamp) =>
      addToTimestamp(value, interval),
    timestamptz_pl_interval: timestampTzPlus,
    timestamptz_mi_interval: (context, value: Timestamp, interval: Interval) =>
      timestampTzPlus(context, value, negateInterval(interval)),
    'interval_pl_timestamptz(interval,timestamptz)': (
      context,
      interval: Interval,
      value: Timestamp,
    ) => timestampTzPlus(context, value, interval),
    time_mi_time: (_context, left: number, right: number) => new Interval(0, 0, left - right),
    time_pl_interval: (_context, time: number, interval: Interval) =>
      wrapDay(addMicros(time, interval.micros)),
    time_mi_interval: (_context, time: number, interval: Interval) =>
      wrapDay(addMicros(time, -interval.micros)),
    'interval_pl_time(interval,time)': (_context, interval: Interval, time: number) =>
      wrapDay(addMicros(time, interval.micros)),
    timetz_pl_interval: (_context, time: TimeTz, interval: Interval) =>
      shiftTimeTz(time, interval.micros),
    timetz_mi_interval: (_context, time: TimeTz, interval: Interval) =>
      shiftTimeTz(time, -interval.micros),
    'interval_pl_timetz(interval,timetz)': (_context, interval: Interval, time: TimeTz) =>
      shiftTimeTz(time, interval.micros),
    interval_um: (_context, value: Interval) => negateInterval(value),
    interval_pl: (_context, left: Interval, right: Interval) => addIntervals(left, right),
    interval_mi: (_context, left: Interval, right: Interval) => subtractIntervals(left, right),
    interval_mul: (_context, value: Interval, factor: number) => multiplyInterval(value, factor),
    mul_d_interval: (_context, factor: number, value: Interval) => multiplyInterval(value, factor),
    interval_div: (_context, value: Interval, divisor: number) => divide(value, divisor),
    interval_justify_hours: (_context, value: Interval) => justifyHours(value),
    interval_justify_days: (_context, value: Interval) => justifyDays(value),
    interval_justify_interval: (_context, value: Interval) => justifyInterval(value),
    timestamp_age: (_context, left: Timestamp, right: Timestamp) => age(left, right, localTime),
    timestamptz_age: (context, left: Timestamp, right: Timestamp) =>
      age(left, right, (value) => zonedTime(value, sessionZone(context))),
    'age(timestamp)': (context, value: Timestamp) => age(midnight(context), value, localTime),
    'age(timestamptz)': (context, value: Timestamp) => {
      const zone = sessionZone(context);
      const today = instantOf(timestampDays(midnight(context)), 0, zone);
      return age(today, value, (each) => zonedTime(each, zone));
    },
    timestamp_bin: (_context, stride: Interval, source: Timestamp, origin: Timestamp) =>
      dateBin(stride, source, origin),
    timestamptz_bin: (_context, stride: Interval, source: Timestamp, origin: Timestamp) =>
      dateBin(stride, source, origin),
    overlaps_timestamp: plainOverlap,
    overlaps_time: plainOverlap,
    overlaps_timetz: (_context, a: Datum, b: Datum, c: Datum, d: Datum) =>
      overlaps((x, y) => compareTimeTz(x as TimeTz, y as TimeTz), [a, b, c, d]),
    ...overlapForms('timestamp', shiftTimestamp),
    ...overlapForms('timestamptz', shiftTimestampTz),
    ...overlapForms('time', shiftTime),
  },
};
