// Encodings of whole numbers (safe integers, at most a block of them). Each says how many bytes it would
// take; the smallest wins, where a slower decoder must be smaller by its handicap. The order of the
// list settles ties. integer-decoders.ts reads them.
//
//   0  u8   encoding          4  u32  number of values
//   1  u8   width             8  f64  base
//   2  u8   second width     16  f64  multiplier, slope or first value
//   3  u8   –                24  …    packed codes (bit-packing.ts), or as the encoding says
//
// constant            value = base
// run length          base, second width: run lengths - 1 packed; then the values of the runs, which are
//                     base + packed; `multiplier` is the number of runs
// frame of reference  value = base + multiplier * code (multiplier: what all differences are divisible by)
// delta               value = value before + base + code; the first is `multiplier`
// linear              value = round(first + slope * i) + base + code; first stands in the first 8 bytes of
//                     the packed part
// plain               Float64, for differences that exceed 2^53

import { blockRows } from '#common';
import { bitWidth, packBits, packedBytes } from './bit-packing.ts';
import { gatherFacts, type IntegerFacts } from './integer-facts.ts';

export const headerBytes = 24;
const safeMax = Number.MAX_SAFE_INTEGER;

interface IntegerEncoding {
  readonly name: string;
  /** Bytes per value that it must save before it is taken: its decoder's extra time. */
  readonly handicap: number;
  /** Infinity: not applicable. */
  estimate(facts: IntegerFacts): number;
  encode(facts: IntegerFacts): Uint8Array;
}

const codes = new Float64Array(blockRows);
const runValues = new Float64Array(blockRows);

interface HeaderFields {
  readonly width: number;
  readonly secondWidth?: number;
  readonly count: number;
  readonly base: number;
  readonly extra: number;
  readonly bodyBytes: number;
}

function startChunk(fields: HeaderFields): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((headerBytes + fields.bodyBytes + 7) & ~7);
  const view = new DataView(bytes.buffer);
  bytes[1] = fields.width;
  bytes[2] = fields.secondWidth ?? 0;
  view.setUint32(4, fields.count, true);
  view.setFloat64(8, fields.base, true);
  view.setFloat64(16, fields.extra, true);
  return bytes;
}

const constant: IntegerEncoding = {
  name: 'constant',
  handicap: 0,
  estimate: ({ min, max }) => (min === max ? headerBytes : Infinity),
  encode: ({ count, min }) => startChunk({ width: 0, count, base: min, extra: 0, bodyBytes: 0 }),
};

const runLength: IntegerEncoding = {
  name: 'run length',
  handicap: 0,
  estimate({ runs, longestRun, min, max }) {
    if (max - min > safeMax) return Infinity;
    const lengths = packedBytes(runs, bitWidth(longestRun - 1));
    return headerBytes + lengths + packedBytes(runs, bitWidth(max - min));
  },
  encode({ values, count, runs, longestRun, min, max }) {
    const lengthWidth = bitWidth(longestRun - 1);
    const valueWidth = bitWidth(max - min);
    const lengthBytes = packedBytes(runs, lengthWidth);
    const bytes = startChunk({
      width: valueWidth,
      secondWidth: lengthWidth,
      count,
      base: min,
      extra: runs,
      bodyBytes: lengthBytes + packedBytes(runs, valueWidth),
    });
    let run = 0;
    let start = 0;
    for (let i = 1; i <= count; i++) {
      if (i < count && values[i] === values[start]) continue;
      runValues[run] = values[start] - min;
      codes[run++] = i - start - 1;
      start = i;
    }
    packBits(codes, runs, lengthWidth, { buffer: bytes.buffer, offset: headerBytes });
    packBits(runValues, runs, valueWidth, {
      buffer: bytes.buffer,
      offset: headerBytes + lengthBytes,
    });
    return bytes;
  },
};

const frameOfReference: IntegerEncoding = {
  name: 'frame of reference',
  handicap: 0,
  estimate({ count, min, max, divisor }) {
    if (max - min > safeMax) return Infinity;
    return headerBytes + packedBytes(count, bitWidth((max - min) / divisor));
  },
  encode({ values, count, min, max, divisor }) {
    const width = bitWidth((max - min) / divisor);
    const bodyBytes = packedBytes(count, width);
    const bytes = startChunk({ width, count, base: min, extra: divisor, bodyBytes });
    for (let i = 0; i < count; i++) codes[i] = (values[i] - min) / divisor;
    packBits(codes, count, width, { buffer: bytes.buffer, offset: headerBytes });
    return bytes;
  },
};

const delta: IntegerEncoding = {
  name: 'delta',
  handicap: 0.1,
  estimate({ count, deltaMin, deltaMax }) {
    if (deltaMax - deltaMin > safeMax || count < 2) return Infinity;
    return headerBytes + packedBytes(count, bitWidth(deltaMax - deltaMin));
  },
  encode({ values, count, deltaMin, deltaMax }) {
    const width = bitWidth(deltaMax - deltaMin);
    const bodyBytes = packedBytes(count, width);
    const bytes = startChunk({ width, count, base: deltaMin, extra: values[0], bodyBytes });
    codes[0] = 0;
    for (let i = 1; i < count; i++) codes[i] = values[i] - values[i - 1] - deltaMin;
    packBits(codes, count, width, { buffer: bytes.buffer, offset: headerBytes });
    return bytes;
  },
};

interface LinearFit {
  readonly first: number;
  readonly slope: number;
  readonly residualMin: number;
  readonly residualMax: number;
}
const firstBytes = 8;

function fitLine({ values, count }: IntegerFacts): LinearFit {
  const first = values[0];
  const slope = (values[count - 1] - first) / (count - 1);
  let residualMin = 0;
  let residualMax = 0;
  for (let i = 0; i < count; i++) {
    const residual = values[i] - Math.round(first + slope * i);
    if (residual < residualMin) residualMin = residual;
    else if (residual > residualMax) residualMax = residual;
  }
  return { first, slope, residualMin, residualMax };
}

const linear: IntegerEncoding = {
  name: 'linear',
  handicap: 0.15,
  estimate(facts) {
    const { count, min, max } = facts;
    if (count < 3 || max - min > safeMax / 4 || Math.abs(min) > safeMax / 4) return Infinity;
    const { residualMin, residualMax } = fitLine(facts);
    return headerBytes + firstBytes + packedBytes(count, bitWidth(residualMax - residualMin));
  },
  encode(facts) {
    const { values, count } = facts;
    const { first, slope, residualMin, residualMax } = fitLine(facts);
    const width = bitWidth(residualMax - residualMin);
    const bodyBytes = firstBytes + packedBytes(count, width);
    const bytes = startChunk({ width, count, base: residualMin, extra: slope, bodyBytes });
    new DataView(bytes.buffer).setFloat64(headerBytes, first, true);
    for (let i = 0; i < count; i++) {
      codes[i] = values[i] - Math.round(first + slope * i) - residualMin;
    }
    packBits(codes, count, width, { buffer: bytes.buffer, offset: headerBytes + firstBytes });
    return bytes;
  },
};

const plain: IntegerEncoding = {
  name: 'plain',
  handicap: 0,
  estimate: ({ count }) => headerBytes + 8 * count,
  encode({ values, count }) {
    const bytes = startChunk({ width: 64, count, base: 0, extra: 0, bodyBytes: 8 * count });
    new Float64Array(bytes.buffer, headerBytes, count).set(values.subarray(0, count));
    return bytes;
  },
};

/** The position in the list is what is stored: only append, as in integer-decoders.ts. */
const integerEncodings: readonly IntegerEncoding[] = [
  constant,
  frameOfReference,
  runLength,
  delta,
  linear,
  plain,
];

/** Encodes values[0 .. count); the bytes are a multiple of 8 long. */
export function encodeIntegers(values: Float64Array, count: number): Uint8Array<ArrayBuffer> {
  const facts = gatherFacts(values, count);
  let best = 0;
  let bestScore = Infinity;
  for (let id = 0; id < integerEncodings.length; id++) {
    const encoding = integerEncodings[id];
    const score = encoding.estimate(facts) + encoding.handicap * count;
    if (score >= bestScore) continue;
    best = id;
    bestScore = score;
  }
  const bytes = integerEncodings[best].encode(facts) as Uint8Array<ArrayBuffer>;
  bytes[0] = best;
  return bytes;
}

export function integerEncodingName(bytes: Uint8Array): string {
  return integerEncodings[bytes[0]].name;
}
