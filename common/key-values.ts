// Order-preserving encodings of single values to binary strings (one character 0..255 a byte), per
// type. Comparing two encodings byte by byte gives the type's btree order, and values that are equal
// for the type have equal encodings. Every encoding is self-delimiting: none is a proper prefix of
// another of its type, so columns can simply be concatenated.
//
//   bool                 1 byte
//   int2 int4 date       4 bytes big-endian, sign bit flipped (date: +-infinity at the ends)
//   oid xid cid reg*     4 bytes big-endian
//   int8 timestamp time  8 bytes big-endian, sign bit flipped (+-infinity at the ends)
//   float4 float8        IEEE bits; negatives inverted, others with the sign bit flipped; -0 is 0
//   numeric              class byte; for non-zero: exponent (3 bytes), base-100 digits + 1, 00
//                        (negatives: all after the class byte inverted)
//   text name bpchar     UTF-8, 00 (bpchar without its trailing blanks)
//   bytea                bytes with 00 written as 00 FF, then 00 01
//   uuid                 16 bytes
//   interval             10 bytes: months and days as microseconds, sign flipped
//   timetz               UTC microseconds (8), zone west of UTC in seconds (4)
//   arrays, records      per element 01 value or 02 for null; 00; then dimensions
//   types of value-types/ as their files say
//   jsonb                kind byte, then the value; containers: count, members

import { asBuffer, latin1Text } from './buffer-text.ts';
import type { Interval, TimeTz } from './datum.ts';
import { ArrayValue, canonicalInteger, RecordValue, type Datum } from './datum.ts';
import { absolute } from './decimal-integer.ts';
import { notSupported } from './errors.ts';
import { isJsonArray, jsonKindRank, type JsonObject, type JsonValue } from './json-value.ts';
import type { Jsonb } from './jsonb.ts';
import { Numeric } from './numeric.ts';
import { rowEqualityTypes } from './row-fields.ts';
import { trimTrailingBlanks } from './text-order.ts';
import { collationOrder } from './collation-order.ts';
import { collationOfType, uncollatedType } from './collations.ts';
import { elementTypeOf, firstCollatedType, representationOf } from './type-registry.ts';
import { TypeOid } from './types.ts';
import { valueTypeByOid } from './value-types/registry.ts';

export type ValueKeyEncoder = (value: Datum) => string;

/** The encoder of a type's non-null values; 0A000 for types without an order. */
export function valueKeyEncoder(typeOid: number): ValueKeyEncoder {
  const encoder = encoders.get(typeOid);
  if (encoder !== undefined) return encoder;
  if (typeOid >= firstCollatedType) return collatedEncoder(typeOid);
  if (elementTypeOf(typeOid) !== 0) return encodeArray as ValueKeyEncoder;
  // Row types of tables have oids of their own; their values carry the field types.
  if (typeOid >= 16384) {
    const representation = representationOf(typeOid);
    return representation === typeOid ? compositeEncoder(typeOid) : valueKeyEncoder(representation);
  }
  const own = valueTypeByOid(typeOid)?.order?.encodeKey;
  if (own !== undefined) return own;
  throw notSupported(`an index over a column of this type (oid ${typeOid})`);
}

/** Texts that a collation takes to be equal have one key; keys are not in its order. */
function collatedEncoder(typeOid: number): ValueKeyEncoder {
  const { hashKey } = collationOrder(collationOfType(typeOid));
  switch (uncollatedType(typeOid)) {
    case TypeOid.text:
      return (value) => encodeText(hashKey(value as string));
    case TypeOid.bpchar:
      return (value) => encodeText(hashKey(trimTrailingBlanks(value as string)));
    default: {
      const elementType = elementTypeOf(typeOid);
      return (value) => {
        const { dimensions, elements } = value as ArrayValue;
        return encodeArray(new ArrayValue(elementType, dimensions, elements));
      };
    }
  }
}

const { fromCharCode } = String;

function binaryText(bytes: Buffer): string {
  return latin1Text(bytes, 0, bytes.length);
}

function encodeBool(value: boolean): string {
  return value ? '\x01' : '\x00';
}

export function encodeInt4(value: number): string {
  return fromCharCode(
    ((value >> 24) ^ 0x80) & 0xff,
    (value >> 16) & 0xff,
    (value >> 8) & 0xff,
    value & 0xff,
  );
}

function encodeDate(value: number): string {
  if (value === Infinity) return '\xff\xff\xff\xff';
  if (value === -Infinity) return '\x00\x00\x00\x00';
  return encodeInt4(value);
}

function encodeUint4(value: number): string {
  return fromCharCode(value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}

/** Values up to 2^64 - 1 as the signed ones of the same order. */
function encodeUnsigned8(value: number | bigint): string {
  return encodeInt8(BigInt(value) - 2n ** 63n);
}

export function encodeInt8(value: number | bigint): string {
  let high: number;
  let low: number;
  if (typeof value === 'number') {
    if (value === Infinity) return '\xff\xff\xff\xff\xff\xff\xff\xff';
    if (value === -Infinity) return '\x00\x00\x00\x00\x00\x00\x00\x00';
    high = Math.floor(value / 4294967296);
    low = value - high * 4294967296;
  } else {
    high = Number(value >> 32n);
    low = Number(value & 0xffffffffn);
  }
  return fromCharCode(
    ((high >> 24) ^ 0x80) & 0xff,
    (high >> 16) & 0xff,
    (high >> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >> 16) & 0xff,
    (low >> 8) & 0xff,
    low & 0xff,
  );
}

const scratch = new DataView(new ArrayBuffer(8));

function encodeFloat8(value: number): string {
  scratch.setFloat64(0, value === 0 ? 0 : value);
  let high = scratch.getInt32(0);
  let low = scratch.getInt32(4);
  if (high < 0) {
    high = ~high;
    low = ~low;
  } else high ^= 0x80000000;
  return encodeUint4(high) + encodeUint4(low);
}

function encodeFloat4(value: number): string {
  scratch.setFloat32(0, value === 0 ? 0 : value);
  const bits = scratch.getInt32(0);
  return encodeUint4(bits < 0 ? ~bits : bits ^ 0x80000000);
}

export function encodeText(value: string): string {
  const { length } = value;
  for (let index = 0; index < length; index++) {
    if (value.charCodeAt(index) > 127) return binaryText(Buffer.from(value, 'utf8')) + '\x00';
  }
  return value + '\x00';
}

function encodeBlankPadded(value: string): string {
  return encodeText(trimTrailingBlanks(value));
}

function encodeBytea(value: Uint8Array): string {
  const bytes = binaryText(asBuffer(value));
  return bytes.replace(/\x00/g, '\x00\xff') + '\x00\x01';
}

const nibbles = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) nibbles['0123456789abcdef'.charCodeAt(digit)] = digit;

function hexByte(text: string, index: number): number {
  return (nibbles[text.charCodeAt(index)] << 4) | nibbles[text.charCodeAt(index + 1)];
}

export function encodeUuid(value: string): string {
  return fromCharCode(
    hexByte(value, 0),
    hexByte(value, 2),
    hexByte(value, 4),
    hexByte(value, 6),
    hexByte(value, 9),
    hexByte(value, 11),
    hexByte(value, 14),
    hexByte(value, 16),
    hexByte(value, 19),
    hexByte(value, 21),
    hexByte(value, 24),
    hexByte(value, 26),
    hexByte(value, 28),
    hexByte(value, 30),
    hexByte(value, 32),
    hexByte(value, 34),
  );
}

const numericClass = {
  minusInfinity: '\x10',
  negative: '\x20',
  zero: '\x30',
  positive: '\x40',
  infinity: '\x50',
  nan: '\x60',
} as const;
const exponentBias = 0x400000;

function encodeNumeric(value: Numeric): string {
  if (!value.isFinite) {
    if (value.isNaN) return numericClass.nan;
    return value.sign > 0 ? numericClass.infinity : numericClass.minusInfinity;
  }
  if (value.coefficient === 0) return numericClass.zero;
  const all = String(absolute(value.coefficient));
  const exponent = all.length - 1 - value.scale + exponentBias;
  let length = all.length;
  while (all.charCodeAt(length - 1) === 48) length--;
  const bytes = [(exponent >> 16) & 0xff, (exponent >> 8) & 0xff, exponent & 0xff];
  for (let index = 0; index < length; index += 2) {
    const tens = all.charCodeAt(index) - 48;
    const units = index + 1 < length ? all.charCodeAt(index + 1) - 48 : 0;
    bytes.push(tens * 10 + units + 1);
  }
  bytes.push(0);
  const encoded = binaryText(Buffer.from(bytes));
  if (value.coefficient > 0) return numericClass.positive + encoded;
  return numericClass.negative + invertBytes(encoded);
}

/** Turns ascending into descending order. */
export function invertBytes(key: string): string {
  const { length } = key;
  if (length <= 16) {
    let result = '';
    for (let index = 0; index < length; index++) {
      result += fromCharCode(key.charCodeAt(index) ^ 0xff);
    }
    return result;
  }
  const bytes = Buffer.from(key, 'latin1');
  for (let index = 0; index < length; index++) bytes[index] ^= 0xff;
  return binaryText(bytes);
}

const microsPerDay = 86_400_000_000;

/** The span that interval comparison uses: months count 30 days, days 24 hours. */
export function intervalSpan({ months, days, micros }: Interval): number | bigint {
  const wholeDays = months * 30 + days;
  if (typeof micros === 'number') {
    const span = wholeDays * microsPerDay + micros;
    if (Number.isSafeInteger(span)) return span;
  }
  return canonicalInteger(BigInt(wholeDays) * BigInt(microsPerDay) + BigInt(micros));
}

function encodeInterval(value: Interval): string {
  const span = BigInt(intervalSpan(value)) + (1n << 79n);
  const high = Number(span >> 64n);
  return (
    fromCharCode(high >> 8, high & 0xff) +
    encodeUint4(Number((span >> 32n) & 0xffffffffn)) +
    encodeUint4(Number(span & 0xffffffffn))
  );
}

function encodeTimeTz(value: TimeTz): string {
  return (
    encodeInt8(value.micros - value.zoneSeconds * 1_000_000) + encodeInt4(0 - value.zoneSeconds)
  );
}

function encodeArray(value: ArrayValue): string {
  const encode = valueKeyEncoder(value.elementType);
  let key = '';
  for (const element of value.elements) {
    key += element === null ? '\x02' : '\x01' + encode(element);
  }
  key += '\x00' + fromCharCode(value.dimensions.length);
  for (const dimension of value.dimensions) key += encodeInt4(dimension.length);
  for (const dimension of value.dimensions) key += encodeInt4(dimension.lowerBound);
  return key;
}

function compositeEncoder(typeOid: number): ValueKeyEncoder {
  const types = rowEqualityTypes(typeOid);
  if (types === undefined) return encodeAnyComposite;
  return (value) => encodeRecord(value as RecordValue, types);
}

function encodeRecord(value: RecordValue, types: readonly number[] = value.types): string {
  let key = '';
  for (let index = 0; index < value.fields.length; index++) {
    const field = value.fields[index]!;
    key += field === null ? '\x02' : '\x01' + valueKeyEncoder(types[index])(field);
  }
  return key + '\x00';
}

function encodeAnyComposite(value: Datum): string {
  if (value instanceof RecordValue) return encodeRecord(value);
  if (value instanceof ArrayValue) return encodeArray(value);
  throw notSupported('an index over a column of this type');
}

/** Above 0, which marks an empty top-level array (it sorts below everything). */
const jsonKindBase = 1;

function encodeJsonb(value: Jsonb): string {
  if (isJsonArray(value.value) && value.value.length === 0) return '\x00';
  return encodeJson(value.value);
}

function encodeJson(value: JsonValue): string {
  const kind = fromCharCode(jsonKindBase + jsonKindRank(value));
  if (value === null) return kind;
  if (typeof value === 'string') return kind + encodeText(value.replaceAll('\x00', ''));
  if (value instanceof Numeric) return kind + encodeNumeric(value);
  if (typeof value === 'boolean') return kind + encodeBool(value);
  if (isJsonArray(value)) return kind + encodeUint4(value.length) + value.map(encodeJson).join('');
  return kind + encodeJsonMembers(value);
}

function encodeJsonMembers(value: JsonObject): string {
  let key = encodeUint4(value.members.size);
  for (const [name, member] of value.members) key += encodeText(name) + encodeJson(member);
  return key;
}

const encoders = new Map<number, ValueKeyEncoder>();
function register(encoder: (value: never) => string, ...types: number[]): void {
  for (const type of types) encoders.set(type, encoder as ValueKeyEncoder);
}
const T = TypeOid;
register(encodeBool, T.bool);
register(encodeInt4, T.int2, T.int4);
register(encodeUint4, T.oid, T.xid, T.cid, T.regproc, T.regprocedure, T.regoper, T.regoperator);
register(encodeUint4, T.regclass, T.regtype, T.regrole, T.regnamespace, T.regcollation);
register(encodeUint4, T.regconfig, T.regdictionary);
register(encodeDate, T.date);
register(encodeInt8, T.int8, T.timestamp, T.timestamptz, T.time);
register(encodeUnsigned8, T.xid8);
register(encodeFloat8, T.float8);
register(encodeFloat4, T.float4);
register(encodeNumeric, T.numeric);
register(encodeText, T.text, T.varchar, T.name, T.char, T.unknown, T.refcursor);
register(encodeBlankPadded, T.bpchar);
register(encodeBytea, T.bytea);
register(encodeUuid, T.uuid);
register(encodeInterval, T.interval);
register(encodeTimeTz, T.timetz);
register(encodeRecord, T.record);
register(encodeJsonb, T.jsonb);
