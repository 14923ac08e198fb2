// Functions on bytea: parts, bits, trimming, digests, encode() and decode(), character sets.

import { createHash } from 'node:crypto';
import {
  checkedUtf8,
  databaseError,
  type DatabaseError,
  encodingId,
  mapPieces,
  notSupported,
  parseHex,
} from '#common';
import type { Family } from '../family.ts';
import { checkLength, negativeSubstring } from './text.ts';

function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function substringBytes(bytes: Uint8Array, start: number, length?: number): Uint8Array {
  const from = start - 1;
  if (length === undefined) return bytes.slice(Math.max(0, from));
  if (length < 0) throw negativeSubstring();
  return bytes.slice(Math.max(0, from), Math.max(0, from + length));
}

function overlayBytes(
  bytes: Uint8Array,
  replacement: Uint8Array,
  start: number,
  count: number,
): Uint8Array {
  if (start <= 0) throw negativeSubstring();
  if (start + count > 2147483647) {
    throw databaseError('numericValueOutOfRange', 'integer out of range');
  }
  return concatBytes(
    bytes.subarray(0, start - 1),
    replacement,
    bytes.subarray(Math.max(0, start + count - 1)),
  );
}

function trimBytes(bytes: Uint8Array, set: Uint8Array, left: boolean, right: boolean): Uint8Array {
  const trimmed = new Set(set);
  let start = 0;
  let end = bytes.length;
  if (left) while (start < end && trimmed.has(bytes[start])) start++;
  if (right) while (end > start && trimmed.has(bytes[end - 1])) end--;
  return bytes.slice(start, end);
}

function checkIndex(index: number | bigint, length: number): number {
  if (index < 0 || index >= length) {
    throw databaseError(
      'arraySubscriptError',
      `index ${index} out of valid range, 0..${length - 1}`,
    );
  }
  return Number(index);
}

function withByte(bytes: Uint8Array, index: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[index] = value & 0xff;
  return copy;
}

function setBit(bytes: Uint8Array, position: number | bigint, bit: number): Uint8Array {
  const index = checkIndex(position, bytes.length * 8);
  if (bit !== 0 && bit !== 1)
    throw databaseError('invalidParameterValue', 'new bit must be 0 or 1');
  const old = bytes[index >> 3];
  const mask = 1 << (index & 7);
  return withByte(bytes, index >> 3, bit === 1 ? old | mask : old & ~mask);
}

function bitCount(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) {
    for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  }
  return count;
}

function digest(algorithm: string, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(algorithm).update(bytes).digest());
}

function md5(data: Uint8Array | string): string {
  return createHash('md5').update(data).digest('hex');
}

function unrecognizedEncoding(name: string): DatabaseError {
  return databaseError('invalidParameterValue', `unrecognized encoding: "${name}"`);
}

function encode(bytes: Uint8Array, format: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (format.toLowerCase()) {
    case 'hex':
      return buffer.toString('hex');
    case 'base64':
      return buffer.toString('base64').replace(/.{76}(?=.)/g, '$&\n');
    case 'escape':
      return encodeEscape(buffer);
    default:
      throw unrecognizedEncoding(format);
  }
}

/** Zero and high bytes as octal escapes, backslashes doubled. */
function encodeEscape(bytes: Uint8Array): string {
  return mapPieces(Buffer.from(bytes).toString('latin1'), (piece) =>
    piece.replace(/[\0\\\x80-\xff]/g, (character) =>
      character === '\\' ? '\\\\' : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
    ),
  );
}

function decode(text: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case 'hex':
      return parseHex(text);
    case 'base64':
      return decodeBase64(text);
    case 'escape':
      return decodeEscape(text);
    default:
      throw unrecognizedEncoding(format);
  }
}

function decodeBase64(text: string): Uint8Array {
  const digits = text.replace(/[ \t\n\r]+/g, '');
  const bad = /[^A-Za-z0-9+/=]/u.exec(digits);
  if (bad !== null) {
    throw databaseError(
      'invalidParameterValue',
      `invalid symbol "${bad[0]}" found while decoding base64 sequence`,
    );
  }
  if (/=[^=]/.test(digits) || /={3}|^={1,2}$|^.={1,2}$/.test(digits)) {
    throw databaseError('invalidParameterValue', 'unexpected "=" while decoding base64 sequence');
  }
  if (digits.length % 4 !== 0) {
    throw databaseError('invalidParameterValue', 'invalid base64 end sequence', {
      hint: 'Input data is missing padding, is truncated, or is otherwise corrupted.',
    });
  }
  return new Uint8Array(Buffer.from(digits, 'base64'));
}

function decodeEscape(text: string): Uint8Array {
  const source = Buffer.from(text, 'utf8');
  const bytes: number[] = [];
  for (let index = 0; index < source.length; index++) {
    const byte = source[index];
    if (byte !== 92) bytes.push(byte);
    else if (source[index + 1] === 92) {
      bytes.push(92);
      index++;
    } else {
      const octal = /^[0-3][0-7]{2}/.exec(source.toString('latin1', index + 1, index + 4));
      if (octal === null) {
        throw databaseError('invalidTextRepresentation', 'invalid input syntax for type bytea');
      }
      bytes.push(parseInt(octal[0], 8));
      index += 3;
    }
  }
  return Uint8Array.from(bytes);
}

const utf8Names = new Set(['UTF8', 'UTF-8', 'UNICODE']);
const latin1Names = new Set(['LATIN1', 'ISO88591', 'ISO-8859-1', 'ISO_8859_1']);

function textFrom(bytes: Uint8Array, encoding: string, role = 'source encoding'): string {
  const name = encoding.toUpperCase();
  if (utf8Names.has(name) || name === 'SQL_ASCII') return checkedUtf8(bytes);
  if (latin1Names.has(name)) {
    if (bytes.includes(0)) {
      throw databaseError(
        'characterNotInRepertoire',
        'invalid byte sequence for encoding "LATIN1": 0x00',
      );
    }
    return Buffer.from(bytes).toString('latin1');
  }
  throw unknownOrUnsupported(encoding, role);
}

/** 22023 for what names no encoding, 0A000 for those that are not converted. */
function unknownOrUnsupported(encoding: string, role: string): DatabaseError {
  if (encodingId(encoding) >= 0) return notSupported(`encoding ${encoding}`);
  return databaseError('invalidParameterValue', `invalid ${role} name "${encoding}"`);
}

function bytesOf(text: string, encoding: string): Uint8Array {
  const name = encoding.toUpperCase();
  if (utf8Names.has(name) || name === 'SQL_ASCII') return new Uint8Array(Buffer.from(text, 'utf8'));
  if (!latin1Names.has(name)) throw unknownOrUnsupported(encoding, 'destination encoding');
  for (const character of text) {
    if (character.codePointAt(0)! > 255) {
      const sequence = [...Buffer.from(character, 'utf8')]
        .map((byte) => `0x${byte.toString(16).padStart(2, '0')}`)
        .join(' ');
      throw databaseError(
        'untranslatableCharacter',
        `character with byte sequence ${sequence} in encoding "UTF8" has no equivalent in encoding "LATIN1"`,
      );
    }
  }
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

export const byteaFamily: Family = {
  scalars: {
    byteacat: (_context, left: Uint8Array, right: Uint8Array) => {
      checkLength(left.length + right.length);
      return concatBytes(left, right);
    },
    byteaoctetlen: (_context, bytes: Uint8Array) => bytes.length,
    'bit_length(bytea)': (_context, bytes: Uint8Array) => bytes.length * 8,
    bytea_bit_count: (_context, bytes: Uint8Array) => bitCount(bytes),
    bytea_substr: (_context, bytes: Uint8Array, start: number, length: number) =>
      substringBytes(bytes, start, length),
    bytea_substr_no_len: (_context, bytes: Uint8Array, start: number) =>
      substringBytes(bytes, start),
    byteaoverlay: (
      _context,
      bytes: Uint8Array,
      replacement: Uint8Array,
      start: number,
      count: number,
    ) => overlayBytes(bytes, replacement, start, count),
    byteaoverlay_no_len: (_context, bytes: Uint8Array, replacement: Uint8Array, start: number) =>
      overlayBytes(bytes, replacement, start, replacement.length),
    byteapos: (_context, bytes: Uint8Array, part: Uint8Array) =>
      Buffer.from(bytes).indexOf(part) + 1,
    byteatrim: (_context, bytes: Uint8Array, set: Uint8Array) => trimBytes(bytes, set, true, true),
    bytealtrim: (_context, bytes: Uint8Array, set: Uint8Array) =>
      trimBytes(bytes, set, true, false),
    byteartrim: (_context, bytes: Uint8Array, set: Uint8Array) =>
      trimBytes(bytes, set, false, true),
    byteaGetByte: (_context, bytes: Uint8Array, index: number) =>
      bytes[checkIndex(index, bytes.length)],
    byteaSetByte: (_context, bytes: Uint8Array, index: number, value: number) =>
      withByte(bytes, checkIndex(index, bytes.length), value),
    byteaGetBit: (_context, bytes: Uint8Array, position: number | bigint) => {
      const index = checkIndex(position, bytes.length * 8);
      return (bytes[index >> 3] >> (index & 7)) & 1;
    },
    byteaSetBit: (_context, bytes: Uint8Array, position: number | bigint, bit: number) =>
      setBit(bytes, position, bit),
    md5_bytea: (_context, bytes: Uint8Array) => md5(bytes),
    md5_text: (_context, text: string) => md5(text),
    sha224_bytea: (_context, bytes: Uint8Array) => digest('sha224', bytes),
    sha256_bytea: (_context, bytes: Uint8Array) => digest('sha256', bytes),
    sha384_bytea: (_context, bytes: Uint8Array) => digest('sha384', bytes),
    sha512_bytea: (_context, bytes: Uint8Array) => digest('sha512', bytes),
    binary_encode: (_context, bytes: Uint8Array, format: string) => encode(bytes, format),
    binary_decode: (_context, text: string, format: string) => decode(text, format),
    pg_convert_from: (_context, bytes: Uint8Array, encoding: string) => textFrom(bytes, encoding),
    pg_convert_to: (_context, text: string, encoding: string) => bytesOf(text, encoding),
    pg_convert: (_context, bytes: Uint8Array, from: string, to: string) =>
      bytesOf(textFrom(bytes, from), to),
    length_in_encoding: (_context, bytes: Uint8Array, encoding: string) =>
      [...textFrom(bytes, encoding, 'encoding')].length,
  },
};
