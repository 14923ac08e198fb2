// bit and bit varying: strings of the characters 0 and 1, whose order as text is that of PostgreSQL's
// bit strings (bits first, then length).
//
// Stored and binary form: length in bits int32, then the bits, the first one highest, padded with 0.

import type { ByteWriter } from '../byte-writer.ts';
import { databaseError, type DatabaseError } from '../errors.ts';
import { compareText } from '../text-order.ts';
import { expectLength, insufficientData, invalidBinary, typeIo } from '../type-io/contract.ts';
import { TypeOid } from '../types.ts';
import { valueType, type AnyValueType } from './contract.ts';

/** "101", "b101" or "x1f"; 22P02 on any other digit. */
export function parseBits(text: string): string {
  const marker = text[0];
  if (marker === 'x' || marker === 'X') return parseHexadecimal(text.slice(1));
  const digits = marker === 'b' || marker === 'B' ? text.slice(1) : text;
  const bad = /[^01]/u.exec(digits);
  if (bad !== null) throw invalidDigit(bad[0], 'binary');
  return digits;
}

function parseHexadecimal(digits: string): string {
  const bad = /[^\da-f]/iu.exec(digits);
  if (bad !== null) throw invalidDigit(bad[0], 'hexadecimal');
  return digits.replace(/./g, (digit) => parseInt(digit, 16).toString(2).padStart(4, '0'));
}

function invalidDigit(digit: string, kind: string): DatabaseError {
  return databaseError('invalidTextRepresentation', `"${digit}" is not a valid ${kind} digit`);
}

/** bit(n): exactly n bits; an explicit cast cuts or pads with zeros on the right. */
export function coerceBit(bits: string, length: number, explicit = false): string {
  if (length <= 0 || bits.length === length) return bits;
  if (explicit) return bits.slice(0, length).padEnd(length, '0');
  throw databaseError(
    'stringDataLengthMismatch',
    `bit string length ${bits.length} does not match type bit(${length})`,
  );
}

/** bit varying(n): at most n bits; an explicit cast cuts. */
export function coerceVarbit(bits: string, length: number, explicit = false): string {
  if (length <= 0 || bits.length <= length) return bits;
  if (explicit) return bits.slice(0, length);
  throw databaseError(
    'stringDataRightTruncation',
    `bit string too long for type bit varying(${length})`,
  );
}

function writeBits(writer: ByteWriter, bits: string): void {
  writer.int32(bits.length);
  for (let at = 0; at < bits.length; at += 8) {
    writer.uint8(parseInt(bits.slice(at, at + 8).padEnd(8, '0'), 2));
  }
}

const octets = Array.from({ length: 256 }, (_, byte) => byte.toString(2).padStart(8, '0'));

function readBits(buffer: Buffer, start: number): string {
  const length = buffer.readInt32BE(start);
  let bits = '';
  for (let at = 0; at < length; at += 8) bits += octets[buffer[start + 4 + (at >> 3)]];
  return bits.slice(0, length);
}

function receiveBits(bytes: Buffer): string {
  if (bytes.length < 4) throw insufficientData();
  const length = bytes.readInt32BE(0);
  if (length < 0) {
    throw databaseError('invalidBinaryRepresentation', 'invalid length in external bit string');
  }
  const needed = 4 + ((length + 7) >> 3);
  if (bytes.length > needed) throw invalidBinary();
  expectLength(bytes, needed);
  return readBits(bytes, 0);
}

function bitType(oid: number, coerce: (bits: string, length: number) => string): AnyValueType {
  return valueType<string>({
    oid,
    io: typeIo<string>({
      input: (text, typmod) => coerce(parseBits(text), typmod),
      output: (bits) => bits,
      receive: (bytes, typmod) => coerce(receiveBits(bytes), typmod),
      send: (bits, writer) => writeBits(writer, bits),
    }),
    codec: { write: writeBits, read: (buffer, start) => readBits(buffer, start) },
    order: {
      compare: compareText,
      hashKey: (bits) => bits,
      encodeKey: (bits) => `${bits}\x00`,
    },
  });
}

export const bitStringTypes: readonly AnyValueType[] = [
  bitType(TypeOid.bit, coerceBit),
  bitType(TypeOid.varbit, coerceVarbit),
];
