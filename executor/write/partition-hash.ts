// The hash of a partition key, the same as PostgreSQL's, so that a dump's rows belong where they lie:
// each value's extended hash function (hashfn.c, Bob Jenkins's lookup3 of 2006) with a fixed seed,
// combined as hash_combine64() does.

import { type Datum, notSupported, representationOf, typeDisplayName, TypeOid } from '#common';

/** HASH_PARTITION_SEED */
const seed = 0x7a5b22367996dcfdn;
const mask64 = (1n << 64n) - 1n;

/** Of the values of a key of these types; an unsigned 64-bit number. 0A000 for other types. */
export function partitionHash(types: readonly number[]): (values: readonly Datum[]) => bigint {
  const hashes = types.map(hashOf);
  return (values) => {
    let code = 0n;
    for (let at = 0; at < hashes.length; at++) {
      const value = values[at];
      if (value === null) continue;
      code = combine(code, hashes[at](value as never));
    }
    return code;
  };
}

function combine(code: bigint, hash: bigint): bigint {
  const added = (hash + 0x49a0f4dd15e5a8e3n + (code << 54n) + (code >> 7n)) & mask64;
  return code ^ added;
}

type Hash = (value: never) => bigint;

function hashOf(typeOid: number): Hash {
  const type = representationOf(typeOid);
  switch (type) {
    case TypeOid.int2:
    case TypeOid.int4:
    case TypeOid.date:
    case TypeOid.oid:
      return (value: number) => hashUint32(value >>> 0);
    case TypeOid.int8:
    case TypeOid.timestamp:
    case TypeOid.timestamptz:
    case TypeOid.time:
      return (value: number | bigint) => hashInt8(BigInt(value));
    case TypeOid.bool:
      return (value: boolean) => hashUint32(value ? 1 : 0);
    case TypeOid.text:
    case TypeOid.varchar:
    case TypeOid.name:
      return (value: string) => hashBytes(Buffer.from(value, 'utf8'));
    case TypeOid.bpchar:
      return (value: string) => hashBytes(Buffer.from(value.replace(/ +$/, ''), 'utf8'));
    case TypeOid.bytea:
      return (value: Uint8Array) => hashBytes(Buffer.from(value));
    case TypeOid.uuid:
      return (value: string) => hashBytes(Buffer.from(value.replaceAll('-', ''), 'hex'));
    default:
      throw notSupported(`hash partitioning by type ${typeDisplayName(typeOid) ?? typeOid}`);
  }
}

/** hashint8extended(): equal numbers of any width hash alike. */
function hashInt8(value: bigint): bigint {
  const low = BigInt.asUintN(32, value);
  const high = BigInt.asUintN(32, value >> 32n);
  return hashUint32(Number(low ^ (value >= 0n ? high : BigInt.asUintN(32, ~high))));
}

const seedHigh = Number(seed >> 32n);
const seedLow = Number(seed & 0xffffffffn);

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

class State {
  a: number;
  b: number;
  c: number;

  constructor(length: number) {
    this.a = this.b = this.c = (0x9e3779b9 + length + 3923095) | 0;
    this.a = (this.a + seedHigh) | 0;
    this.b = (this.b + seedLow) | 0;
    this.mix();
  }

  mix(): void {
    let { a, b, c } = this;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
    [this.a, this.b, this.c] = [a, b, c];
  }

  final(): bigint {
    let { a, b, c } = this;
    c = ((c ^ b) - rotate(b, 14)) | 0;
    a = ((a ^ c) - rotate(c, 11)) | 0;
    b = ((b ^ a) - rotate(a, 25)) | 0;
    c = ((c ^ b) - rotate(b, 16)) | 0;
    a = ((a ^ c) - rotate(c, 4)) | 0;
    b = ((b ^ a) - rotate(a, 14)) | 0;
    c = ((c ^ b) - rotate(b, 24)) | 0;
    return (BigInt(b >>> 0) << 32n) | BigInt(c >>> 0);
  }
}

/** hash_bytes_uint32_extended() */
function hashUint32(value: number): bigint {
  const state = new State(4);
  state.a = (state.a + value) | 0;
  return state.final();
}

/** hash_bytes_extended() */
function hashBytes(bytes: Buffer): bigint {
  const state = new State(bytes.length);
  const word = (at: number): number => bytes.readInt32LE(at);
  let at = 0;
  for (; bytes.length - at >= 12; at += 12) {
    state.a = (state.a + word(at)) | 0;
    state.b = (state.b + word(at + 4)) | 0;
    state.c = (state.c + word(at + 8)) | 0;
    state.mix();
  }
  const rest = bytes.length - at;
  for (let index = 0; index < rest; index++) {
    const byte = bytes[at + index];
    // The lowest byte of c is left for the length.
    if (index < 4) state.a = (state.a + (byte << (8 * index))) | 0;
    else if (index < 8) state.b = (state.b + (byte << (8 * (index - 4)))) | 0;
    else state.c = (state.c + (byte << (8 * (index - 7)))) | 0;
  }
  return state.final();
}
