// Reads values back out of keys (see key-values.ts for the layouts), for the types whose keys lose
// nothing. Descending columns are un-inverted byte by byte while reading.

import { utf8Text } from './buffer-text.ts';
import { canonicalInteger, TimeTz, type Datum } from './datum.ts';
import { notSupported } from './errors.ts';
import { firstCollatedType, representationOf } from './type-registry.ts';
import { TypeOid, type SqlType } from './types.ts';

/** A position in a key; `mask` is 0xff inside a descending column, else 0. */
export class KeyReader {
  readonly key: string;
  position: number;
  mask: number;

  constructor(key: string, position: number) {
    this.key = key;
    this.position = position;
    this.mask = 0;
  }

  byte(): number {
    return this.key.charCodeAt(this.position++) ^ this.mask;
  }

  uint32(): number {
    const { key, position, mask } = this;
    this.position = position + 4;
    return (
      (((key.charCodeAt(position) ^ mask) << 24) |
        ((key.charCodeAt(position + 1) ^ mask) << 16) |
        ((key.charCodeAt(position + 2) ^ mask) << 8) |
        (key.charCodeAt(position + 3) ^ mask)) >>>
      0
    );
  }
}

export type ValueKeyDecoder = (reader: KeyReader, typmod: number) => Datum;

/** Whether a key gives back exactly the value that was encoded. */
export function keyIsLossless(type: SqlType): boolean {
  if (type.oid >= firstCollatedType) return false;
  const oid = type.oid < 16384 ? type.oid : representationOf(type.oid);
  return decoders.has(oid) && (oid !== TypeOid.bpchar || type.typmod >= 4);
}

export function valueKeyDecoder(typeOid: number): ValueKeyDecoder {
  const decoder = decoders.get(typeOid) ?? decoders.get(representationOf(typeOid));
  if (decoder === undefined) throw notSupported(`reading a key of type oid ${typeOid}`);
  return decoder;
}

function decodeInt4(reader: KeyReader): number {
  return reader.uint32() ^ 0x80000000;
}

function decodeDate(reader: KeyReader): number {
  const value = decodeInt4(reader);
  return value === 2147483647 ? Infinity : value === -2147483648 ? -Infinity : value;
}

function decodeInt8(reader: KeyReader): number | bigint {
  const high = reader.uint32() ^ 0x80000000;
  const low = reader.uint32();
  if (high >= -2097152 && high < 2097152) {
    const value = high * 4294967296 + low;
    if (value !== -9007199254740992) return value;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

function decodeTimestamp(reader: KeyReader): number | bigint {
  const value = decodeInt8(reader);
  if (value === 9223372036854775807n) return Infinity;
  if (value === -9223372036854775808n) return -Infinity;
  return value;
}

function decodeText(reader: KeyReader): string {
  const { key, position, mask } = reader;
  const end = key.indexOf(mask === 0 ? '\x00' : '\xff', position);
  reader.position = end + 1;
  if (mask === 0) {
    let index = position;
    while (index < end && key.charCodeAt(index) < 128) index++;
    if (index === end) return key.slice(position, end);
  }
  const bytes = Buffer.from(key.slice(position, end), 'latin1');
  if (mask !== 0) for (let index = 0; index < bytes.length; index++) bytes[index] ^= 0xff;
  return utf8Text(bytes, 0, bytes.length);
}

function decodeBlankPadded(reader: KeyReader, typmod: number): string {
  const text = decodeText(reader);
  let characters = 0;
  for (const _ of text) characters++;
  return text + ' '.repeat(Math.max(0, typmod - 4 - characters));
}

function decodeBytea(reader: KeyReader): Uint8Array {
  const bytes: number[] = [];
  for (;;) {
    const byte = reader.byte();
    if (byte === 0 && reader.byte() === 1) return Uint8Array.from(bytes);
    bytes.push(byte);
  }
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function decodeUuid(reader: KeyReader): string {
  let text = '';
  for (let index = 0; index < 16; index++) {
    text += hexPairs[reader.byte()];
    if (index === 3 || index === 5 || index === 7 || index === 9) text += '-';
  }
  return text;
}

function decodeTimeTz(reader: KeyReader): TimeTz {
  const utc = Number(decodeInt8(reader));
  const zoneSeconds = 0 - decodeInt4(reader);
  return new TimeTz(utc + zoneSeconds * 1_000_000, zoneSeconds);
}

const decoders = new Map<number, ValueKeyDecoder>();
function register(decoder: ValueKeyDecoder, ...types: number[]): void {
  for (const type of types) decoders.set(type, decoder);
}
const T = TypeOid;
register((reader) => reader.byte() !== 0, T.bool);
register(decodeInt4, T.int2, T.int4);
register((reader) => reader.uint32(), T.oid, T.xid, T.cid, T.regproc, T.regprocedure, T.regoper);
register((reader) => reader.uint32(), T.regoperator, T.regclass, T.regtype, T.regrole);
register((reader) => reader.uint32(), T.regnamespace, T.regcollation, T.regconfig, T.regdictionary);
register(decodeDate, T.date);
register(decodeInt8, T.int8, T.time);
register((reader) => canonicalInteger(BigInt(decodeInt8(reader)) + 2n ** 63n), T.xid8);
register(decodeTimestamp, T.timestamp, T.timestamptz);
register(decodeText, T.text, T.varchar, T.name, T.char);
register(decodeBlankPadded, T.bpchar);
register(decodeBytea, T.bytea);
register(decodeUuid, T.uuid);
register(decodeTimeTz, T.timetz);
