// Text-like types, bytea, uuid, json and jsonb.

import { characterLength, firstCharacters } from '../characters.ts';
import { databaseError, notSupported, type DatabaseError } from '../errors.ts';
import { Jsonb } from '../jsonb.ts';
import { checkJson } from '../json-text.ts';
import { identifierBytesMax } from '../limits.ts';
import { TypeOid } from '../types.ts';
import { checkedUtf8 } from '../utf8.ts';
import { readUuid, writeUuid } from '../value-codec.ts';
import type { FormatSettings } from '../format-settings.ts';
import { expectLength, invalidInput, typeIo, type AnyTypeIo } from './contract.ts';

function tooLong(typeName: string, limit: number): DatabaseError {
  return databaseError(
    'stringDataRightTruncation',
    `value too long for type ${typeName}(${limit})`,
  );
}

/** varchar(n) on input and assignment: only blanks may be cut; an explicit cast cuts anything. */
export function coerceVarchar(text: string, typmod: number, explicit = false): string {
  if (typmod < 4 || text.length <= typmod - 4) return text;
  const limit = typmod - 4;
  const kept = firstCharacters(text, limit);
  if (explicit || /^ *$/.test(text.slice(kept.length))) return kept;
  throw tooLong('character varying', limit);
}

/** PostgreSQL's MaxAttrSize. */
const characterTypmodMax = 10_485_760;

/** char(n): cut like varchar, then padded with blanks. */
export function coerceBpchar(text: string, typmod: number, explicit = false): string {
  if (typmod < 4) return text;
  const limit = typmod - 4;
  if (limit > characterTypmodMax) {
    throw databaseError('programLimitExceeded', `a character length of ${limit} is too large`);
  }
  const length = characterLength(text);
  if (length <= limit) return length === limit ? text : text + ' '.repeat(limit - length);
  const kept = firstCharacters(text, limit);
  if (explicit || /^ *$/.test(text.slice(kept.length))) return kept;
  throw tooLong('character', limit);
}

/** name: cut to 63 bytes at a character's edge. */
export function coerceName(text: string): string {
  if (text.length * 3 <= identifierBytesMax || Buffer.byteLength(text) <= identifierBytesMax) {
    return text;
  }
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > identifierBytesMax) break;
    kept += character;
  }
  return kept;
}

function textLike(coerce: (text: string, typmod: number) => string): AnyTypeIo {
  return typeIo<string>({
    input: (text, typmod) => coerce(text, typmod),
    output: (value) => value,
    receive: (bytes, typmod) => coerce(checkedUtf8(bytes), typmod),
    send: (value, writer) => writer.text(value),
    writeText: (value, writer) => writer.text(value),
  });
}

const uuidPattern =
  /^(\{?)([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})(\}?)$/i;
const canonicalUuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

export function parseUuid(text: string): string {
  if (canonicalUuid.test(text)) return text;
  const match = uuidPattern.exec(text);
  if (match === null || (match[1] === '') !== (match[10] === '')) throw invalidInput('uuid', text);
  const [, , a, b, c, d, e, f, g, h] = match;
  return `${a}${b}-${c}-${d}-${e}-${f}${g}${h}`.toLowerCase();
}

const uuid = typeIo<string>({
  input: parseUuid,
  output: (value) => value,
  receive: (bytes) => {
    expectLength(bytes, 16);
    return readUuid(bytes, 0);
  },
  send: (value, writer) => writeUuid(writer, value),
  writeText: (value, writer) => writer.text(value),
});

export function parseBytea(text: string): Uint8Array {
  if (text.startsWith('\\x')) return parseHex(text.slice(2));
  const source = Buffer.from(text, 'utf8');
  const bytes: number[] = [];
  for (let index = 0; index < source.length; index++) {
    const byte = source[index];
    if (byte !== 92) {
      bytes.push(byte);
      continue;
    }
    const octal = /^[0-3][0-7][0-7]/.exec(source.toString('latin1', index + 1, index + 4));
    if (octal !== null) {
      bytes.push(parseInt(octal[0], 8));
      index += 3;
    } else if (source[index + 1] === 92) {
      bytes.push(92);
      index++;
    } else {
      throw databaseError('invalidTextRepresentation', 'invalid input syntax for type bytea');
    }
  }
  return Uint8Array.from(bytes);
}

/** Pairs of hexadecimal digits with blanks between pairs. */
export function parseHex(text: string): Uint8Array {
  const digits = text.replace(/([\da-fA-F]{2})[ \n\t\r]+/g, '$1').replace(/^[ \n\t\r]+/, '');
  const bad = /[^\da-fA-F]/u.exec(digits);
  if (bad !== null) {
    throw databaseError('invalidParameterValue', `invalid hexadecimal digit: "${bad[0]}"`);
  }
  if (digits.length % 2 !== 0) {
    throw databaseError('invalidParameterValue', 'invalid hexadecimal data: odd number of digits');
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

export function formatBytea(value: Uint8Array, settings: FormatSettings): string {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (settings.byteaOutput === 'hex') return `\\x${buffer.toString('hex')}`;
  let text = '';
  for (const byte of buffer) {
    if (byte === 92) text += '\\\\';
    else if (byte < 32 || byte > 126) text += `\\${byte.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return text;
}

const bytea = typeIo<Uint8Array>({
  input: parseBytea,
  output: formatBytea,
  receive: (bytes) => new Uint8Array(bytes),
  send: (value, writer) => writer.bytes(value),
});

const json = textLike((text) => {
  checkJson(text);
  return text;
});

const jsonb = typeIo<Jsonb>({
  input: (text) => Jsonb.parse(text),
  output: (value) => value.toString(),
  receive: (bytes) => {
    if (bytes[0] !== 1) throw notSupported(`jsonb version number ${bytes[0] ?? 0}`);
    return Jsonb.parse(checkedUtf8(bytes.subarray(1)));
  },
  send: (value, writer) => {
    writer.uint8(1);
    writer.text(value.toString());
  },
});

/** "char": one byte as a character 0..255, the empty string for zero; bytes above 127 print in octal. */
export function formatSingleByte(value: string): string {
  const byte = value.charCodeAt(0);
  return byte > 127 ? `\\${byte.toString(8)}` : value;
}

/** The first byte of the text, or the one that \\ooo names. */
export function parseSingleByte(text: string): string {
  if (/^\\[0-3][0-7]{2}$/.test(text)) {
    const byte = parseInt(text.slice(1), 8);
    return byte === 0 ? '' : String.fromCharCode(byte);
  }
  if (text === '' || text.charCodeAt(0) < 128) return text.slice(0, 1);
  return String.fromCharCode(Buffer.from(text).readUInt8(0));
}

const singleByte = typeIo<string>({
  input: parseSingleByte,
  output: formatSingleByte,
  receive: (bytes) => {
    expectLength(bytes, 1);
    return bytes[0] === 0 ? '' : String.fromCharCode(bytes.readUInt8(0));
  },
  send: (value, writer) => writer.uint8(value === '' ? 0 : value.charCodeAt(0)),
});

const plain = textLike((text) => text);

export const stringTypes: readonly (readonly [number, AnyTypeIo])[] = [
  [TypeOid.text, plain],
  [TypeOid.unknown, plain],
  [TypeOid.cstring, plain],
  [TypeOid.xml, plain],
  [TypeOid.refcursor, plain],
  [TypeOid.pg_node_tree, plain],
  [TypeOid.aclitem, plain],
  [TypeOid.void, textLike(() => '')],
  [TypeOid.varchar, textLike(coerceVarchar)],
  [TypeOid.bpchar, textLike(coerceBpchar)],
  [TypeOid.name, textLike(coerceName)],
  [TypeOid.char, singleByte],
  [TypeOid.uuid, uuid],
  [TypeOid.bytea, bytea],
  [TypeOid.json, json],
  [TypeOid.jsonb, jsonb],
];
