// Values without a representation of their own, as bytes: text as one UTF-8 string and the values'
// lengths, other types in their tuple form (common/value-codec.ts). Under Zstd where that is smaller.
//
//   0  u32  bytes as stored       8  u32  bytes of the lengths' chunk
//   4  u32  bytes uncompressed   12  u8   1: under Zstd     13  u8  1: ASCII only
//  16  …    lengths (integer-encodings.ts): of text in UTF-16 units, of other values in bytes
//   .  …    the bytes, padded to a multiple of 8

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { blockRows, ByteWriter, type Datum, valueCodec, WideIntegers } from '#common';
import { decodeIntegers } from './integer-decoders.ts';
import { encodeIntegers } from './integer-encodings.ts';
import { StoredTexts } from './stored-texts.ts';

const headerBytes = 16;
/** Compression must bring at least this. */
const zstdWorthwhile = 0.9;
/** The least that Node takes for the size of its output buffer. */
const chunkBytesMin = 64;
const lengths = new Float64Array(blockRows);
const decodedLengths = new Int32Array(blockRows);

/** Nulls take no room. */
export function encodeTexts(values: readonly Datum[]): Uint8Array {
  const texts: string[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    lengths[i] = value === null ? 0 : (value as string).length;
    if (value !== null) texts.push(value as string);
  }
  const joined = texts.join('');
  const raw = Buffer.from(joined);
  return assemble(raw, values.length, raw.length === joined.length);
}

export function encodeWithCodec(values: readonly Datum[], typeOid: number): Uint8Array {
  const { write } = valueCodec(typeOid);
  const writer = new ByteWriter(65536);
  for (let i = 0; i < values.length; i++) {
    const start = writer.position;
    const value = values[i];
    if (value !== null) write(writer, value);
    lengths[i] = writer.position - start;
  }
  return assemble(writer.buffer.subarray(0, writer.position), values.length, false);
}

function assemble(raw: Uint8Array, count: number, isAscii: boolean): Uint8Array {
  const lengthChunk = encodeIntegers(lengths, count);
  const compressed =
    raw.length < 64 ? raw : zstdCompressSync(raw, { chunkSize: raw.length + chunkBytesMin });
  const isSmaller = compressed.length < raw.length * zstdWorthwhile;
  const stored = isSmaller ? compressed : raw;
  const bytes = new Uint8Array((headerBytes + lengthChunk.length + stored.length + 7) & ~7);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, stored.length, true);
  view.setUint32(4, raw.length, true);
  view.setUint32(8, lengthChunk.length, true);
  bytes[12] = isSmaller ? 1 : 0;
  bytes[13] = isAscii ? 1 : 0;
  bytes.set(lengthChunk, headerBytes);
  bytes.set(stored, headerBytes + lengthChunk.length);
  return bytes;
}

interface Disassembled {
  readonly raw: Buffer;
  readonly isAscii: boolean;
}
/** The bytes, in memory of their own, and the lengths in `decodedLengths`. */
function disassemble({ view, at }: StoredChunkPlace, count: number): Disassembled {
  const lengthBytes = view.getUint32(at + 8, true);
  decodeIntegers(view, at + headerBytes, count, decodedLengths);
  const start = view.byteOffset + at + headerBytes + lengthBytes;
  const stored = new Uint8Array(view.buffer, start, view.getUint32(at, true));
  // One output buffer of the right size: Node otherwise grows by pieces of 16 kB.
  const chunkSize = Math.max(view.getUint32(at + 4, true), chunkBytesMin);
  const raw =
    view.getUint8(at + 12) === 1 ? zstdDecompressSync(stored, { chunkSize }) : ownCopy(stored);
  return { raw, isAscii: view.getUint8(at + 13) === 1 };
}

function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Where a chunk begins: at byte `at` of the view, a multiple of 8 in its buffer. */
interface StoredChunkPlace {
  readonly view: DataView;
  readonly at: number;
}

export function decodeTexts(
  place: StoredChunkPlace,
  count: number,
  nulls: Uint8Array | undefined,
): StoredTexts {
  const { raw, isAscii } = disassemble(place, count);
  const ends = new Int32Array(count);
  let end = 0;
  for (let i = 0; i < count; i++) ends[i] = end += decodedLengths[i];
  return new StoredTexts(raw, { ends, nulls, isAscii });
}

export function decodeWithCodec(
  place: StoredChunkPlace,
  { count, typeOid }: { readonly count: number; readonly typeOid: number },
  nulls: Uint8Array | undefined,
): Datum[] {
  const { read } = valueCodec(typeOid);
  const { raw } = disassemble(place, count);
  const values: Datum[] = new Array<Datum>(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const end = at + decodedLengths[i];
    values[i] = nulls !== undefined && nulls[i] !== 0 ? null : read(raw, at, end);
    at = end;
  }
  return values;
}

/** Values of int8 under their codec: eight bytes each, the highest first. */
export function decodeWide(
  place: StoredChunkPlace,
  count: number,
  nulls: Uint8Array | undefined,
): WideIntegers {
  const { raw } = disassemble(place, count);
  const bytes = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const high = new Int32Array(count);
  const low = new Int32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (decodedLengths[i] === 0) continue;
    high[i] = bytes.getInt32(at);
    low[i] = bytes.getInt32(at + 4);
    at += 8;
  }
  return new WideIntegers(high, low, nulls);
}

export function isCompressed(bytes: Uint8Array): boolean {
  return bytes[12] === 1;
}
