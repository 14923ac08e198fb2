// date, time, timetz, timestamp, timestamptz and interval: the binary formats, and the text formats
// of common/datetime.

import type { ByteWriter } from '../byte-writer.ts';
import { Interval, TimeTz, type Datum } from '../datum.ts';
import { dateOutOfRange, timestampOutOfRange } from '../datetime/errors.ts';
import {
  formatDate,
  formatTime,
  formatTimestamp,
  formatTimestampTz,
  formatTimeTz,
} from '../datetime/format.ts';
import { formatInterval } from '../datetime/format-interval.ts';
import {
  parseDate,
  parseTime,
  parseTimestamp,
  parseTimestampTz,
  parseTimeTz,
} from '../datetime/parse.ts';
import { parseInterval } from '../datetime/parse-interval.ts';
import { databaseError } from '../errors.ts';
import { TypeOid } from '../types.ts';
import { readInt32, readInt64, readTimestamp, valueCodec, writeInt64 } from '../value-codec.ts';
import { expectLength, typeIo, type AnyTypeIo } from './contract.ts';

function sender(oid: number): (value: Datum, writer: ByteWriter) => void {
  const codec = valueCodec(oid);
  return (value, writer) => codec.write(writer, value);
}

const date = typeIo<number>({
  input: (text, _typmod, settings) => parseDate(text, settings),
  output: formatDate,
  receive: (bytes) => {
    expectLength(bytes, 4);
    return checkedDate(valueCodec(TypeOid.date).read(bytes, 0, 4) as number);
  },
  send: sender(TypeOid.date),
});

const time = typeIo<number>({
  input: parseTime,
  output: formatTime,
  receive: (bytes) => {
    expectLength(bytes, 8);
    return checkedTime(readInt64(bytes, 0));
  },
  send: sender(TypeOid.time),
});

/** Days since 2000-01-01: from 4714-11-24 BC up to and without 5874898-01-01, and the infinities. */
function checkedDate(days: number): number {
  if (Number.isFinite(days) && (days < -2451545 || days >= 2145031949)) throw dateOutOfRange();
  return days;
}

/** Microseconds since 2000-01-01: from 4714-11-24 BC up to and without 294277-01-01. */
function checkedTimestamp(micros: number | bigint): number | bigint {
  const isInfinite = micros === Infinity || micros === -Infinity;
  if (!isInfinite && (micros < -211813488000000000n || micros >= 9223371331200000000n))
    throw timestampOutOfRange();
  return micros;
}

function checkedTime(micros: number | bigint): number {
  if (typeof micros === 'bigint' || micros < 0 || micros > 86_400_000_000) {
    throw databaseError('datetimeFieldOverflow', 'time out of range');
  }
  return micros;
}

const timeTz = typeIo<TimeTz>({
  input: parseTimeTz,
  output: formatTimeTz,
  receive: (bytes) => {
    expectLength(bytes, 12);
    const zoneWest = readInt32(bytes, 8);
    if (Math.abs(zoneWest) >= 57_600) {
      throw databaseError(
        'invalidTimeZoneDisplacementValue',
        'time zone displacement out of range',
      );
    }
    return new TimeTz(checkedTime(readInt64(bytes, 0)), 0 - zoneWest);
  },
  send: (value, writer) => {
    writeInt64(writer, value.micros);
    writer.int32(0 - value.zoneSeconds);
  },
});

function timestampIo(parse: typeof parseTimestamp, format: typeof formatTimestamp): AnyTypeIo {
  return typeIo<number | bigint>({
    input: (text, typmod, settings) => parse(text, settings, typmod),
    output: format,
    receive: (bytes) => {
      expectLength(bytes, 8);
      return checkedTimestamp(readTimestamp(bytes, 0));
    },
    send: sender(TypeOid.timestamp),
  });
}

/** Microseconds int64, days int32, months int32. */
const interval = typeIo<Interval>({
  input: parseInterval,
  output: formatInterval,
  receive: (bytes) => {
    expectLength(bytes, 16);
    return new Interval(readInt32(bytes, 12), readInt32(bytes, 8), readInt64(bytes, 0));
  },
  send: (value, writer) => {
    writeInt64(writer, value.micros);
    writer.int32(value.days);
    writer.int32(value.months);
  },
});

export const datetimeTypes: readonly (readonly [number, AnyTypeIo])[] = [
  [TypeOid.date, date],
  [TypeOid.time, time],
  [TypeOid.timetz, timeTz],
  [TypeOid.timestamp, timestampIo(parseTimestamp, formatTimestamp)],
  [TypeOid.timestamptz, timestampIo(parseTimestampTz, formatTimestampTz)],
  [TypeOid.interval, interval],
];
