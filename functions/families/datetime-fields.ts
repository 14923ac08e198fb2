// extract and date_part of every date type: one table of units per kind of value. extract answers
// numerics (exact), date_part doubles.

import {
  canonicalInteger,
  civilFromDays,
  databaseError,
  type Datum,
  dayOfWeek,
  dayOfYear,
  type Interval,
  intervalUnits,
  isInfinite,
  isoWeek,
  Numeric,
  type TimeTz,
} from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { dateToTimestamp } from './datetime-casts.ts';
import {
  type LocalTime,
  localTime,
  sessionZone,
  type Timestamp,
  zonedTime,
} from './datetime-zones.ts';

/** A field's value: an integer, or millionths / thousandths when scale says so. */
type Part = Numeric;

const secondsTo2000 = 946_684_800;
const julianOf2000 = 2451545;

const integer = (value: number): Part => new Numeric(value, 0);

function scaled(value: number | bigint, scale: number): Part {
  return Numeric.of(BigInt(value), scale);
}

/** Words that only extract knows, beside the units of intervals. */
const otherUnits = new Set(
  'dow isodow doy isoyear quarter epoch julian timezone timezone_hour timezone_minute'.split(' '),
);
const aliases: Readonly<Record<string, string>> = {
  qtr: 'quarter',
  j: 'julian',
  jd: 'julian',
  timezone_h: 'timezone_hour',
  timezone_m: 'timezone_minute',
};

/** The canonical name of a unit; undefined when there is no such unit. */
export function unitNamed(text: string): string | undefined {
  const word = text.toLowerCase();
  const unit = intervalUnits.get(word.slice(0, 10));
  if (unit !== undefined) return unit;
  const alias = aliases[word] ?? word;
  return otherUnits.has(alias) ? alias : undefined;
}

export function unitNotRecognized(unit: string, typeName: string): Error {
  return databaseError(
    'invalidParameterValue',
    `unit "${unit.toLowerCase()}" not recognized for type ${typeName}`,
  );
}

export function unitNotSupported(unit: string, typeName: string, detail?: string): Error {
  const message = `unit "${unit.toLowerCase()}" not supported for type ${typeName}`;
  return databaseError('featureNotSupported', message, detail === undefined ? {} : { detail });
}

/** Fields of the time of day, in microseconds. */
function timePart(unit: string, micros: number): Part | undefined {
  switch (unit) {
    case 'microsecond':
      return integer(micros % 60_000_000);
    case 'millisecond':
      return scaled(micros % 60_000_000, 3);
    case 'second':
      return scaled(micros % 60_000_000, 6);
    case 'minute':
      return integer(Math.floor(micros / 60_000_000) % 60);
    case 'hour':
      return integer(Math.floor(micros / 3_600_000_000));
    default:
      return undefined;
  }
}

/** Years count without a year zero: 1 BC is -1. */
function displayYear(year: number): number {
  return year > 0 ? year : year - 1;
}

/** Fields of the calendar date. */
function datePart(unit: string, days: number): Part | undefined {
  switch (unit) {
    case 'day':
      return integer(civilFromDays(days).day);
    case 'month':
      return integer(civilFromDays(days).month);
    case 'quarter':
      return integer(Math.floor((civilFromDays(days).month - 1) / 3) + 1);
    case 'week':
      return integer(isoWeek(days).week);
    case 'isoyear':
      return integer(displayYear(isoWeek(days).year));
    case 'dow':
      return integer(dayOfWeek(days));
    case 'isodow':
      return integer(dayOfWeek(days) || 7);
    case 'doy':
      return integer(dayOfYear(days));
    default:
      return yearPart(unit, civilFromDays(days).year);
  }
}

function yearPart(unit: string, year: number): Part | undefined {
  const shown = displayYear(year);
  switch (unit) {
    case 'year':
      return integer(shown);
    case 'decade':
      return integer(Math.floor(year / 10) + 0);
    case 'century':
      return integer(year > 0 ? Math.ceil(year / 100) : -Math.ceil((1 - year) / 100));
    case 'millennium':
      return integer(year > 0 ? Math.ceil(year / 1000) : -Math.ceil((1 - year) / 1000));
    default:
      return undefined;
  }
}

const growingUnits = new Set([
  'year',
  'decade',
  'century',
  'millennium',
  'julian',
  'isoyear',
  'epoch',
]);

/** Infinite values: units that grow without end are infinite, the others null. */
function infinitePart(unit: string, positive: boolean): Part | null {
  if (!growingUnits.has(unit)) return null;
  return positive ? Numeric.infinity : Numeric.negativeInfinity;
}

interface Source {
  readonly typeName: string;
  readonly zoned: boolean;
  local(value: Timestamp, context: FunctionContext): LocalTime;
}

const timestampSource: Source = {
  typeName: 'timestamp without time zone',
  zoned: false,
  local: localTime,
};
const timestampTzSource: Source = {
  typeName: 'timestamp with time zone',
  zoned: true,
  local: (value, context) => zonedTime(value, sessionZone(context)),
};

function timestampPart(
  source: Source,
  context: FunctionContext,
  unitText: string,
  value: Timestamp,
): Part | null {
  const unit = unitNamed(unitText);
  if (unit === undefined) throw unitNotRecognized(unitText, source.typeName);
  if (isInfinite(value)) return infinitePart(unit, value > 0);
  if (unit.startsWith('timezone') && !source.zoned) {
    throw unitNotSupported(unitText, source.typeName);
  }
  if (unit === 'epoch') return scaled(BigInt(value) + BigInt(secondsTo2000) * 1_000_000n, 6);
  const local = source.local(value, context);
  if (unit === 'julian') {
    const day = Numeric.fromInteger(local.days + julianOf2000);
    return day.add(integer(local.micros).divide(Numeric.fromInteger(86_400_000_000)));
  }
  const part =
    timePart(unit, local.micros) ?? datePart(unit, local.days) ?? zonePart(unit, local.offset);
  if (part === undefined) throw unitNotSupported(unitText, source.typeName);
  return part;
}

function zonePart(unit: string, offset: number): Part | undefined {
  switch (unit) {
    case 'timezone':
      return integer(offset);
    case 'timezone_hour':
      return integer(Math.trunc(offset / 3600) + 0);
    case 'timezone_minute':
      return integer(Math.trunc((offset % 3600) / 60) + 0);
    default:
      return undefined;
  }
}

function dateFieldPart(unitText: string, days: number): Part | null {
  const unit = unitNamed(unitText);
  if (unit === undefined) throw unitNotRecognized(unitText, 'date');
  if (timePart(unit, 0) !== undefined || unit.startsWith('timezone')) {
    throw unitNotSupported(unitText, 'date');
  }
  if (isInfinite(days)) return infinitePart(unit, days > 0);
  if (unit === 'epoch') return integer(days * 86400 + secondsTo2000);
  if (unit === 'julian') return integer(days + julianOf2000);
  return datePart(unit, days)!;
}

function timeFieldPart(unitText: string, micros: number): Part {
  const typeName = 'time without time zone';
  const unit = unitNamed(unitText);
  if (unit === undefined) throw unitNotRecognized(unitText, typeName);
  const part = unit === 'epoch' ? scaled(micros, 6) : timePart(unit, micros);
  if (part === undefined) throw unitNotSupported(unitText, typeName);
  return part;
}

function timeTzFieldPart(unitText: string, value: TimeTz): Part {
  const typeName = 'time with time zone';
  const unit = unitNamed(unitText);
  if (unit === undefined) throw unitNotRecognized(unitText, typeName);
  if (unit === 'epoch') return scaled(value.micros - value.zoneSeconds * 1_000_000, 6);
  const part = timePart(unit, value.micros) ?? zonePart(unit, value.zoneSeconds);
  if (part === undefined) throw unitNotSupported(unitText, typeName);
  return part;
}

function intervalPart(unitText: string, value: Interval): Part {
  const unit = unitNamed(unitText);
  if (unit === undefined) throw unitNotRecognized(unitText, 'interval');
  const years = Math.trunc(value.months / 12);
  const months = value.months % 12;
  const micros = BigInt(value.micros);
  const rest = micros % 60_000_000n;
  switch (unit) {
    case 'microsecond':
      return scaled(rest, 0);
    case 'millisecond':
      return scaled(rest, 3);
    case 'second':
      return scaled(rest, 6);
    case 'minute':
      return scaled((micros / 60_000_000n) % 60n, 0);
    case 'hour':
      return Numeric.fromInteger(canonicalInteger(micros / 3_600_000_000n));
    case 'day':
      return integer(value.days);
    case 'month':
      return integer(months + 0);
    case 'quarter':
      return integer(Math.trunc(months / 3) + 1);
    case 'year':
      return integer(years + 0);
    case 'decade':
      return integer(Math.trunc(years / 10) + 0);
    case 'century':
      return integer(Math.trunc(years / 100) + 0);
    case 'millennium':
      return integer(Math.trunc(years / 1000) + 0);
    case 'epoch': {
      // Years have 365.25 days here, so the sum is kept in quarter days.
      const quarterDays = years * 1461 + months * 120 + value.days * 4;
      return scaled(BigInt(quarterDays) * 21_600_000_000n + micros, 6);
    }
    default:
      throw unitNotSupported(unitText, 'interval');
  }
}

type Extract = (context: FunctionContext, unit: string, value: never) => Part | null;

/** extract as it is, date_part rounded to a double. */
function bothForms(
  suffixes: readonly [extract: string, part: string],
  extract: Extract,
): Record<string, ScalarImplementation> {
  return {
    [suffixes[0]]: extract,
    [suffixes[1]]: (context: FunctionContext, unit: string, value: Datum): Datum => {
      const part = extract(context, unit, value as never);
      return part === null ? null : part.toNumber();
    },
  };
}

export const datetimeFieldsFamily: Family = {
  scalars: {
    ...bothForms(['extract_timestamp', 'timestamp_part'], (context, unit, value: Timestamp) =>
      timestampPart(timestampSource, context, unit, value),
    ),
    ...bothForms(['extract_timestamptz', 'timestamptz_part'], (context, unit, value: Timestamp) =>
      timestampPart(timestampTzSource, context, unit, value),
    ),
    ...bothForms(['extract_time', 'time_part'], (_context, unit, value: number) =>
      timeFieldPart(unit, value),
    ),
    ...bothForms(['extract_timetz', 'timetz_part'], (_context, unit, value: TimeTz) =>
      timeTzFieldPart(unit, value),
    ),
    ...bothForms(['extract_interval', 'interval_part'], (_context, unit, value: Interval) =>
      intervalPart(unit, value),
    ),
    extract_date: (_context, unit: string, days: number) => dateFieldPart(unit, days),
    'date_part(text,date)': (context, unit: string, days: number): Datum => {
      const value = dateToTimestamp(days);
      const part = timestampPart(timestampSource, context, unit, value);
      return part === null ? null : part.toNumber();
    },
  },
};
