// Input of date, time, timetz, timestamp and timestamptz from text, and rounding to a typmod's
// precision. The ISO forms that clients send are read without the general decoder.

import { TimeTz } from '../datum.ts';
import { databaseError } from '../errors.ts';
import {
  addMicros,
  dateMax,
  dateMin,
  daysFromCivil,
  daysInMonth,
  isInfinite,
  joinTimestamp,
  microsPerDay,
  microsPerSecond,
  timestampInRange,
} from './calendar.ts';
import { decodeDateTime, type DateTimeSettings } from './decode.ts';
import { withText } from './errors.ts';

export function parseDate(text: string, settings: DateTimeSettings): number {
  if (text.length === 10) {
    const days = isoDays(text);
    if (days !== undefined) return days;
  }
  const decoded = withText(text, 'date', () => decodeDateTime(text, settings, false));
  if (decoded.special !== undefined) return decoded.special === 'infinity' ? Infinity : -Infinity;
  const days = decoded.days!;
  if (days < dateMin || days > dateMax) {
    throw databaseError('datetimeFieldOverflow', `date out of range: "${text}"`);
  }
  return days;
}

export function parseTime(text: string, typmod: number, settings: DateTimeSettings): number {
  const decoded = withText(text, 'time', () => decodeDateTime(text, settings, true));
  if (decoded.special !== undefined) throw badTime(text, 'time');
  return roundTime(decoded.micros, typmod);
}

export function parseTimeTz(text: string, typmod: number, settings: DateTimeSettings): TimeTz {
  const typeName = 'time with time zone';
  const decoded = withText(text, typeName, () => decodeDateTime(text, settings, true));
  if (decoded.special !== undefined) throw badTime(text, typeName);
  return new TimeTz(roundTime(decoded.micros, typmod), decoded.offset);
}

export function parseTimestamp(
  text: string,
  settings: DateTimeSettings,
  typmod = -1,
): number | bigint {
  if (typmod < 0) {
    const fast = isoTimestamp(text);
    if (fast !== undefined) return fast;
  }
  const decoded = withText(text, 'timestamp', () => decodeDateTime(text, settings, false));
  if (decoded.special !== undefined) return decoded.special === 'infinity' ? Infinity : -Infinity;
  return checkedTimestamp(joinTimestamp(decoded.days!, decoded.micros), text, typmod);
}

export function parseTimestampTz(
  text: string,
  settings: DateTimeSettings,
  typmod = -1,
): number | bigint {
  const typeName = 'timestamp with time zone';
  const decoded = withText(text, typeName, () => decodeDateTime(text, settings, false));
  if (decoded.special !== undefined) return decoded.special === 'infinity' ? Infinity : -Infinity;
  const micros = decoded.micros - decoded.offset * microsPerSecond;
  return checkedTimestamp(joinTimestamp(decoded.days!, micros), text, typmod);
}

/** A timestamp (or timestamptz) rounded to the precision of its typmod. */
export function roundTimestamp(value: number | bigint, typmod: number): number | bigint {
  if (typmod < 0 || typmod >= 6 || isInfinite(value)) return value;
  const unit = 10 ** (6 - typmod);
  if (typeof value === 'number') {
    const rounded = roundAwayFromZero(value, unit);
    if (Number.isSafeInteger(rounded)) return rounded;
  }
  const wide = BigInt(value);
  const step = BigInt(unit);
  const half = step / 2n;
  return addMicros(0, wide < 0n ? -((-wide + half) / step) * step : ((wide + half) / step) * step);
}

export function roundTime(micros: number, typmod: number): number {
  return typmod < 0 || typmod >= 6 ? micros : roundAwayFromZero(micros, 10 ** (6 - typmod));
}

function roundAwayFromZero(value: number, unit: number): number {
  const magnitude = Math.floor((Math.abs(value) + unit / 2) / unit) * unit;
  return value < 0 ? 0 - magnitude : magnitude;
}

function checkedTimestamp(value: number | bigint, text: string, typmod: number): number | bigint {
  const rounded = roundTimestamp(value, typmod);
  if (!timestampInRange(rounded)) {
    throw databaseError('datetimeFieldOverflow', `timestamp out of range: "${text}"`);
  }
  return rounded;
}

function badTime(text: string, typeName: string): Error {
  return databaseError(
    'invalidDatetimeFormat',
    `invalid input syntax for type ${typeName}: "${text}"`,
  );
}

/** "YYYY-MM-DD" at the start of a text, in days; undefined when it is anything else. */
function isoDays(text: string): number | undefined {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined;
  const year = pair(text, 0) * 100 + pair(text, 2);
  const month = pair(text, 5);
  const day = pair(text, 8);
  // NaN fails every comparison: anything that is not a digit ends here.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return undefined;
  return day <= daysInMonth(year, month) ? daysFromCivil(year, month, day) : undefined;
}

/** "YYYY-MM-DD HH:MM:SS" with up to six decimals. */
function isoTimestamp(text: string): number | undefined {
  const { length } = text;
  const separator = text.charCodeAt(10);
  if (length < 19 || length > 26 || length === 20 || (separator !== 32 && separator !== 84)) {
    return undefined;
  }
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined;
  const days = isoDays(text);
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  const second = pair(text, 17);
  if (days === undefined || !(hour < 24 && minute < 60 && second < 60)) return undefined;
  let fraction = 0;
  if (length > 19) {
    if (text.charCodeAt(19) !== 46) return undefined;
    let unit = 100000;
    for (let i = 20; i < length; i++, unit /= 10) {
      const digit = text.charCodeAt(i) - 48;
      if (!(digit >= 0 && digit <= 9)) return undefined;
      fraction += digit * unit;
    }
  }
  const micros = ((hour * 60 + minute) * 60 + second) * microsPerSecond + fraction;
  const value = days * microsPerDay + micros;
  return Number.isSafeInteger(value) ? value : undefined;
}

function pair(text: string, position: number): number {
  const tens = text.charCodeAt(position) - 48;
  const units = text.charCodeAt(position + 1) - 48;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN;
}
