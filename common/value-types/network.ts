// inet and cidr (RFC 4632 prefixes of IPv4 and IPv6 addresses), macaddr and macaddr8.
//
// Stored form of an address: family (4 or 6), prefix length, 1 for cidr, then 4 or 16 bytes.
// Key: family, the network's bits (host bits zero), prefix length, the address: so an address sorts
// by network first, then by how long the prefix is, as PostgreSQL's network_cmp does.

import { TypedValue } from '../datum.ts';
import { databaseError } from '../errors.ts';
import { compareBytes, compareText } from '../text-order.ts';
import { expectLength, invalidInput, typeIo } from '../type-io/contract.ts';
import { TypeOid } from '../types.ts';
import { valueType, type AnyValueType } from './contract.ts';
import { parseCidr4, parseInet4, parseNetwork6, type ParsedNetwork } from './network-text.ts';

/** inet or cidr: 4 or 16 bytes (IPv4, IPv6) and the length of the network's prefix. */
export class NetworkAddress extends TypedValue {
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
  readonly isCidr: boolean;

  constructor(bytes: Uint8Array, prefixLength: number, isCidr: boolean) {
    super();
    this.bytes = bytes;
    this.prefixLength = prefixLength;
    this.isCidr = isCidr;
  }

  override get codecOid(): number {
    return this.isCidr ? TypeOid.cidr : TypeOid.inet;
  }

  get family(): 4 | 6 {
    return this.bytes.length === 4 ? 4 : 6;
  }

  get maxLength(): number {
    return this.bytes.length * 8;
  }

  /** The address with all bits after the prefix zero. */
  networkBytes(prefixLength = this.prefixLength): Uint8Array {
    return maskBytes(this.bytes, prefixLength, 0);
  }

  override toString(): string {
    const full = this.isCidr || this.prefixLength !== this.maxLength;
    return full ? `${this.host()}/${this.prefixLength}` : this.host();
  }

  host(): string {
    return this.family === 4 ? this.bytes.join('.') : formatAddress6(this.bytes);
  }
}

/** Bits from `prefixLength` on become 0 or 1. */
export function maskBytes(bytes: Uint8Array, prefixLength: number, fill: 0 | 1): Uint8Array {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefixLength - index * 8));
    const mask = (0xff << (8 - kept)) & 0xff;
    return fill === 0 ? byte & mask : byte | (~mask & 0xff);
  });
}

/** The longest run of two and more zero words as "::", and a tail of four octets for mapped addresses. */
function formatAddress6(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) => (bytes[i * 2] << 8) | bytes[i * 2 + 1]);
  const run = longestZeroRun(words);
  const mapped =
    run.start === 0 &&
    (run.length === 6 ||
      (run.length === 7 && words[7] !== 1) ||
      (run.length === 5 && words[5] === 0xffff));
  const count = mapped ? 6 : 8;
  let text = '';
  for (let i = 0; i < count; i++) {
    if (run.length > 0 && i >= run.start && i < run.start + run.length) {
      if (i === run.start) text += ':';
      continue;
    }
    if (i !== 0) text += ':';
    text += words[i].toString(16);
  }
  if (mapped) return `${text}:${bytes.subarray(12).join('.')}`;
  return run.length > 0 && run.start + run.length === 8 ? `${text}:` : text;
}

function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && words[start + length] === 0) length++;
    if (length >= 2 && length > best.length) best = { start, length };
  }
  return best;
}

function parseNetwork(text: string, isCidr: boolean): NetworkAddress {
  const typeName = isCidr ? 'cidr' : 'inet';
  let parsed: ParsedNetwork | undefined;
  if (text.includes(':')) parsed = parseNetwork6(text);
  else parsed = isCidr ? parseCidr4(text) : parseInet4(text);
  if (parsed === undefined) throw invalidInput(typeName, text);
  const address = new NetworkAddress(parsed.bytes, parsed.prefixLength, isCidr);
  if (isCidr && compareBytes(address.networkBytes(), address.bytes) !== 0) {
    throw databaseError('invalidTextRepresentation', `invalid cidr value: "${text}"`, {
      detail: 'Value has bits set to right of mask.',
    });
  }
  return address;
}

/** family (2: IPv4, 3: IPv6), prefix length, 1 for cidr, byte count, bytes. */
function receiveNetwork(bytes: Buffer, isCidr: boolean): NetworkAddress {
  const typeName = isCidr ? 'cidr' : 'inet';
  const invalid = (what: string): Error =>
    databaseError('invalidBinaryRepresentation', `invalid ${what} in external "${typeName}" value`);
  const [family, prefixLength, , length] = bytes;
  if (family !== 2 && family !== 3) throw invalid('address family');
  if (prefixLength > (family === 2 ? 32 : 128)) throw invalid('bits');
  if (length !== (family === 2 ? 4 : 16)) throw invalid('length');
  expectLength(bytes, 4 + length);
  const value = new NetworkAddress(Uint8Array.from(bytes.subarray(4)), prefixLength, isCidr);
  if (isCidr && compareBytes(value.networkBytes(), value.bytes) !== 0) {
    throw databaseError('invalidBinaryRepresentation', 'invalid external "cidr" value', {
      detail: 'Value has bits set to right of mask.',
    });
  }
  return value;
}

/** network_cmp: family, the bits that both prefixes have, prefix length, all bits. */
export function compareNetworks(left: NetworkAddress, right: NetworkAddress): number {
  if (left.bytes.length !== right.bytes.length) return left.bytes.length - right.bytes.length;
  const shared = Math.min(left.prefixLength, right.prefixLength);
  return (
    compareBytes(left.networkBytes(shared), right.networkBytes(shared)) ||
    left.prefixLength - right.prefixLength ||
    compareBytes(left.bytes, right.bytes)
  );
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

function networkKey(value: NetworkAddress): string {
  const { bytes, prefixLength } = value;
  return latin1(Uint8Array.of(value.family, ...value.networkBytes(), prefixLength, ...bytes));
}

function networkType(oid: number, isCidr: boolean): AnyValueType {
  return valueType<NetworkAddress>({
    oid,
    io: typeIo<NetworkAddress>({
      input: (text) => parseNetwork(text, isCidr),
      output: (value) => value.toString(),
      receive: (bytes) => receiveNetwork(bytes, isCidr),
      send: (value, writer) => {
        writer.uint8(value.family === 4 ? 2 : 3);
        writer.uint8(value.prefixLength);
        writer.uint8(value.isCidr ? 1 : 0);
        writer.uint8(value.bytes.length);
        writer.bytes(value.bytes);
      },
    }),
    codec: {
      write: (writer, value) => {
        writer.uint8(value.family);
        writer.uint8(value.prefixLength);
        writer.uint8(value.isCidr ? 1 : 0);
        writer.bytes(value.bytes);
      },
      read: (buffer, start, end) =>
        new NetworkAddress(
          Uint8Array.from(buffer.subarray(start + 3, end)),
          buffer[start + 1],
          buffer[start + 2] === 1,
        ),
    },
    order: { compare: compareNetworks, hashKey: networkKey, encodeKey: networkKey },
  });
}

const pairs = '([\\da-f]{1,2})';
/** The shapes that PostgreSQL reads: six groups with one separator, two or three longer ones, or none. */
const macShapes = [
  new RegExp(`^${[pairs, pairs, pairs, pairs, pairs, pairs].join(':')}$`, 'i'),
  new RegExp(`^${[pairs, pairs, pairs, pairs, pairs, pairs].join('-')}$`, 'i'),
  /^([\da-f]{2})([\da-f]{2})([\da-f]{2})[:-]?([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i,
  /^([\da-f]{2})([\da-f]{2})([.-])([\da-f]{2})([\da-f]{2})\3([\da-f]{2})([\da-f]{2})$/i,
];

export function parseMac(text: string): string {
  const trimmed = text.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '');
  for (const shape of macShapes) {
    const match = shape.exec(trimmed);
    if (match === null) continue;
    const parts = match.slice(1).filter((part) => /^[\da-f]+$/i.test(part));
    return parts.map((part) => part.padStart(2, '0').toLowerCase()).join(':');
  }
  throw invalidInput('macaddr', text);
}

/** Six or eight pairs with one separator throughout or none; six become EUI-64 with ff:fe between. */
export function parseMac8(text: string): string {
  const trimmed = text.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '');
  const separators = new Set(trimmed.replace(/[\da-f]/gi, ''));
  const groups = trimmed.split(/[:.-]/);
  const digits = groups.join('');
  const valid =
    separators.size <= 1 &&
    /^(?:[\da-f]{12}|[\da-f]{16})$/i.test(digits) &&
    groups.every((group) => group.length > 0 && group.length % 2 === 0);
  if (!valid) throw invalidInput('macaddr8', text);
  const bytes = digits.toLowerCase().match(/../g)!;
  if (bytes.length === 6) bytes.splice(3, 0, 'ff', 'fe');
  return bytes.join(':');
}

function macType(
  oid: number,
  byteCount: readonly number[],
  parse: (text: string) => string,
): AnyValueType {
  return valueType<string>({
    oid,
    io: typeIo<string>({
      input: parse,
      output: (value) => value,
      receive: (bytes) => {
        if (!byteCount.includes(bytes.length)) expectLength(bytes, byteCount[0]);
        return parse(bytes.toString('hex'));
      },
      send: (value, writer) => writer.bytes(Buffer.from(value.replaceAll(':', ''), 'hex')),
    }),
    codec: {
      write: (writer, value) => writer.bytes(Buffer.from(value.replaceAll(':', ''), 'hex')),
      read: (buffer, start, end) => buffer.toString('hex', start, end).match(/../g)!.join(':'),
    },
    order: {
      compare: compareText,
      hashKey: (value) => value,
      encodeKey: (value) => Buffer.from(value.replaceAll(':', ''), 'hex').toString('latin1'),
    },
  });
}

export const networkTypes: readonly AnyValueType[] = [
  networkType(TypeOid.inet, false),
  networkType(TypeOid.cidr, true),
  macType(TypeOid.macaddr, [6], parseMac),
  macType(TypeOid.macaddr8, [8, 6], parseMac8),
];
