// Reads chunks of whole numbers (integer-encodings.ts draws them), each encoding by a decoder of its own that
// writes straight into the array of the vector. Arrays of 8 and 16 bits, which codes of dictionaries and
// booleans have, take a turn through one of 32 where the encoding is not the usual one of these.

import { blockRows } from '#common';
import { packedBytes } from './bit-packing.ts';
import { type PackedCodes, unpackCodes, type WholesArray } from './bit-unpacking.ts';
import { headerBytes } from './integer-encodings.ts';

/** A chunk at a byte (a multiple of 8 in the buffer), and how many values it has. */
interface StoredWholes {
  readonly view: DataView;
  readonly at: number;
  readonly count: number;
}
type Wholes = Int32Array | Float64Array;
type Decoder = (chunk: StoredWholes, out: Wholes) => void;

const wideBits = 33;
const wideScratch = new Float64Array(blockRows);
const narrowScratch = new Int32Array(blockRows);
const runLengths = new Int32Array(blockRows);
const runValues = new Int32Array(blockRows);

const widthOf = ({ view, at }: StoredWholes): number => view.getUint8(at + 1);
const secondWidthOf = ({ view, at }: StoredWholes): number => view.getUint8(at + 2);
const baseOf = ({ view, at }: StoredWholes): number => view.getFloat64(at + 8, true);
const extraOf = ({ view, at }: StoredWholes): number => view.getFloat64(at + 16, true);

/** One code a value, `skipped` bytes behind the header. */
function codesOf(chunk: StoredWholes, multiplier: number, skipped = 0): PackedCodes {
  const { view, at, count } = chunk;
  const place = { view, at: at + headerBytes + skipped, width: widthOf(chunk), count };
  return { ...place, base: baseOf(chunk), multiplier };
}

function constant(chunk: StoredWholes, out: WholesArray): void {
  out.fill(baseOf(chunk), 0, chunk.count);
}

function frameOfReference(chunk: StoredWholes, out: WholesArray): void {
  unpackCodes(codesOf(chunk, extraOf(chunk)), out);
}

const runLength: Decoder = (chunk, out) => {
  const { view, at } = chunk;
  const runs = extraOf(chunk);
  const lengths = { view, at: at + headerBytes, width: secondWidthOf(chunk), count: runs };
  unpackCodes({ ...lengths, base: 1, multiplier: 1 }, runLengths);
  const valuesAt = lengths.at + packedBytes(runs, lengths.width);
  const place = { view, at: valuesAt, width: widthOf(chunk), count: runs };
  const values = { ...place, base: baseOf(chunk), multiplier: 1 };
  if (out instanceof Int32Array) {
    unpackCodes(values, runValues);
    repeatInt32(runValues, runs, out);
  } else {
    unpackCodes(values, wideScratch);
    repeatFloat64(wideScratch, runs, out);
  }
};

/** Runs past this length are left to the engine, whose calls cost as much as so many values. */
const shortRun = 32;

function repeatInt32(values: Int32Array, runs: number, out: Int32Array): void {
  for (let run = 0, at = 0; run < runs; run++) {
    const value = values[run];
    const end = at + runLengths[run];
    if (end - at > shortRun) out.fill(value, at, end);
    else for (let i = at; i < end; i++) out[i] = value;
    at = end;
  }
}
function repeatFloat64(values: Float64Array, runs: number, out: Float64Array): void {
  for (let run = 0, at = 0; run < runs; run++) {
    const value = values[run];
    const end = at + runLengths[run];
    if (end - at > shortRun) out.fill(value, at, end);
    else for (let i = at; i < end; i++) out[i] = value;
    at = end;
  }
}

const delta: Decoder = (chunk, out) => {
  const differences = codesOf(chunk, 1);
  const first = extraOf(chunk);
  if (out instanceof Float64Array) {
    unpackCodes(differences, out);
    sumFloat64(out, first, chunk.count);
  } else if (differences.width < wideBits) {
    unpackCodes(differences, out);
    sumInt32(out, first, chunk.count);
  } else {
    unpackCodes(differences, wideScratch);
    sumFloat64(wideScratch, first, chunk.count);
    out.set(wideScratch.subarray(0, chunk.count));
  }
};

/** Differences become values. Sums modulo 2^32 of values that fit in 32 bits are right. */
function sumInt32(out: Int32Array, first: number, count: number): void {
  let value = first | 0;
  out[0] = value;
  for (let i = 1; i < count; i++) {
    value = (value + out[i]) | 0;
    out[i] = value;
  }
}
function sumFloat64(out: Float64Array, first: number, count: number): void {
  let value = first;
  out[0] = value;
  for (let i = 1; i < count; i++) {
    value += out[i];
    out[i] = value;
  }
}

const firstBytes = 8;

const linear: Decoder = (chunk, out) => {
  const { view, at, count } = chunk;
  const slope = extraOf(chunk);
  const first = view.getFloat64(at + headerBytes, true);
  unpackCodes(codesOf(chunk, 1, firstBytes), wideScratch);
  for (let i = 0; i < count; i++) {
    // Rounding may give -0, which the addition turns into 0.
    out[i] = Math.round(first + slope * i) + wideScratch[i];
  }
};

const plain: Decoder = ({ view, at, count }, out) => {
  out.set(new Float64Array(view.buffer, view.byteOffset + at + headerBytes, count));
};

/** In the order of the list in integer-encodings.ts. */
const decoders: readonly Decoder[] = [constant, frameOfReference, runLength, delta, linear, plain];
/** The first of them also write the smaller arrays. */
const smallDecoders = [constant, frameOfReference] as const;

/** Fills out[0 .. count) from the chunk at a byte, a multiple of 8 in the buffer. */
export function decodeIntegers(view: DataView, at: number, count: number, out: WholesArray): void {
  if (count === 0) return;
  const encoding = view.getUint8(at);
  const chunk = { view, at, count };
  if (out instanceof Int32Array || out instanceof Float64Array) decoders[encoding](chunk, out);
  else if (encoding < smallDecoders.length) smallDecoders[encoding](chunk, out);
  else {
    decoders[encoding](chunk, narrowScratch);
    out.set(narrowScratch.subarray(0, count));
  }
}
