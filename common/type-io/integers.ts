// int2, int4, int8, oid, xid, cid, xid8 and bool.

import type { ByteWriter } from '../byte-writer.ts';
import { canonicalInteger } from '../datum.ts';
import { TypeOid } from '../types.ts';
import { readInt32, readInt64, writeInt64 } from '../value-codec.ts';
import { expectLength, invalidInput, outOfRange, typeIo, type AnyTypeIo } from './contract.ts';

const integerPattern = /^[ \t\n\v\f\r]*([+-]?\d+)[ \t\n\v\f\r]*$/;

/** A decimal integer of at most 15 digits without blanks, the usual case; NaN otherwise. */
function smallInteger(text: string): number {
  const { length } = text;
  let index = text.charCodeAt(0) === 45 ? 1 : 0;
  if (length - index > 15 || length === index) return NaN;
  let value = 0;
  for (; index < length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return text.charCodeAt(0) === 45 ? 0 - value : value;
}

function boundedInteger(text: string, typeName: string, limit: number): number {
  let value = smallInteger(text);
  if (value !== value) {
    const match = integerPattern.exec(text);
    if (match === null) throw invalidInput(typeName, text);
    value = Number(match[1]) + 0;
  }
  if (value < -limit || value >= limit) throw outOfRange(typeName, text);
  return value;
}

export function parseInt2(text: string): number {
  return boundedInteger(text, 'smallint', 32768);
}

export function parseInt4(text: string): number {
  return boundedInteger(text, 'integer', 2147483648);
}

export function parseInt8(text: string): number | bigint {
  const small = smallInteger(text);
  if (small === small) return small;
  const match = integerPattern.exec(text);
  if (match === null) throw invalidInput('bigint', text);
  const digits = match[1].replace(/^\+/, '');
  if (digits.replace(/^-?0+/, '').length > 20) throw outOfRange('bigint', text);
  const value = digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits);
  if (BigInt.asIntN(64, value) !== value) throw outOfRange('bigint', text);
  return canonicalInteger(value);
}

/** Decimal digits straight into the buffer. */
export function writeIntegerText(value: number | bigint, writer: ByteWriter): void {
  if (typeof value === 'bigint' || value > 999_999_999 || value < -999_999_999) {
    writer.text(String(value));
    return;
  }
  writer.ensure(10);
  const { buffer } = writer;
  let position = writer.position;
  let rest = value;
  if (rest < 0) {
    buffer[position++] = 45;
    rest = -rest;
  }
  let digits = 1;
  for (let bound = 10; rest >= bound; bound *= 10) digits++;
  const end = position + digits;
  for (let at = end - 1; at >= position; at--) {
    const quotient = (rest / 10) | 0;
    buffer[at] = 48 + rest - quotient * 10;
    rest = quotient;
  }
  writer.position = end;
}

/** strtoul accepts a sign and wraps, and so does oid input. */
function parseUint32(text: string, typeName: string): number {
  const match = /^[ \t\n\v\f\r]*([+-]?\d+)[ \t\n\v\f\r]*$/.exec(text);
  if (match === null) throw invalidInput(typeName, text);
  const value = Number(match[1]);
  if (value < -2147483648 || value > 4294967295) throw outOfRange(typeName, text);
  return value >>> 0;
}

/** strtoull with base 0: leading blanks, a sign, 0x or 0 as prefix; what follows the digits is not looked at. */
function parseTransactionId(text: string, bits: 32 | 64): bigint {
  const match = /^[ \t\n\v\f\r]*([+-]?)(?:0x([\da-f]+)|(0[0-7]*)|(\d+))/i.exec(text);
  if (match === null) return 0n;
  const [, sign, hex, octal, decimal] = match;
  let value: bigint;
  if (hex !== undefined) value = BigInt(`0x${hex}`);
  else if (octal !== undefined) value = BigInt(octal === '0' ? 0 : `0o${octal}`);
  else value = BigInt(decimal);
  if (value >> 64n !== 0n) value = (1n << 64n) - 1n;
  return BigInt.asUintN(bits, sign === '-' ? -value : value);
}

function unsigned(input: (text: string) => number): AnyTypeIo {
  return typeIo<number>({
    input,
    output: String,
    receive: (bytes) => {
      expectLength(bytes, 4);
      return readInt32(bytes, 0) >>> 0;
    },
    send: (value, writer) => writer.int32(value),
    writeText: writeIntegerText,
  });
}

/** true, false, yes, no, on, off, 1, 0 and their unique prefixes, in any case. */
export function parseBool(text: string): boolean | undefined {
  const word = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '').toLowerCase();
  if (word.length === 0) return undefined;
  if ('true'.startsWith(word) || 'yes'.startsWith(word) || word === 'on' || word === '1')
    return true;
  if ('false'.startsWith(word) || 'no'.startsWith(word) || word === '0') return false;
  return word === 'of' || word === 'off' ? false : undefined;
}

const bool = typeIo<boolean>({
  input: (text) => {
    if (text === 't') return true;
    if (text === 'f') return false;
    const value = parseBool(text);
    if (value === undefined) throw invalidInput('boolean', text);
    return value;
  },
  output: (value) => (value ? 't' : 'f'),
  receive: (bytes) => {
    expectLength(bytes, 1);
    return bytes[0] !== 0;
  },
  send: (value, writer) => writer.uint8(value ? 1 : 0),
  writeText: (value, writer) => writer.uint8(value ? 116 : 102),
});

const int2 = typeIo<number>({
  input: parseInt2,
  output: String,
  receive: (bytes) => {
    expectLength(bytes, 2);
    return bytes.readInt16BE(0);
  },
  send: (value, writer) => writer.int16(value),
  writeText: writeIntegerText,
});

const int4 = typeIo<number>({
  input: parseInt4,
  output: String,
  receive: (bytes) => {
    expectLength(bytes, 4);
    return readInt32(bytes, 0);
  },
  send: (value, writer) => writer.int32(value),
  writeText: writeIntegerText,
});

const int8 = typeIo<number | bigint>({
  input: parseInt8,
  output: String,
  receive: (bytes) => {
    expectLength(bytes, 8);
    return readInt64(bytes, 0);
  },
  send: (value, writer) => writeInt64(writer, value),
  writeText: writeIntegerText,
});

const xid8 = typeIo<number | bigint>({
  input: (text) => canonicalInteger(parseTransactionId(text, 64)),
  output: String,
  receive: (bytes) => {
    expectLength(bytes, 8);
    return canonicalInteger(bytes.readBigUInt64BE(0));
  },
  send: (value, writer) => writer.int64(BigInt.asIntN(64, BigInt(value))),
});

export const integerTypes: readonly (readonly [number, AnyTypeIo])[] = [
  [TypeOid.bool, bool],
  [TypeOid.int2, int2],
  [TypeOid.int4, int4],
  [TypeOid.int8, int8],
  [TypeOid.oid, unsigned((text) => parseUint32(text, 'oid'))],
  [TypeOid.xid, unsigned((text) => Number(parseTransactionId(text, 32)))],
  [TypeOid.cid, unsigned((text) => Number(parseTransactionId(text, 32)))],
  [TypeOid.xid8, xid8],
];
