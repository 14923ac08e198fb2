// Goal: whatever is encoded decodes to the same values. Method: random blocks of every form of vector,
// shaped so that each encoding is chosen, with nulls and extremes; each goes through encodeChunk() and
// decodeChunk(), and into a file and back.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Datum, Numeric, TypeOid, type Vector } from '#common';
import { bitWidth, packBits, packedBytes } from './bit-packing.ts';
import { unpackCodes, type WholesArray } from './bit-unpacking.ts';
import { datumVector, vectorDatum, vectorForm } from './datum-vectors.ts';
import { DamagedSegment } from './damaged-segment.ts';
import { SegmentFile } from './segment-file.ts';
import { SegmentWriter } from './segment-writer.ts';

const safe = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0, 1, -1),
);

test('bits come out as they went in, at every width', () => {
  for (let width = 0; width <= 53; width++) {
    for (const count of [1, 2, 31, 32, 33, 1000]) {
      const codes = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        codes[i] = width === 0 ? 0 : Math.floor(Math.random() * 2 ** width);
      }
      codes[count - 1] = 2 ** width - 1;
      assert.equal(bitWidth(codes[count - 1]), width);
      const bytes = new Uint8Array(packedBytes(count, width));
      packBits(codes, count, width, { buffer: bytes.buffer, offset: 0 });
      const view = new DataView(bytes.buffer);
      const packed = { view, at: 0, width, count };
      const out = new Float64Array(count);
      unpackCodes({ ...packed, base: 0, multiplier: 1 }, out);
      assert.deepEqual(out, codes);
      if (width <= 32) {
        unpackCodes({ ...packed, base: -5, multiplier: 3 }, out);
        assert.deepEqual(
          out,
          codes.map((code) => code * 3 - 5),
        );
      }
      const narrow: [number, WholesArray][] = [
        [8, new Uint8Array(count)],
        [16, new Uint16Array(count)],
        [32, new Int32Array(count)],
      ];
      for (const [bits, values] of narrow) {
        if (width > bits) continue;
        // Modulo the array's size, where the values do not fit.
        unpackCodes({ ...packed, base: 7, multiplier: 1 }, values);
        const expected = values.slice();
        codes.forEach((code, i) => (expected[i] = code + 7));
        assert.deepEqual(values, expected);
      }
    }
  }
});

/** Values in the shapes that the encodings are for. */
function shaped<T>(value: fc.Arbitrary<T>): fc.Arbitrary<(T | null)[]> {
  const length = fc.integer({ min: 1, max: 300 });
  return fc.oneof(
    fc.array(fc.option(value, { freq: 10 }), { minLength: 1, maxLength: 300 }),
    fc.array(value, { minLength: 1, maxLength: 300 }),
    fc.tuple(fc.option(value), length).map(([one, n]) => new Array<T | null>(n).fill(one)),
    fc
      .array(fc.tuple(fc.option(value), fc.integer({ min: 1, max: 50 })), {
        minLength: 1,
        maxLength: 20,
      })
      .map((runs) => runs.flatMap(([one, n]) => new Array<T | null>(n).fill(one))),
  );
}
const sequence = fc
  .tuple(fc.integer(), fc.integer({ min: -1000, max: 1000 }), fc.array(fc.nat(7), { minLength: 1 }))
  .map(([first, step, noise]) => noise.map((more, i) => first + step * i + more));
const multiples = fc
  .tuple(fc.integer(), fc.array(fc.nat(100), { minLength: 1 }), fc.constantFrom(100, 86400e6, 3))
  .map(([base, counts, unit]) => counts.map((count) => base + count * unit));
const int8s = fc.oneof(shaped(safe), shaped(fc.integer()), shaped(fc.nat(3)), sequence, multiples);
const floats = fc.oneof(
  shaped(fc.double()),
  shaped(fc.integer({ min: -100000, max: 100000 }).map((cents) => cents / 100)),
  shaped(
    fc.oneof(
      fc.nat(1000).map((tenths) => tenths / 10),
      fc.constantFrom(NaN, Infinity, -Infinity, -0, 5e-324, 1.7976931348623157e308),
    ),
  ),
);
const texts = fc.oneof(
  shaped(fc.string({ unit: 'grapheme' })),
  shaped(fc.constantFrom('', 'a', 'b', 'zebra', 'ä', '\u{1f600}')),
  shaped(fc.string({ minLength: 60, maxLength: 200 })),
);
const numerics = fc.oneof(
  shaped(fc.integer().map((cents) => new Numeric(cents, 2))),
  shaped(safe.map((coefficient) => new Numeric(coefficient, 0))),
  shaped(
    fc
      .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(20))
      .map(([coefficient, scale]) => Numeric.of(coefficient, scale)),
  ),
  shaped(fc.constantFrom(Numeric.nan, Numeric.infinity, new Numeric(1, 1), new Numeric(10, 2))),
);
const columns = fc.oneof(
  ...(
    [
      [TypeOid.int8, fc.oneof(int8s, shaped(fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n })))],
      [TypeOid.int4, shaped(fc.integer())],
      [TypeOid.int2, shaped(fc.integer({ min: -32768, max: 32767 }))],
      [TypeOid.timestamptz, fc.oneof(int8s, shaped(fc.constantFrom(Infinity, -Infinity, 0)))],
      [TypeOid.float8, floats],
      [TypeOid.bool, shaped(fc.boolean())],
      [TypeOid.numeric, numerics],
      [TypeOid.text, texts],
      [TypeOid.bpchar, shaped(fc.constantFrom('a', 'a ', 'b', ''))],
    ] as const
  ).map(([typeOid, values]) =>
    (values as fc.Arbitrary<Datum[]>).map((block) => ({ typeOid, block })),
  ),
);

function valuesOf(vector: Vector, typeOid: number, length: number): Datum[] {
  return Array.from({ length }, (_, i) => vectorDatum(vector, i, typeOid === TypeOid.numeric));
}
function sameValues(actual: Datum[], expected: readonly Datum[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(
      Object.is(actual[i], expected[i]) || isSameNumeric(actual[i], expected[i]),
      `${what} ${i}`,
    );
  }
}
function isSameNumeric(left: Datum, right: Datum): boolean {
  if (!(left instanceof Numeric) || !(right instanceof Numeric)) return false;
  return left.coefficient === right.coefficient && left.scale === right.scale;
}

test('blocks of every kind survive a file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'segment-'));
  let run = 0;
  const encodings = new Set<string>();
  try {
    fc.assert(
      fc.property(columns, fc.array(columns, { maxLength: 3 }), (first, others) => {
        const blocks = [first, ...others.filter(({ typeOid }) => typeOid === first.typeOid)];
        const { typeOid } = first;
        const identity = { tree: 1, kind: 'current', builtAt: 1 } as const;
        const writer = new SegmentWriter(identity, [{ attribute: 1, typeOid }], undefined);
        for (const { block } of blocks) {
          writer.addBlock([datumVector(vectorForm(typeOid), block)], block.length, 'key');
        }
        const path = join(directory, `${run++}`);
        writer.write(path);
        const file = new SegmentFile(path);
        const column = file.column(1);
        assert.ok(column !== undefined);
        blocks.forEach(({ block }, i) => {
          const vector = file.readVector(column, i);
          encodings.add(column.chunks[i].encoding);
          sameValues(valuesOf(vector, typeOid, block.length), block, column.chunks[i].encoding);
          if (vector.kind !== 'integer') return;
          const { values, nulls, min, max } = vector;
          for (let row = 0; row < block.length; row++) {
            if (nulls !== undefined && nulls[row] !== 0) assert.equal(values[row], 0);
            else assert.ok(values[row] >= min && values[row] <= max && !Object.is(values[row], -0));
          }
        });
        rmSync(path);
      }),
      { numRuns: 800 },
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
  for (const name of [
    'constant',
    'run length',
    'frame of reference',
    'delta',
    'plain',
    'decimal',
  ]) {
    assert.ok(encodings.has(name), `${name} was never chosen (${[...encodings].join('; ')})`);
  }
});

test('any flipped or missing byte of a file is noticed', async () => {
  const { readFileSync, writeFileSync } = await import('node:fs');
  const directory = mkdtempSync(join(tmpdir(), 'segment-'));
  try {
    const writer = new SegmentWriter(
      { tree: 1, kind: 'current', builtAt: 1 },
      [
        { attribute: 1, typeOid: TypeOid.int4 },
        { attribute: 2, typeOid: TypeOid.text },
      ],
      undefined,
    );
    const numbers = Array.from({ length: 100 }, (_, i) => (i * 37) % 101);
    const words = numbers.map((value) => `word ${value % 3}`);
    const vectors = [datumVector('integer', numbers), datumVector('datum', words)];
    writer.addBlock(vectors, 100, 'key');
    const path = join(directory, 'whole');
    writer.write(path);
    const whole = readFileSync(path);
    const readAll = (name: string): void => {
      const file = new SegmentFile(name);
      const values = file.footer.columns.map((column) => file.readVector(column, 0));
      sameValues(valuesOf(values[0], TypeOid.int4, 100), numbers, 'numbers');
      sameValues(valuesOf(values[1], TypeOid.text, 100), words, 'words');
    };
    readAll(path);
    const isPadding = (at: number): boolean =>
      at < 8 || (at >= whole.length - 12 && at < whole.length - 8);
    for (let at = 0; at < whole.length; at++) {
      if (isPadding(at)) continue;
      const damaged = Buffer.from(whole);
      damaged[at] ^= 1 << (at & 7);
      const name = join(directory, `flipped-${at}`);
      writeFileSync(name, damaged);
      assert.throws(() => readAll(name), DamagedSegment, `byte ${at}`);
      rmSync(name);
    }
    for (let length = 0; length < whole.length; length += 7) {
      const name = join(directory, `short-${length}`);
      writeFileSync(name, whole.subarray(0, length));
      assert.throws(() => readAll(name), DamagedSegment, `${length} bytes`);
      rmSync(name);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
