// Text of dates, times and timestamps in the four date styles (EncodeDateTime and friends of
// PostgreSQL). Formatting timestamps is hot: no Date objects, two-digit tables, the last day is kept.

import type { TimeTz } from '../datum.ts';
import type { FormatSettings } from '../format-settings.ts';
import {
  civilFromDays,
  dayOfWeek,
  isInfinite,
  microsPerDay,
  microsPerHour,
  microsPerMinute,
  microsPerSecond,
  timestampDays,
  timestampMicros,
} from './calendar.ts';
import { dateStyleOf, type DateStyle } from './date-style.ts';
import { offsetText, timeZoneOf, type TimeZone } from './time-zone.ts';

const secondsTo2000 = 946_684_800;
const twoDigits: readonly string[] = Array.from({ length: 100 }, (_value, i) =>
  String(i).padStart(2, '0'),
);
export const monthAbbreviations = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
export const dayAbbreviations = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');

export function formatDate(value: number, settings: FormatSettings): string {
  if (isInfinite(value)) return infinityText(value);
  const style = dateStyleOf(settings.dateStyle);
  return style.output === 'ISO' ? isoDate(value) : styledDate(value, style);
}

export function formatTime(value: number): string {
  const seconds = Math.floor(value / microsPerSecond);
  const fraction = value - seconds * microsPerSecond;
  const hour = Math.floor(seconds / 3600);
  const text = `${twoDigits[hour]}:${twoDigits[Math.floor(seconds / 60) % 60]}:${twoDigits[seconds % 60]}`;
  return fraction === 0 ? text : text + fractionText(fraction);
}

export function formatTimeTz(value: TimeTz): string {
  return formatTime(value.micros) + offsetText(value.zoneSeconds);
}

export function formatTimestamp(value: number | bigint, settings: FormatSettings): string {
  if (isInfinite(value)) return infinityText(value);
  const days = timestampDays(value);
  const micros = timestampMicros(value);
  if (settings.dateStyle.startsWith('ISO')) return isoTimestamp(days, micros, '');
  return styledTimestamp(days, micros, dateStyleOf(settings.dateStyle), undefined);
}

export function formatTimestampTz(value: number | bigint, settings: FormatSettings): string {
  if (isInfinite(value)) return infinityText(value);
  const zone = timeZoneOf(settings.timeZone);
  const offset = zone.fixedOffset ?? zone.offsetAt(utcSeconds(value));
  let days = timestampDays(value);
  let micros = timestampMicros(value) + offset * microsPerSecond;
  if (micros < 0 || micros >= microsPerDay) {
    const shift = Math.floor(micros / microsPerDay);
    days += shift;
    micros -= shift * microsPerDay;
  }
  if (settings.dateStyle.startsWith('ISO')) return isoTimestamp(days, micros, offsetText(offset));
  const shown = { zone, offset, utc: utcSeconds(value) };
  return styledTimestamp(days, micros, dateStyleOf(settings.dateStyle), shown);
}

/** Seconds since 1970-01-01 UTC of a finite timestamptz, rounded down. */
export function utcSeconds(value: number | bigint): number {
  return typeof value === 'number'
    ? Math.floor(value / microsPerSecond) + secondsTo2000
    : timestampDays(value) * 86400 +
        Math.floor(timestampMicros(value) / microsPerSecond) +
        secondsTo2000;
}

let lastDay = Number.NaN;
let lastText = '';

/** "2024-01-31", without the era. */
function isoDay(days: number): string {
  if (days !== lastDay) {
    const { year, month, day } = civilFromDays(days);
    lastText = `${yearText(year)}-${twoDigits[month]}-${twoDigits[day]}`;
    lastDay = days;
  }
  return lastText;
}

/** 0001-01-01, the first day of our era. */
const firstDay = -730119;

function isoDate(days: number): string {
  return days < firstDay ? `${isoDay(days)} BC` : isoDay(days);
}

function isoTimestamp(days: number, micros: number, zone: string): string {
  const text = `${isoDay(days)} ${formatTime(micros)}${zone}`;
  return days < firstDay ? `${text} BC` : text;
}

function yearText(year: number): string {
  return String(year > 0 ? year : 1 - year).padStart(4, '0');
}

function styledDate(days: number, style: DateStyle): string {
  const { year, month, day } = civilFromDays(days);
  const dayFirst = style.order === 'DMY';
  const [m, d] = [twoDigits[month], twoDigits[day]];
  const era = year > 0 ? '' : ' BC';
  switch (style.output) {
    case 'SQL':
      return `${dayFirst ? `${d}/${m}` : `${m}/${d}`}/${yearText(year)}${era}`;
    case 'German':
      return `${d}.${m}.${yearText(year)}${era}`;
    default:
      return `${dayFirst ? `${d}-${m}` : `${m}-${d}`}-${yearText(year)}${era}`;
  }
}

interface ShownZone {
  readonly zone: TimeZone;
  readonly offset: number;
  readonly utc: number;
}

function styledTimestamp(
  days: number,
  micros: number,
  style: DateStyle,
  shown: ShownZone | undefined,
): string {
  const { year, month, day } = civilFromDays(days);
  const era = year > 0 ? '' : ' BC';
  const time = formatTime(micros);
  const zone = shown === undefined ? '' : ` ${shown.zone.abbreviationAt(shown.utc)}`;
  if (style.output === 'Postgres') {
    const date =
      style.order === 'DMY'
        ? `${twoDigits[day]} ${monthAbbreviations[month - 1]}`
        : `${monthAbbreviations[month - 1]} ${twoDigits[day]}`;
    return `${dayAbbreviations[dayOfWeek(days)]} ${date} ${time} ${yearText(year)}${zone}${era}`;
  }
  return `${styledDate(days, style).replace(/ BC$/, '')} ${time}${zone}${era}`;
}

/** ".5", ".000001": microseconds without trailing zeros. */
export function fractionText(micros: number): string {
  const digits = String(micros).padStart(6, '0');
  let end = 6;
  while (digits.charCodeAt(end - 1) === 48) end--;
  return `.${digits.slice(0, end)}`;
}

function infinityText(value: number | bigint): string {
  return value > 0 ? 'infinity' : '-infinity';
}

/** Hours, minutes, seconds and microseconds of a time of day. */
export function timeParts(micros: number): {
  hour: number;
  minute: number;
  second: number;
  fraction: number;
} {
  return {
    hour: Math.floor(micros / microsPerHour),
    minute: Math.floor(micros / microsPerMinute) % 60,
    second: Math.floor(micros / microsPerSecond) % 60,
    fraction: micros % microsPerSecond,
  };
}
