// What a jsonpath yields while it runs: JSON values, and the dates and times that .datetime() makes,
// which become ISO texts when they leave the path.

import {
  civilFromDays,
  databaseError,
  daysFromCivil,
  daysInMonth,
  type DatabaseError,
  fractionText,
  type FormatSettings,
  isJsonArray,
  localOffset,
  type JsonObject,
  type JsonValue,
  Numeric,
  timeZoneOf,
} from '#common';
import { readTime } from './to-timestamp.ts';

export type PathDateTimeKind = 'date' | 'time' | 'timetz' | 'timestamp' | 'timestamptz';

export const dateTimeTypeNames: Readonly<Record<PathDateTimeKind, string>> = {
  date: 'date',
  time: 'time without time zone',
  timetz: 'time with time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
};

/** Local days and microseconds; the zone's offset in seconds east of UTC where the kind has one. */
export class PathDateTime {
  readonly kind: PathDateTimeKind;
  readonly days: number;
  readonly micros: number;
  readonly offset: number;

  constructor(kind: PathDateTimeKind, days: number, micros: number, offset: number) {
    this.kind = kind;
    this.days = days;
    this.micros = micros;
    this.offset = offset;
  }

  toString(): string {
    const { year, month, day } = civilFromDays(this.days);
    const two = (number: number): string => String(number).padStart(2, '0');
    const date = `${String(year > 0 ? year : 1 - year).padStart(4, '0')}-${two(month)}-${two(day)}`;
    const seconds = Math.floor(this.micros / 1_000_000);
    const time =
      `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}` +
      (this.micros % 1_000_000 === 0 ? '' : fractionText(this.micros % 1_000_000));
    const minutes = Math.abs(this.offset) / 60;
    const zone = `${this.offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    const era = year > 0 ? '' : ' BC';
    switch (this.kind) {
      case 'date':
        return date + era;
      case 'time':
        return time;
      case 'timetz':
        return time + zone;
      case 'timestamp':
        return `${date}T${time}${era}`;
      case 'timestamptz':
        return `${date}T${time}${zone}${era}`;
    }
  }
}

export type PathValue = JsonValue | PathDateTime;

/** An error that a path suppresses: in conditions, and everywhere when it runs silently. */
export class PathError extends Error {
  readonly error: DatabaseError;
  constructor(error: DatabaseError) {
    super(error.message);
    this.error = error;
  }
}

export function toJson(value: PathValue): JsonValue {
  return value instanceof PathDateTime ? value.toString() : value;
}

export function asArray(value: PathValue): readonly JsonValue[] | undefined {
  return !(value instanceof PathDateTime) && isJsonArray(value) ? value : undefined;
}

export function asObject(value: PathValue): JsonObject | undefined {
  const isObject =
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Numeric) &&
    !(value instanceof PathDateTime) &&
    !isJsonArray(value);
  return isObject ? value : undefined;
}

export function typeNameOf(value: PathValue): string {
  if (value === null) return 'null';
  if (value instanceof PathDateTime) return dateTimeTypeNames[value.kind];
  if (value instanceof Numeric) return 'number';
  if (typeof value === 'object') return isJsonArray(value) ? 'array' : 'object';
  return typeof value;
}

const isoForm =
  /^(?:(\d{1,6})-(\d{1,2})-(\d{1,2}))?(?:(?:^|[ T])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?(?:( ?\+|-)(\d{1,2})(?::(\d{1,2}))?)?)?$/;

/** Without a template: the ISO forms. */
export function readIsoDateTime(text: string): PathDateTime | undefined {
  const match = isoForm.exec(text);
  if (match === null || text === '') return undefined;
  const hasDate = match[1] !== undefined;
  const hasTime = match[4] !== undefined;
  const number = (index: number): number => Number(match[index] ?? 0);
  let days = 0;
  if (hasDate) {
    const [year, month, day] = [number(1), number(2), number(3)];
    if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
    days = daysFromCivil(year, month, day);
  }
  if (number(4) > 23 || number(5) > 59 || number(6) > 59) return undefined;
  const micros =
    ((number(4) * 60 + number(5)) * 60 + number(6)) * 1_000_000 +
    Number((match[7] ?? '').padEnd(6, '0'));
  const sign = match[8] === '-' ? -1 : 1;
  const offset = sign * (number(9) * 60 + number(10)) * 60;
  return new PathDateTime(kindOf(hasDate, hasTime, match[8] !== undefined), days, micros, offset);
}

function kindOf(hasDate: boolean, hasTime: boolean, hasZone: boolean): PathDateTimeKind {
  if (!hasTime) return 'date';
  if (hasDate) return hasZone ? 'timestamptz' : 'timestamp';
  return hasZone ? 'timetz' : 'time';
}

/** By a to_timestamp() template, whose fields say what kind of value it is. */
export function readTemplateDateTime(text: string, template: string): PathDateTime {
  const fields = template.replace(/"(?:[^"\\]|\\.)*"/g, '').toUpperCase();
  const hasZone = /TZ|OF/.test(fields);
  const rest = fields.replace(/TZH|TZM|TZ|OF|A\.?M\.?|P\.?M\.?/g, '');
  const hasTime = /HH|MI|SS|MS|US|FF\d/.test(rest);
  const hasDate = /Y|MM|MON|DD|D|W|J|CC|Q/.test(rest.replace(/MS|US|MI|SSSSS?|FF\d/g, ''));
  if (!hasTime && !hasDate) {
    throw databaseError('invalidDatetimeFormat', 'datetime format is not dated and not timed');
  }
  const { days, micros, offset } = readTime(text, template, true);
  if (hasZone && !hasTime) {
    throw databaseError('invalidDatetimeFormat', 'datetime format is zoned but not timed');
  }
  return new PathDateTime(kindOf(hasDate, hasTime, hasZone), days, micros, offset ?? 0);
}

/** undefined: no order between the two kinds. Crossing into a zone needs leave (`zones`). */
export function compareDateTimes(
  left: PathDateTime,
  right: PathDateTime,
  settings: FormatSettings | undefined,
): number | undefined {
  const isTime = (value: PathDateTime): boolean => value.kind === 'time' || value.kind === 'timetz';
  if (isTime(left) !== isTime(right)) return undefined;
  const zoned = (value: PathDateTime): boolean =>
    value.kind === 'timetz' || value.kind === 'timestamptz';
  const offsets = [left, right].map((value) => {
    const other = value === left ? right : left;
    if (zoned(value) || !zoned(other)) return zoned(value) ? value.offset : 0;
    if (settings === undefined) throw zoneNeeded(value.kind, other.kind);
    return sessionOffset(value, settings);
  });
  const place = (value: PathDateTime, offset: number): number =>
    (isTime(value) ? 0 : value.days * 86_400) + value.micros / 1_000_000 - offset;
  const difference = place(left, offsets[0]) - place(right, offsets[1]);
  if (difference !== 0) return difference < 0 ? -1 : 1;
  const fraction = (left.micros % 1_000_000) - (right.micros % 1_000_000);
  if (fraction !== 0) return Math.sign(fraction);
  return isTime(left) && zoned(left) && zoned(right) ? Math.sign(right.offset - left.offset) : 0;
}

/** Days from 1970 to 2000. */
const daysTo2000 = 10_957;

function sessionOffset(value: PathDateTime, settings: FormatSettings): number {
  const seconds = (value.days + daysTo2000) * 86_400 + Math.floor(value.micros / 1_000_000);
  return localOffset(timeZoneOf(settings.timeZone), seconds);
}

function zoneNeeded(from: PathDateTimeKind, to: PathDateTimeKind): DatabaseError {
  return databaseError(
    'featureNotSupported',
    `cannot convert value from ${from} to ${to} without time zone usage`,
    { hint: 'Use *_tz() function for time zone support.' },
  );
}
