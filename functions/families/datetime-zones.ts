// Between timestamps without and with time zone: session zone, AT TIME ZONE, and the local parts of a
// timestamptz that other date functions work on.

import {
  addMicros,
  databaseError,
  findTimeZone,
  formatInterval,
  type FormatSettings,
  type Interval,
  isInfinite,
  joinTimestamp,
  localOffset,
  microsPerDay,
  microsPerSecond,
  timestampDays,
  timestampInRange,
  timestampMicros,
  timestampOutOfRange,
  TimeTz,
  type TimeZone,
  timeZoneOf,
  unknownTimeZone,
  utcSeconds,
  zoneAbbreviations,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';

export type Timestamp = number | bigint;

const daysTo2000 = 10957;

/** A timestamp in parts: the day, and microseconds since its midnight. */
export interface LocalTime {
  readonly days: number;
  readonly micros: number;
  /** Seconds east of UTC; 0 for timestamps without time zone. */
  readonly offset: number;
}

export function localTime(value: Timestamp): LocalTime {
  return { days: timestampDays(value), micros: timestampMicros(value), offset: 0 };
}

/** What the zone's clock shows at an instant. */
export function zonedTime(value: Timestamp, zone: TimeZone): LocalTime {
  const offset = zone.offsetAt(utcSeconds(value));
  const local = addMicros(value, offset * microsPerSecond);
  return { days: timestampDays(local), micros: timestampMicros(local), offset };
}

/** The instant at which the zone's clock shows a local time; micros may exceed a day. */
export function instantOf(days: number, micros: number, zone: TimeZone): Timestamp {
  const seconds = (days + daysTo2000) * 86400 + Math.floor(micros / microsPerSecond);
  const offset = localOffset(zone, seconds);
  return checkedTimestamp(joinTimestamp(days, micros - offset * microsPerSecond));
}

export function checkedTimestamp(value: Timestamp): Timestamp {
  if (!timestampInRange(value)) throw timestampOutOfRange();
  return value;
}

export function toTimestampTz(value: Timestamp, zone: TimeZone): Timestamp {
  if (isInfinite(value)) return value;
  return instantOf(timestampDays(value), timestampMicros(value), zone);
}

export function toTimestamp(value: Timestamp, zone: TimeZone): Timestamp {
  if (isInfinite(value)) return value;
  const offset = zone.offsetAt(utcSeconds(value));
  return checkedTimestamp(addMicros(value, offset * microsPerSecond));
}

/** A zone as AT TIME ZONE names it: an abbreviation first, then a name. */
export function zoneNamed(name: string): TimeZone {
  const abbreviation = zoneAbbreviations.get(name.toLowerCase());
  if (abbreviation !== undefined) {
    const offset = abbreviation.offsetSeconds;
    return {
      name,
      fixedOffset: offset,
      offsetAt: () => offset,
      abbreviationAt: () => name.toUpperCase(),
    };
  }
  const zone = findTimeZone(name);
  if (zone === undefined) throw unknownTimeZone(name);
  return zone;
}

export function sessionZone(context: FormatSettings): TimeZone {
  return timeZoneOf(context.timeZone);
}

function zoneOfInterval(interval: Interval, context: FunctionContext): TimeZone {
  if (interval.months !== 0 || interval.days !== 0) {
    const text = formatInterval(interval, context);
    throw databaseError(
      'invalidParameterValue',
      `interval time zone "${text}" must not include months or days`,
    );
  }
  const offset = Math.trunc(Number(interval.micros) / microsPerSecond);
  return { name: '', fixedOffset: offset, offsetAt: () => offset, abbreviationAt: () => '' };
}

function shiftTimeTz(value: TimeTz, offset: number): TimeTz {
  const local = value.micros + (offset - value.zoneSeconds) * microsPerSecond;
  return new TimeTz(((local % microsPerDay) + microsPerDay) % microsPerDay, offset);
}

/** timetz AT TIME ZONE a named zone: its offset now. */
function timeTzInZone(context: FunctionContext, name: string, value: TimeTz): TimeTz {
  const zone = zoneNamed(name);
  return shiftTimeTz(value, zone.offsetAt(utcSeconds(context.transactionTimestamp)));
}

export const timeZoneFamily: Family = {
  scalars: {
    timestamp_timestamptz: (context, value: Timestamp) =>
      toTimestampTz(value, sessionZone(context)),
    timestamptz_timestamp: (context, value: Timestamp) => toTimestamp(value, sessionZone(context)),
    timestamp_zone: (_context, zone: string, value: Timestamp) =>
      isInfinite(value) ? value : toTimestampTz(value, zoneNamed(zone)),
    timestamptz_zone: (_context, zone: string, value: Timestamp) =>
      isInfinite(value) ? value : toTimestamp(value, zoneNamed(zone)),
    timestamp_izone: (context, zone: Interval, value: Timestamp) =>
      isInfinite(value) ? value : toTimestampTz(value, zoneOfInterval(zone, context)),
    timestamptz_izone: (context, zone: Interval, value: Timestamp) =>
      isInfinite(value) ? value : toTimestamp(value, zoneOfInterval(zone, context)),
    timetz_zone: (context, zone: string, value: TimeTz) => timeTzInZone(context, zone, value),
    timetz_izone: (context, zone: Interval, value: TimeTz) =>
      shiftTimeTz(value, zoneOfInterval(zone, context).fixedOffset!),
  },
};
