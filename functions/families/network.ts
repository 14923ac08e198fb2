// Functions and operators of network addresses: inet and cidr, macaddr and macaddr8.

import {
  canonicalInteger,
  databaseError,
  type DatabaseError,
  maskBytes,
  NetworkAddress,
  TypeOid,
} from '#common';
import type { Family } from '../family.ts';
import { extremes, named, of } from './comparison-operators.ts';

const outOfRange = (): DatabaseError =>
  databaseError('numericValueOutOfRange', 'result is out of range');

function differentSizes(action: string): DatabaseError {
  return databaseError('invalidParameterValue', `cannot ${action} inet values of different sizes`);
}

function whole(address: NetworkAddress, bytes: Uint8Array): NetworkAddress {
  return new NetworkAddress(bytes, address.maxLength, false);
}

function setPrefix(address: NetworkAddress, length: number): NetworkAddress {
  const prefixLength = length === -1 ? address.maxLength : length;
  if (prefixLength < 0 || prefixLength > address.maxLength) {
    throw databaseError('invalidParameterValue', `invalid mask length: ${length}`);
  }
  const bytes = address.isCidr ? maskBytes(address.bytes, prefixLength, 0) : address.bytes;
  return new NetworkAddress(bytes, prefixLength, address.isCidr);
}

function networkOf(address: NetworkAddress): NetworkAddress {
  return new NetworkAddress(address.networkBytes(), address.prefixLength, true);
}

function netmask(address: NetworkAddress): NetworkAddress {
  const ones = new Uint8Array(address.bytes.length).fill(255);
  return whole(address, maskBytes(ones, address.prefixLength, 0));
}

function hostmask(address: NetworkAddress): NetworkAddress {
  const zeros = new Uint8Array(address.bytes.length);
  return whole(address, maskBytes(zeros, address.prefixLength, 1));
}

function broadcast(address: NetworkAddress): NetworkAddress {
  const bytes = maskBytes(address.bytes, address.prefixLength, 1);
  return new NetworkAddress(bytes, address.prefixLength, false);
}

/** cidr without the octets or words behind its prefix. */
function abbreviated(address: NetworkAddress): string {
  const { prefixLength, bytes } = address;
  if (address.family === 6) return `${abbreviated6(address)}/${prefixLength}`;
  const octets = bytes.subarray(0, Math.max(1, Math.ceil(prefixLength / 8)));
  return `${octets.join('.')}/${prefixLength}`;
}

/**
 * IPv6: only the words that the prefix reaches (two at least). PostgreSQL keeps counting a run of zero
 * words after a longer one was seen; the text depends on it, so this does too.
 */
function abbreviated6(address: NetworkAddress): string {
  const { prefixLength } = address;
  if (prefixLength === 0) return '::';
  const bytes = address.networkBytes();
  const count = Math.max(2, Math.ceil(prefixLength / 16));
  const words = Array.from({ length: count }, (_, i) => bytes[i * 2] * 256 + bytes[i * 2 + 1]);
  let run = { start: 0, length: 0 };
  let current = { start: 0, length: 0 };
  for (const [index, word] of words.entries()) {
    if (word === 0) {
      if (current.length === 0) current.start = index;
      current.length++;
    } else if (current.length > run.length) {
      run = current;
      current = { start: 0, length: 0 };
    }
  }
  if (current.length > run.length) run = current;
  const mapped =
    run.length !== count &&
    run.start === 0 &&
    (run.length === 6 ||
      (run.length === 5 && words[5] === 0xffff) ||
      (run.length === 7 && bytes[14] !== 0 && bytes[15] !== 1));
  let text = '';
  for (const [index, word] of words.entries()) {
    if (run.length > 0 && index >= run.start && index < run.start + run.length) {
      text += (index === run.start ? ':' : '') + (index === count - 1 ? ':' : '');
    } else if (mapped && index > 5) {
      text += `${index === 6 ? ':' : '.'}${word >> 8}`;
      if (index !== 7 || prefixLength > 120) text += `.${word & 255}`;
    } else text += (text === '' ? '' : ':') + word.toString(16);
  }
  return text;
}

function sharedBits(left: Uint8Array, right: Uint8Array, limit: number): number {
  let bits = 0;
  while (bits < limit) {
    const mask = 0x80 >> (bits & 7);
    if (((left[bits >> 3] ^ right[bits >> 3]) & mask) !== 0) break;
    bits++;
  }
  return bits;
}

/** Whether `outer`'s network contains all of `inner`. */
function contains(outer: NetworkAddress, inner: NetworkAddress): boolean {
  return (
    outer.family === inner.family &&
    outer.prefixLength <= inner.prefixLength &&
    sharedBits(outer.bytes, inner.bytes, outer.prefixLength) === outer.prefixLength
  );
}

function overlaps(left: NetworkAddress, right: NetworkAddress): boolean {
  return left.prefixLength <= right.prefixLength ? contains(left, right) : contains(right, left);
}

function merge(left: NetworkAddress, right: NetworkAddress): NetworkAddress {
  if (left.family !== right.family) {
    throw databaseError('invalidParameterValue', 'cannot merge addresses from different families');
  }
  const limit = Math.min(left.prefixLength, right.prefixLength);
  const bits = sharedBits(left.bytes, right.bytes, limit);
  return new NetworkAddress(maskBytes(left.bytes, bits, 0), bits, true);
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function plus(address: NetworkAddress, distance: bigint): NetworkAddress {
  const sum = toBigInt(address.bytes) + distance;
  if (sum < 0n || sum >> BigInt(address.maxLength) !== 0n) throw outOfRange();
  const digits = sum.toString(16).padStart(address.bytes.length * 2, '0');
  const bytes = new Uint8Array(Buffer.from(digits, 'hex'));
  return new NetworkAddress(bytes, address.prefixLength, false);
}

function minus(left: NetworkAddress, right: NetworkAddress): number | bigint {
  if (left.family !== right.family) throw differentSizes('subtract');
  const difference = toBigInt(left.bytes) - toBigInt(right.bytes);
  if (BigInt.asIntN(64, difference) !== difference) throw outOfRange();
  return canonicalInteger(difference);
}

function bitwise(
  left: NetworkAddress,
  right: NetworkAddress,
  action: string,
  combine: (left: number, right: number) => number,
): NetworkAddress {
  if (left.family !== right.family) throw differentSizes(action);
  const bytes = left.bytes.map((byte, index) => combine(byte, right.bytes[index]));
  return new NetworkAddress(bytes, Math.max(left.prefixLength, right.prefixLength), false);
}

function macBytes(mac: string): number[] {
  return mac.split(':').map((pair) => parseInt(pair, 16));
}

function macText(bytes: readonly number[]): string {
  return bytes.map((byte) => (byte & 255).toString(16).padStart(2, '0')).join(':');
}

function macMap(mac: string, change: (byte: number, index: number) => number): string {
  return macText(macBytes(mac).map(change));
}

function macToMac8(mac: string): string {
  return `${mac.slice(0, 8)}:ff:fe:${mac.slice(9)}`;
}

function mac8ToMac(mac: string): string {
  if (mac.slice(9, 14) === 'ff:fe') return `${mac.slice(0, 8)}:${mac.slice(15)}`;
  throw databaseError(
    'numericValueOutOfRange',
    'macaddr8 data out of range to convert to macaddr',
    {
      hint:
        'Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for ' +
        'example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.',
    },
  );
}

const macFunctions = {
  not: (_context: unknown, mac: string) => macMap(mac, (byte) => ~byte),
  and: (_context: unknown, left: string, right: string) => {
    const other = macBytes(right);
    return macMap(left, (byte, index) => byte & other[index]);
  },
  or: (_context: unknown, left: string, right: string) => {
    const other = macBytes(right);
    return macMap(left, (byte, index) => byte | other[index]);
  },
  trunc: (_context: unknown, mac: string) => macMap(mac, (byte, index) => (index < 3 ? byte : 0)),
};

type Address = NetworkAddress;

export const networkFamily: Family = {
  scalars: {
    ...named('network_', of(TypeOid.inet), 'network_cmp'),
    ...named('macaddr_', of(TypeOid.macaddr), 'macaddr_cmp'),
    ...named('macaddr8_', of(TypeOid.macaddr8), 'macaddr8_cmp'),
    ...extremes('network_', TypeOid.inet),
    inet_abbrev: (_context, address: Address) => address.toString(),
    cidr_abbrev: (_context, address: Address) => abbreviated(address),
    inet_set_masklen: (_context, address: Address, length: number) => setPrefix(address, length),
    cidr_set_masklen: (_context, address: Address, length: number) => setPrefix(address, length),
    network_network: (_context, address: Address) => networkOf(address),
    inet_to_cidr: (_context, address: Address) => networkOf(address),
    network_netmask: (_context, address: Address) => netmask(address),
    network_hostmask: (_context, address: Address) => hostmask(address),
    network_masklen: (_context, address: Address) => address.prefixLength,
    network_broadcast: (_context, address: Address) => broadcast(address),
    network_host: (_context, address: Address) => address.host(),
    network_family: (_context, address: Address) => address.family,
    network_show: (_context, address: Address) => `${address.host()}/${address.prefixLength}`,
    network_sub: (_context, left: Address, right: Address) =>
      left.prefixLength > right.prefixLength && contains(right, left),
    network_subeq: (_context, left: Address, right: Address) => contains(right, left),
    network_sup: (_context, left: Address, right: Address) =>
      left.prefixLength < right.prefixLength && contains(left, right),
    network_supeq: (_context, left: Address, right: Address) => contains(left, right),
    network_overlap: (_context, left: Address, right: Address) => overlaps(left, right),
    inet_merge: (_context, left: Address, right: Address) => merge(left, right),
    inet_same_family: (_context, left: Address, right: Address) => left.family === right.family,
    inetnot: (_context, address: Address) =>
      new NetworkAddress(
        address.bytes.map((byte) => ~byte),
        address.prefixLength,
        false,
      ),
    inetand: (_context, left: Address, right: Address) =>
      bitwise(left, right, 'AND', (a, b) => a & b),
    inetor: (_context, left: Address, right: Address) =>
      bitwise(left, right, 'OR', (a, b) => a | b),
    inetpl: (_context, address: Address, distance: number | bigint) =>
      plus(address, BigInt(distance)),
    'int8pl_inet(int8,inet)': (_context, distance: number | bigint, address: Address) =>
      plus(address, BigInt(distance)),
    inetmi_int8: (_context, address: Address, distance: number | bigint) =>
      plus(address, BigInt.asIntN(64, -BigInt(distance))),
    inetmi: (_context, left: Address, right: Address) => minus(left, right),
    macaddr_not: macFunctions.not,
    macaddr_and: macFunctions.and,
    macaddr_or: macFunctions.or,
    macaddr_trunc: macFunctions.trunc,
    macaddr8_not: macFunctions.not,
    macaddr8_and: macFunctions.and,
    macaddr8_or: macFunctions.or,
    macaddr8_trunc: macFunctions.trunc,
    macaddr8_set7bit: (_context, mac: string) =>
      macMap(mac, (byte, index) => (index === 0 ? byte | 2 : byte)),
    macaddrtomacaddr8: (_context, mac: string) => macToMac8(mac),
    macaddr8tomacaddr: (_context, mac: string) => mac8ToMac(mac),
  },
};
