// Compact binary forms of values of variable length, per type: inside tuples (tuple.ts), inside arrays
// and records, and in spilled rows. Not the wire's binary format (type-io/).
//
//   text-like, json      UTF-8                         bytea   the bytes
//   jsonb                canonical text, UTF-8
//   numeric              scale byte, then the coefficient:
//                        00..EF scale | F0 scale in the next two bytes | F1 NaN | F2 inf | F3 -inf
//                        up to 7 bytes: two's complement, big-endian; 8 and more: sign byte, magnitude
//   interval             months int32, days int32, micros int64
//   timetz               micros int64, zone int32
//   uuid                 16 bytes
//   array                element type uint32, dimension count byte, per dimension length and lower
//                        bound int32, then each element: length + 1 as varint (0: null), bytes
//   record               field count uint16, names flag byte, per field: type uint32, [name as varint
//                        length and UTF-8], length + 1 as varint (0: null), bytes
//   other fixed-width    as in tuple.ts
//   types of value-types/ as their files say
// Types of user oids (row types and arrays) put a kind byte first: 0 text, 1 array, 2 record, 3 a value
// with a class of its own (its codecOid as uint32 precedes it); enums are float8, domains as what they
// are over.

import { utf8Text } from './buffer-text.ts';
import { ByteWriter } from './byte-writer.ts';
import { ArrayValue, Interval, RecordValue, TimeTz, TypedValue, type Datum } from './datum.ts';
import { Jsonb } from './jsonb.ts';
import { Numeric } from './numeric.ts';
import { elementTypeOf, representationOf } from './type-registry.ts';
import { TypeOid } from './types.ts';
import { valueTypeByOid } from './value-types/registry.ts';

export interface ValueCodec {
  /** Bytes of a fixed-width type; 0: variable. */
  readonly width: number;
  readonly write: (writer: ByteWriter, value: Datum) => void;
  /** Reads the value that fills [start, end). */
  readonly read: (buffer: Buffer, start: number, end: number) => Datum;
}

export function valueCodec(typeOid: number): ValueCodec {
  const codec = codecs.get(typeOid);
  if (codec !== undefined) return codec;
  if (typeOid >= 16384) return userCodec(typeOid);
  if (elementTypeOf(typeOid) !== 0) return arrayCodec;
  const own = valueTypeByOid(typeOid)?.codec;
  if (own === undefined) return textCodec;
  codecs.set(typeOid, { width: 0, ...own });
  return valueCodec(typeOid);
}

export function readInt32(buffer: Uint8Array, at: number): number {
  return (buffer[at] << 24) | (buffer[at + 1] << 16) | (buffer[at + 2] << 8) | buffer[at + 3];
}

/** A signed 64-bit integer in int8's canonical form. */
export function readInt64(buffer: Uint8Array, at: number): number | bigint {
  const high = readInt32(buffer, at);
  const low = readInt32(buffer, at + 4) >>> 0;
  if (high >= -2097152 && high < 2097152) {
    const value = high * 4294967296 + low;
    if (value !== -9007199254740992) return value;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** Like readInt64, with the ends of the range for +-infinity. */
export function readTimestamp(buffer: Uint8Array, at: number): number | bigint {
  const value = readInt64(buffer, at);
  if (typeof value === 'number') return value;
  if (value === timestampInfinity) return Infinity;
  return value === timestampMinusInfinity ? -Infinity : value;
}

const timestampInfinity = 9223372036854775807n;
const timestampMinusInfinity = -9223372036854775808n;

export function writeInt64(writer: ByteWriter, value: number | bigint): void {
  if (typeof value === 'number') {
    const high = Math.floor(value / 4294967296);
    writer.int32(high);
    writer.int32(value - high * 4294967296);
  } else writer.int64(value);
}

/** xid8 goes up to 2^64 - 1. */
function readUnsigned64(buffer: Uint8Array, at: number): number | bigint {
  const value = readInt64(buffer, at);
  return value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;
}

function writeUnsigned64(writer: ByteWriter, value: number | bigint): void {
  writeInt64(writer, typeof value === 'number' ? value : BigInt.asIntN(64, value));
}

function writeTimestamp(writer: ByteWriter, value: number | bigint): void {
  if (value === Infinity) writer.int64(timestampInfinity);
  else if (value === -Infinity) writer.int64(timestampMinusInfinity);
  else writeInt64(writer, value);
}

function readDate(buffer: Buffer, at: number): number {
  const days = readInt32(buffer, at);
  return days === 2147483647 ? Infinity : days === -2147483648 ? -Infinity : days;
}

function writeDate(writer: ByteWriter, value: number): void {
  writer.int32(value === Infinity ? 2147483647 : value === -Infinity ? -2147483648 : value);
}

function writeNumeric(writer: ByteWriter, value: Numeric): void {
  const { coefficient, scale } = value;
  if (scale < 0) {
    writer.uint8(value.isNaN ? 0xf1 : value.sign > 0 ? 0xf2 : 0xf3);
    return;
  }
  if (scale < 0xf0) writer.uint8(scale);
  else {
    writer.uint8(0xf0);
    writer.int16(scale);
  }
  if (typeof coefficient === 'number') writeSmallInteger(writer, coefficient);
  else {
    writer.uint8(coefficient < 0n ? 1 : 0);
    const digits = (coefficient < 0n ? -coefficient : coefficient).toString(16);
    writer.bytes(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
  }
}

/** The fewest bytes of two's complement that hold a safe integer; none for 0. */
function writeSmallInteger(writer: ByteWriter, value: number): void {
  if (value === 0) return;
  if (value >= -2147483648 && value <= 2147483647) {
    if (value >= -128 && value <= 127) writer.uint8(value);
    else if (value >= -32768 && value <= 32767) writer.int16(value);
    else writer.int32(value);
    return;
  }
  const high = Math.floor(value / 4294967296);
  const low = value - high * 4294967296;
  if (high >= -32768 && high <= 32767) writer.int16(high);
  else {
    writer.uint8(high >> 16);
    writer.int16(high);
  }
  writer.int32(low);
}

function readNumeric(buffer: Buffer, start: number, end: number): Numeric {
  let scale = buffer[start];
  let at = start + 1;
  if (scale >= 0xf0) {
    if (scale === 0xf1) return Numeric.nan;
    if (scale === 0xf2) return Numeric.infinity;
    if (scale === 0xf3) return Numeric.negativeInfinity;
    scale = (buffer[at] << 8) | buffer[at + 1];
    at += 2;
  }
  const length = end - at;
  if (length === 0) return new Numeric(0, scale);
  if (length > 7) {
    const magnitude = BigInt(`0x${buffer.toString('hex', at + 1, end)}`);
    return new Numeric(buffer[at] === 1 ? -magnitude : magnitude, scale);
  }
  let value = (buffer[at] << 24) >> 24;
  for (at++; at < end; at++) value = value * 256 + buffer[at];
  return new Numeric(value, scale);
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function readUuid(buffer: Uint8Array, start: number): string {
  let text = '';
  for (let index = 0; index < 16; index++) {
    text += hexPairs[buffer[start + index]];
    if (index === 3 || index === 5 || index === 7 || index === 9) text += '-';
  }
  return text;
}

export function writeUuid(writer: ByteWriter, value: string): void {
  writer.ensure(16);
  for (let index = 0; index < 36; index += 2) {
    if (value.charCodeAt(index) === 45) index++;
    writer.uint8(parseInt(value.slice(index, index + 2), 16));
  }
}

function writeVarint(writer: ByteWriter, value: number): void {
  let rest = value;
  while (rest > 127) {
    writer.uint8((rest & 127) | 128);
    rest >>>= 7;
  }
  writer.uint8(rest);
}

/** A cursor for nested values; decoding does not recurse through closures that capture positions. */
interface Cursor {
  at: number;
}

function readVarint(buffer: Buffer, cursor: Cursor): number {
  let value = 0;
  let shift = 0;
  for (;;) {
    const byte = buffer[cursor.at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
    shift += 7;
  }
}

function writeNested(writer: ByteWriter, codec: ValueCodec, value: Datum): void {
  if (value === null) {
    writer.uint8(0);
    return;
  }
  if (codec.width !== 0) {
    writeVarint(writer, codec.width + 1);
    codec.write(writer, value);
    return;
  }
  // The varint's size depends on the value's, which is known after writing: write aside, then copy.
  const inner = new ByteWriter(256);
  codec.write(inner, value);
  writeVarint(writer, inner.position + 1);
  writer.bytes(inner.view());
}

function readNested(buffer: Buffer, cursor: Cursor, codec: ValueCodec): Datum {
  const length = readVarint(buffer, cursor);
  if (length === 0) return null;
  const start = cursor.at;
  cursor.at = start + length - 1;
  return codec.read(buffer, start, cursor.at);
}

const arrayCodec: ValueCodec = {
  width: 0,
  write: (writer, datum) => {
    const value = datum as ArrayValue;
    writer.int32(value.elementType);
    writer.uint8(value.dimensions.length);
    for (const dimension of value.dimensions) {
      writer.int32(dimension.length);
      writer.int32(dimension.lowerBound);
    }
    const codec = valueCodec(value.elementType);
    for (const element of value.elements) writeNested(writer, codec, element);
  },
  read: (buffer, start) => {
    const elementType = readInt32(buffer, start) >>> 0;
    const dimensions: { length: number; lowerBound: number }[] = [];
    let count = 0;
    let at = start + 5;
    for (let index = 0; index < buffer[start + 4]; index++, at += 8) {
      const length = readInt32(buffer, at);
      dimensions.push({ length, lowerBound: readInt32(buffer, at + 4) });
      count = index === 0 ? length : count * length;
    }
    const codec = valueCodec(elementType);
    const cursor = { at };
    const elements: Datum[] = [];
    for (let index = 0; index < count; index++) elements.push(readNested(buffer, cursor, codec));
    return new ArrayValue(elementType, dimensions, elements);
  },
};

const recordCodec: ValueCodec = {
  width: 0,
  write: (writer, datum) => {
    const { types, fields, names } = datum as RecordValue;
    writer.int16(fields.length);
    writer.uint8(names === undefined ? 0 : 1);
    for (let index = 0; index < fields.length; index++) {
      writer.int32(types[index]);
      if (names !== undefined) {
        const name = Buffer.from(names[index], 'utf8');
        writeVarint(writer, name.length);
        writer.bytes(name);
      }
      writeNested(writer, valueCodec(types[index]), fields[index]);
    }
  },
  read: (buffer, start) => {
    const count = (buffer[start] << 8) | buffer[start + 1];
    const named = buffer[start + 2] === 1;
    const cursor = { at: start + 3 };
    const types: number[] = [];
    const fields: Datum[] = [];
    const names: string[] = [];
    for (let index = 0; index < count; index++) {
      const type = readInt32(buffer, cursor.at) >>> 0;
      cursor.at += 4;
      types.push(type);
      if (named) {
        const length = readVarint(buffer, cursor);
        names.push(utf8Text(buffer, cursor.at, cursor.at + length));
        cursor.at += length;
      }
      fields.push(readNested(buffer, cursor, valueCodec(type)));
    }
    return new RecordValue(types, fields, named ? names : undefined);
  },
};

const textCodec: ValueCodec = {
  width: 0,
  write: (writer, value) => writer.text(value as string),
  read: utf8Text,
};

/** A value that knows its type: the oid of its form, then the value. */
export const typedValueCodec: ValueCodec = {
  width: 0,
  write: (writer, datum) => {
    const { codecOid } = datum as TypedValue;
    writer.int32(codecOid);
    valueCodec(codecOid).write(writer, datum);
  },
  read: (buffer, start, end) => valueCodec(readInt32(buffer, start)).read(buffer, start + 4, end),
};

const tagged: readonly ValueCodec[] = [textCodec, arrayCodec, recordCodec, typedValueCodec];
const taggedValueCodec: ValueCodec = {
  width: 0,
  write: (writer, value) => {
    const kind = taggedKind(value);
    writer.uint8(kind);
    tagged[kind].write(writer, value);
  },
  read: (buffer, start, end) => tagged[buffer[start]].read(buffer, start + 1, end),
};

function taggedKind(value: Datum): number {
  if (value instanceof ArrayValue) return 1;
  if (value instanceof RecordValue) return 2;
  return value instanceof TypedValue ? 3 : 0;
}

/** Domains and enums are kept as what they look like. */
function userCodec(typeOid: number): ValueCodec {
  const representation = representationOf(typeOid);
  return representation === typeOid ? taggedValueCodec : valueCodec(representation);
}

const codecs = new Map<number, ValueCodec>();
function register<Value extends Datum>(
  width: number,
  write: (writer: ByteWriter, value: Value) => void,
  read: (buffer: Buffer, start: number, end: number) => Datum,
  ...types: number[]
): void {
  for (const type of types) {
    codecs.set(type, { width, write: write as unknown as ValueCodec['write'], read });
  }
}

const T = TypeOid;
register(
  1,
  (writer, value: boolean) => writer.uint8(value ? 1 : 0),
  (buffer, at) => buffer[at] === 1,
  T.bool,
);
register(
  2,
  (writer, value: number) => writer.int16(value),
  (buffer, at) => ((buffer[at] << 24) >> 16) | buffer[at + 1],
  T.int2,
);
register(4, (writer, value: number) => writer.int32(value), readInt32, T.int4);
register(4, writeDate, readDate, T.date);
register(
  4,
  (writer, value: number) => writer.int32(value),
  (buffer, at) => readInt32(buffer, at) >>> 0,
  ...[T.oid, T.xid, T.cid, T.regproc, T.regprocedure, T.regoper, T.regoperator, T.regclass],
  ...[T.regtype, T.regrole, T.regnamespace, T.regcollation, T.regconfig, T.regdictionary],
);
register(8, writeInt64, readInt64, T.int8);
register(8, writeUnsigned64, readUnsigned64, T.xid8);
register(8, writeTimestamp, readTimestamp, T.timestamp, T.timestamptz);
register(8, writeInt64, readInt64, T.time);
register(
  8,
  (writer, value: number) => writer.float64(value),
  (buffer, at) => buffer.readDoubleBE(at),
  T.float8,
);
register(
  4,
  (writer, value: number) => writer.float32(value),
  (buffer, at) => buffer.readFloatBE(at),
  T.float4,
);
register(16, writeUuid, readUuid, T.uuid);
register(
  16,
  (writer, value: Interval) => {
    writer.int32(value.months);
    writer.int32(value.days);
    writeInt64(writer, value.micros);
  },
  (buffer, at) =>
    new Interval(readInt32(buffer, at), readInt32(buffer, at + 4), readInt64(buffer, at + 8)),
  T.interval,
);
register(
  12,
  (writer, value: TimeTz) => {
    writeInt64(writer, value.micros);
    writer.int32(value.zoneSeconds);
  },
  (buffer, at) => new TimeTz(Number(readInt64(buffer, at)), readInt32(buffer, at + 8)),
  T.timetz,
);
register(0, writeNumeric, readNumeric, T.numeric);
register(
  0,
  (writer, value: Uint8Array) => writer.bytes(value),
  (buffer, start, end) => new Uint8Array(buffer.subarray(start, end)),
  T.bytea,
);
register(
  0,
  (writer, value: Jsonb) => writer.text(value.toString()),
  (buffer, start, end) => Jsonb.fromCanonicalText(utf8Text(buffer, start, end)),
  T.jsonb,
);
codecs.set(T.record, recordCodec);
