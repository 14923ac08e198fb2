// Text of intervals in the four interval styles (EncodeInterval of PostgreSQL).

import type { Interval } from '../datum.ts';
import type { FormatSettings } from '../format-settings.ts';

interface Parts {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  /** Hours may exceed 24; all of the time's parts have the sign of the time. */
  readonly hours: number | bigint;
  readonly minutes: number;
  readonly seconds: number;
  readonly fraction: number;
}

export function formatInterval(value: Interval, settings: FormatSettings): string {
  const parts = partsOf(value);
  switch (settings.intervalStyle) {
    case 'sql_standard':
      return sqlStandard(parts);
    case 'iso_8601':
      return iso8601(parts);
    case 'postgres_verbose':
      return verbose(parts);
    default:
      return postgres(parts);
  }
}

function partsOf(value: Interval): Parts {
  const years = Math.trunc(value.months / 12);
  const months = value.months % 12;
  if (typeof value.micros === 'bigint') {
    const hours = value.micros / 3_600_000_000n;
    const rest = Number(value.micros % 3_600_000_000n);
    return { years, months, days: value.days, hours, ...timeOf(rest) };
  }
  const hours = Math.trunc(value.micros / 3_600_000_000);
  return { years, months, days: value.days, hours, ...timeOf(value.micros % 3_600_000_000) };
}

function timeOf(micros: number): { minutes: number; seconds: number; fraction: number } {
  return {
    minutes: Math.trunc(micros / 60_000_000),
    seconds: Math.trunc(micros / 1_000_000) % 60,
    fraction: micros % 1_000_000,
  };
}

function timeIsNegative(parts: Parts): boolean {
  return parts.hours < 0 || parts.minutes < 0 || parts.seconds < 0 || parts.fraction < 0;
}

function hasTime(parts: Parts): boolean {
  return (
    Number(parts.hours) !== 0 || parts.minutes !== 0 || parts.seconds !== 0 || parts.fraction !== 0
  );
}

function absolute(value: number | bigint): number | bigint {
  return value < 0 ? -value : value;
}

function padded(value: number | bigint): string {
  return String(absolute(value)).padStart(2, '0');
}

/** Seconds with as many decimals as needed: "05.5" with padding, "5.5" without. */
function secondsText(parts: Parts, pad: boolean): string {
  const whole = pad ? padded(parts.seconds) : String(absolute(parts.seconds));
  if (parts.fraction === 0) return whole;
  return `${whole}.${String(Math.abs(parts.fraction)).padStart(6, '0').replace(/0+$/, '')}`;
}

function clock(parts: Parts): string {
  return `${padded(parts.hours)}:${padded(parts.minutes)}:${secondsText(parts, true)}`;
}

function postgres(parts: Parts): string {
  const words: string[] = [];
  let afterNegative = false;
  const add = (value: number, unit: string): void => {
    if (value === 0) return;
    const sign = afterNegative && value > 0 ? '+' : '';
    words.push(`${sign}${value} ${unit}${value === 1 ? '' : 's'}`);
    afterNegative = value < 0;
  };
  add(parts.years, 'year');
  add(parts.months, 'mon');
  add(parts.days, 'day');
  if (words.length === 0 || hasTime(parts)) {
    const sign = timeIsNegative(parts) ? '-' : afterNegative ? '+' : '';
    words.push(sign + clock(parts));
  }
  return words.join(' ');
}

function verbose(parts: Parts): string {
  const words: string[] = [];
  let ago = false;
  // The first unit that is not zero decides the sign of the whole; the others are shown relative to it.
  const add = (value: number | bigint, unit: string, text?: string): void => {
    const negative = text === undefined ? value < 0 : timeIsNegative(parts);
    if (words.length === 0) ago = negative;
    const sign = negative === ago ? '' : '-';
    const shown = text ?? String(absolute(value));
    words.push(`${sign}${shown} ${unit}${Number(shown) === 1 && sign === '' ? '' : 's'}`);
  };
  if (parts.years !== 0) add(parts.years, 'year');
  if (parts.months !== 0) add(parts.months, 'mon');
  if (parts.days !== 0) add(parts.days, 'day');
  if (Number(parts.hours) !== 0) add(parts.hours, 'hour');
  if (parts.minutes !== 0) add(parts.minutes, 'min');
  if (parts.seconds !== 0 || parts.fraction !== 0) {
    const negative = parts.seconds < 0 || parts.fraction < 0;
    if (words.length === 0) ago = negative;
    const text = secondsText(parts, false);
    const sign = negative === ago ? '' : '-';
    const one = Math.abs(parts.seconds) === 1 && parts.fraction === 0;
    words.push(`${sign}${text} sec${one ? '' : 's'}`);
  }
  if (words.length === 0) return '@ 0';
  return `@ ${words.join(' ')}${ago ? ' ago' : ''}`;
}

function iso8601(parts: Parts): string {
  let text = 'P';
  if (parts.years !== 0) text += `${parts.years}Y`;
  if (parts.months !== 0) text += `${parts.months}M`;
  if (parts.days !== 0) text += `${parts.days}D`;
  if (hasTime(parts)) {
    text += 'T';
    if (Number(parts.hours) !== 0) text += `${parts.hours}H`;
    if (parts.minutes !== 0) text += `${parts.minutes}M`;
    if (parts.seconds !== 0 || parts.fraction !== 0) {
      const sign = parts.seconds < 0 || parts.fraction < 0 ? '-' : '';
      text += `${sign}${secondsText(parts, false)}S`;
    }
  }
  return text === 'P' ? 'PT0S' : text;
}

function sqlStandard(parts: Parts): string {
  const yearMonth = parts.years !== 0 || parts.months !== 0;
  const dayTime = parts.days !== 0 || hasTime(parts);
  const negative = parts.years < 0 || parts.months < 0 || parts.days < 0 || timeIsNegative(parts);
  const positive =
    parts.years > 0 ||
    parts.months > 0 ||
    parts.days > 0 ||
    (hasTime(parts) && !timeIsNegative(parts));
  const time = `${absolute(parts.hours)}:${padded(parts.minutes)}:${secondsText(parts, true)}`;
  if (!yearMonth && !dayTime) return '0';
  if ((negative && positive) || (yearMonth && dayTime)) {
    const yearSign = parts.years < 0 || parts.months < 0 ? '-' : '+';
    const daySign = parts.days < 0 ? '-' : '+';
    const timeSign = timeIsNegative(parts) ? '-' : '+';
    const years = `${yearSign}${Math.abs(parts.years)}-${Math.abs(parts.months)}`;
    return `${years} ${daySign}${Math.abs(parts.days)} ${timeSign}${time}`;
  }
  const sign = negative ? '-' : '';
  if (yearMonth) return `${sign}${Math.abs(parts.years)}-${Math.abs(parts.months)}`;
  return parts.days === 0 ? sign + time : `${sign}${Math.abs(parts.days)} ${time}`;
}
