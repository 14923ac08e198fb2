// date, time, timetz, timestamp, timestamptz and interval: the binary formats, and the text formats
// of common/datetime.

import type { ByteWriter } from '../byte-writer.ts';
import { Interval, TimeTz, type Datum } from '../datum.ts';
import { databaseError, notSupported } from '../errors.ts';
import { TypeOid } from '../types.ts';
import { readInt32, readInt64, readTimestamp, valueCodec, writeInt64 } from '../value-codec.ts';
import { expectLength, typeIo, type AnyTypeIo } from './contract.ts';

const refuse = (): never => {
  throw notSupported('text of this type');
};

function sender(oid: number): (value: Datum, writer: ByteWriter) => void {
  const codec = valueCodec(oid);
  return (value, writer) => codec.write(writer, value);
}

const date = typeIo<number>({
  input: refuse,
  output: refuse,
  receive: (bytes) => {
    expectLength(bytes, 4);
    return valueCodec(TypeOid.date).read(bytes, 0, 4) as number;
  },
  send: sender(TypeOid.date),
});

const time = typeIo<number>({
  input: refuse,
  output: refuse,
  receive: (bytes) => {
    expectLength(bytes, 8);
    return checkedTime(readInt64(bytes, 0));
  },
  send: sender(TypeOid.time),
});

function checkedTime(micros: number | bigint): number {
  if (typeof micros === 'bigint' || micros < 0 || micros > 86_400_000_000) {
    throw databaseError('datetimeFieldOverflow', 'time out of range');
  }
  return micros;
}

const timeTz = typeIo<TimeTz>({
  input: refuse,
  output: refuse,
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

function timestampIo(): AnyTypeIo {
  return typeIo<number | bigint>({
    input: refuse,
    output: refuse,
    receive: (bytes) => {
      expectLength(bytes, 8);
      return readTimestamp(bytes, 0);
    },
    send: sender(TypeOid.timestamp),
  });
}

/** Microseconds int64, days int32, months int32. */
const interval = typeIo<Interval>({
  input: refuse,
  output: refuse,
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
  [TypeOid.timestamp, timestampIo()],
  [TypeOid.timestamptz, timestampIo()],
  [TypeOid.interval, interval],
];
