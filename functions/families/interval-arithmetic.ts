// Arithmetic on intervals: exact on each of the three parts, fractions carried from months to days of
// 1/30 month and from days to the time, as interval_mul does.

import {
  canonicalInteger,
  databaseError,
  Interval,
  intervalOutOfRange,
  microsPerDay,
} from '#common';
import { roundHalfEven } from './numeric-casts.ts';

const daysPerMonth = 30;

export function makeInterval(months: number, days: number, micros: number | bigint): Interval {
  const wide = typeof micros === 'bigint' || !Number.isSafeInteger(micros);
  const exact = wide ? canonicalInteger(BigInt(micros)) : micros;
  const fits =
    isInt32(months) &&
    isInt32(days) &&
    (typeof exact === 'number' || BigInt.asIntN(64, exact) === exact);
  if (!fits) throw intervalOutOfRange();
  return new Interval(months + 0, days + 0, typeof exact === 'number' ? exact + 0 : exact);
}

function isInt32(value: number): boolean {
  return value >= -2147483648 && value <= 2147483647;
}

function sum(left: number | bigint, right: number | bigint): number | bigint {
  if (typeof left === 'number' && typeof right === 'number') {
    const total = left + right;
    if (Number.isSafeInteger(total)) return total;
  }
  return BigInt(left) + BigInt(right);
}

export function addIntervals(left: Interval, right: Interval): Interval {
  return makeInterval(
    left.months + right.months,
    left.days + right.days,
    sum(left.micros, right.micros),
  );
}

export function subtractIntervals(left: Interval, right: Interval): Interval {
  return makeInterval(
    left.months - right.months,
    left.days - right.days,
    sum(left.micros, -right.micros),
  );
}

export function negateInterval(value: Interval): Interval {
  return makeInterval(0 - value.months, 0 - value.days, -value.micros);
}

export function multiplyInterval(value: Interval, factor: number): Interval {
  return scaled(value, (part) => part * factor);
}

/** undefined when the divisor is zero. */
export function divideInterval(value: Interval, divisor: number): Interval | undefined {
  return divisor === 0 ? undefined : scaled(value, (part) => part / divisor);
}

export function interpolateIntervals(low: Interval, high: Interval, share: number): Interval {
  return addIntervals(low, multiplyInterval(subtractIntervals(high, low), share));
}

/** interval_mul and interval_div: whole months and days stay, what is left of them flows down. */
function scaled(value: Interval, scale: (part: number) => number): Interval {
  const months = scale(value.months);
  const days = scale(value.days);
  if (Number.isNaN(months) || Number.isNaN(days)) throw intervalOutOfRange();
  const wholeMonths = Math.trunc(months);
  const wholeDays = Math.trunc(days);
  const monthDays = roundMicros((months - wholeMonths) * daysPerMonth);
  let seconds = roundMicros((days - wholeDays + monthDays - Math.trunc(monthDays)) * 86400);
  let extraDays = Math.trunc(monthDays);
  if (Math.abs(seconds) >= 86400) {
    const carried = Math.trunc(seconds / 86400);
    extraDays += carried;
    seconds -= carried * 86400;
  }
  const micros = roundHalfEven(scale(Number(value.micros)) + seconds * 1_000_000);
  if (!Number.isFinite(micros) || Math.abs(micros) >= 2 ** 63) throw intervalOutOfRange();
  return makeInterval(wholeMonths, wholeDays + extraDays, micros);
}

/** TSROUND: to whole millionths. */
function roundMicros(value: number): number {
  return roundHalfEven(value * 1_000_000) / 1_000_000;
}

/** 24-hour periods become days. */
export function justifyHours(value: Interval): Interval {
  const [carried, rest] = carryDays(value.micros);
  let days = value.days + carried;
  let micros = rest;
  if (days > 0 && micros < 0) {
    micros = sum(micros, microsPerDay);
    days--;
  } else if (days < 0 && micros > 0) {
    micros = sum(micros, -microsPerDay);
    days++;
  }
  return makeInterval(value.months, days, micros);
}

/** 30-day periods become months. */
export function justifyDays(value: Interval): Interval {
  const carried = Math.trunc(value.days / daysPerMonth);
  let days = value.days - carried * daysPerMonth;
  let months = value.months + carried;
  if (months > 0 && days < 0) {
    days += daysPerMonth;
    months--;
  } else if (months < 0 && days > 0) {
    days -= daysPerMonth;
    months++;
  }
  return makeInterval(months, days, value.micros);
}

/** Both, with one sign for all parts. */
export function justifyInterval(value: Interval): Interval {
  const [carried, rest] = carryDays(value.micros);
  let micros = rest;
  let days = value.days + carried;
  const carriedMonths = Math.trunc(days / daysPerMonth);
  days -= carriedMonths * daysPerMonth;
  let months = value.months + carriedMonths;
  if (months > 0 && (days < 0 || (days === 0 && micros < 0))) {
    days += daysPerMonth;
    months--;
  } else if (months < 0 && (days > 0 || (days === 0 && micros > 0))) {
    days -= daysPerMonth;
    months++;
  }
  if (days > 0 && micros < 0) {
    micros = sum(micros, microsPerDay);
    days--;
  } else if (days < 0 && micros > 0) {
    micros = sum(micros, -microsPerDay);
    days++;
  }
  return makeInterval(months, days, micros);
}

function carryDays(micros: number | bigint): [number, number | bigint] {
  if (typeof micros === 'number') {
    const days = Math.trunc(micros / microsPerDay);
    return [days, micros - days * microsPerDay];
  }
  const days = micros / BigInt(microsPerDay);
  return [Number(days), canonicalInteger(micros - days * BigInt(microsPerDay))];
}

export function intervalDivisionByZero(): Error {
  return databaseError('divisionByZero', 'division by zero');
}
