// The proleptic Gregorian calendar on day numbers (days since 2000-01-01) and the parts of timestamps.
// Years are astronomical: year 0 is 1 BC. Day arithmetic follows Howard Hinnant, "chrono-Compatible
// Low-Level Date Algorithms".

import { canonicalInteger } from '../datum.ts';

export const microsPerSecond = 1_000_000;
export const microsPerMinute = 60_000_000;
export const microsPerHour = 3_600_000_000;
export const microsPerDay = 86_400_000_000;

/** Bounds of type date: 4714-11-24 BC to 5874897-12-31. */
export const dateMin = -2451545;
export const dateMax = 2145031948;
/** Bounds of timestamps, in days: 4714-11-24 BC up to and without 294277-01-01. */
export const timestampDaysMin = -2451545;
export const timestampDaysEnd = 106751983;

/** Days whose microseconds always fit a safe integer. */
const safeDays = 104_000;

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 730425;
}

export function civilFromDays(days: number): CivilDate {
  const z = days + 730425;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36524) -
      Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : monthLengths[month - 1];
}

/** 0 is Sunday. */
export function dayOfWeek(days: number): number {
  return (((days + 6) % 7) + 7) % 7;
}

/** 1 is 1 January. */
export function dayOfYear(days: number): number {
  return days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1;
}

/** The Monday that begins week 1 of an ISO year. */
export function isoYearStart(year: number): number {
  const fourth = daysFromCivil(year, 1, 4);
  return fourth - ((dayOfWeek(fourth) + 6) % 7);
}

export function isoWeek(days: number): { year: number; week: number } {
  let { year } = civilFromDays(days);
  if (days >= isoYearStart(year + 1)) year += 1;
  else if (days < isoYearStart(year)) year -= 1;
  return { year, week: Math.floor((days - isoYearStart(year)) / 7) + 1 };
}

/** A finite timestamp from its day and the microseconds since that midnight (any sign or size). */
export function joinTimestamp(days: number, micros: number): number | bigint {
  if (days > -safeDays && days < safeDays) return days * microsPerDay + micros;
  return canonicalInteger(BigInt(days) * BigInt(microsPerDay) + BigInt(micros));
}

export function timestampDays(value: number | bigint): number {
  if (typeof value === 'number') return Math.floor(value / microsPerDay);
  const days = value / 86_400_000_000n;
  return Number(days * 86_400_000_000n > value ? days - 1n : days);
}

/** Microseconds since midnight of timestampDays(value). */
export function timestampMicros(value: number | bigint): number {
  if (typeof value === 'number') {
    const rest = value % microsPerDay;
    return rest < 0 ? rest + microsPerDay : rest + 0;
  }
  const rest = Number(value % 86_400_000_000n);
  return rest < 0 ? rest + microsPerDay : rest;
}

export function isInfinite(value: number | bigint): boolean {
  return value === Infinity || value === -Infinity;
}

export function timestampInRange(value: number | bigint): boolean {
  const days = timestampDays(value);
  return days >= timestampDaysMin && days < timestampDaysEnd;
}

/** Adds microseconds, exact. */
export function addMicros(value: number | bigint, micros: number | bigint): number | bigint {
  if (typeof value === 'number' && typeof micros === 'number') {
    const sum = value + micros;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return canonicalInteger(BigInt(value) + BigInt(micros));
}
