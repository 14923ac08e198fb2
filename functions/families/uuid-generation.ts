// The functions of the extension uuid-ossp (RFC 4122). Version 1 uses a random node with the multicast
// bit, as the RFC allows, so that a machine's address never leaves it.

import { createHash } from 'node:crypto';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';
import { randomUuid } from './uuid.ts';

const namespaces = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
} as const;

/** 100 ns units between 1582-10-15 and 2000-01-01. */
const epochOffset = 131_659_776_000_000_000n;

function format(bytes: Buffer, version: number): string {
  bytes[6] = (bytes[6] & 0x0f) | (version << 4);
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function timeBased(context: FunctionContext): string {
  const ticks = BigInt(Math.trunc(context.clockTimestamp())) * 10n + epochOffset;
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(Number(ticks & 0xffffffffn), 0);
  bytes.writeUInt16BE(Number((ticks >> 32n) & 0xffffn), 4);
  bytes.writeUInt16BE(Number((ticks >> 48n) & 0x0fffn), 6);
  bytes.set(context.randomBytes(8), 8);
  bytes[10] |= 1;
  return format(bytes, 1);
}

function named(algorithm: 'md5' | 'sha1', version: 3 | 5) {
  return (_context: FunctionContext, namespace: string, name: string): string => {
    const space = Buffer.from(namespace.replaceAll('-', ''), 'hex');
    return format(createHash(algorithm).update(space).update(name).digest(), version);
  };
}

export const uuidGenerationFamily: Family = {
  scalars: {
    'uuid_nil()': () => '00000000-0000-0000-0000-000000000000',
    'uuid_ns_dns()': () => namespaces.dns,
    'uuid_ns_url()': () => namespaces.url,
    'uuid_ns_oid()': () => namespaces.oid,
    'uuid_ns_x500()': () => namespaces.x500,
    'uuid_generate_v1()': timeBased,
    'uuid_generate_v1mc()': timeBased,
    'uuid_generate_v3(uuid,text)': named('md5', 3),
    'uuid_generate_v4()': (context) => randomUuid(context),
    'uuid_generate_v5(uuid,text)': named('sha1', 5),
  },
};
