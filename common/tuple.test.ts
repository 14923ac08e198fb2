// Goal: what is encoded decodes to the same values, column by column and in batches, at any place in
// a buffer, with and without header fields, and past the 64 kB where offsets widen. Method: random
// rows over random lists of types.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ArrayValue,
  canonicalInteger,
  Interval,
  RecordValue,
  TimeTz,
  type Datum,
} from './datum.ts';
import { Jsonb } from './jsonb.ts';
import { Numeric } from './numeric.ts';
import {
  fillBoolean,
  fillFloat64,
  fillGeneric,
  fillInt32,
  fillSafeInt64,
  TupleRun,
} from './tuple-fill.ts';
import { tupleHeader, TupleLayout, tupleVersionOf } from './tuple.ts';
import { sqlType, TypeOid } from './types.ts';

const int8 = fc
  .bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })
  .map((value): Datum => canonicalInteger(value));
const text = fc.string({ unit: 'grapheme', maxLength: 10 });
const numeric = fc.oneof(
  fc
    .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.nat(300))
    .map(([coefficient, scale]) => Numeric.of(coefficient, scale)),
  fc
    .tuple(fc.maxSafeInteger(), fc.nat(5))
    .map(([coefficient, scale]) => new Numeric(coefficient, scale)),
  fc.constantFrom(Numeric.nan, Numeric.infinity, Numeric.negativeInfinity),
);
const kinds: readonly (readonly [number, fc.Arbitrary<Datum>])[] = [
  [TypeOid.bool, fc.boolean()],
  [TypeOid.int2, fc.integer({ min: -32768, max: 32767 })],
  [TypeOid.int4, fc.integer()],
  [TypeOid.int8, int8],
  [TypeOid.oid, fc.nat(4294967295)],
  [
    TypeOid.date,
    fc.oneof(fc.integer({ min: -2451545, max: 2145031948 }), fc.constantFrom(Infinity, -Infinity)),
  ],
  [TypeOid.timestamptz, fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Infinity, -Infinity))],
  [TypeOid.float8, fc.double()],
  [TypeOid.float4, fc.float()],
  [TypeOid.numeric, numeric],
  [TypeOid.text, text],
  [TypeOid.varchar, text],
  [TypeOid.bytea, fc.uint8Array({ maxLength: 10 })],
  [TypeOid.uuid, fc.uuid()],
  [TypeOid.jsonb, fc.json().map((value) => Jsonb.parse(value))],
  [
    TypeOid.interval,
    fc
      .tuple(fc.integer(), fc.integer(), int8)
      .map(([months, days, micros]) => new Interval(months, days, micros as number)),
  ],
  [
    TypeOid.timetz,
    fc
      .tuple(fc.nat(86400000000), fc.integer({ min: -57599, max: 57599 }))
      .map(([micros, zone]) => new TimeTz(micros, zone)),
  ],
  [
    TypeOid.textArray,
    fc
      .array(fc.option(text), { maxLength: 4 })
      .map((elements) => ArrayValue.of(TypeOid.text, elements)),
  ],
  [
    TypeOid.record,
    fc
      .tuple(fc.option(text), fc.option(numeric))
      .map((fields) => new RecordValue([TypeOid.text, TypeOid.numeric], fields, ['a', 'é'])),
  ],
];
const column = fc
  .constantFrom(...kinds)
  .chain(([oid, value]) => fc.tuple(fc.constant(oid), fc.option(value)));
const bigText = fc
  .integer({ min: 60_000, max: 70_000 })
  .map((length): [number, Datum] => [TypeOid.text, 'x'.repeat(length)]);

function layoutOf(oids: readonly number[], version = 3): TupleLayout {
  return new TupleLayout({
    version,
    columns: oids.map((oid, index) => ({ attributeNumber: index + 1, type: sqlType(oid) })),
  });
}

function comparable(value: Datum): unknown {
  return value instanceof Jsonb ? value.toString() : value;
}

test('a tuple decodes to what was encoded', () => {
  const header = fc.record({
    validFrom: fc.maxSafeInteger(),
    validTo: fc.maxSafeInteger(),
    provenance: fc.nat(),
  });
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 30, arbitrary: column }, { weight: 1, arbitrary: bigText }), {
        maxLength: 20,
      }),
      fc.constantFrom('none', 'valid', 'provenance', 'all'),
      header,
      fc.nat(7),
      (columns, fields, full, padding) => {
        const layout = layoutOf(columns.map(([oid]) => oid));
        const values = columns.map(([, value]) => value);
        const { validFrom, validTo, provenance } = full;
        const chosen = {
          none: {},
          valid: { validFrom, validTo },
          provenance: { provenance },
          all: full,
        }[fields];
        const tuple = layout.encode(values, chosen);
        const page = Buffer.concat([Buffer.alloc(padding, 0xee), tuple, Buffer.alloc(3, 0xee)]);
        assert.equal(tupleVersionOf(page, padding), 3);
        assert.deepEqual(tupleHeader(page, padding), { ...chosen });
        const decoded = layout.decode(page, padding, padding + tuple.length);
        assert.deepEqual(decoded.map(comparable), values.map(comparable));
      },
    ),
  );
});

test('columns fill typed arrays', () => {
  const layout = layoutOf([TypeOid.text, TypeOid.int4, TypeOid.int8, TypeOid.float8, TypeOid.bool]);
  const row = fc.tuple(
    fc.option(text),
    fc.option(fc.integer()),
    fc.option(fc.maxSafeInteger()),
    fc.option(fc.double()),
    fc.option(fc.boolean()),
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const run = new TupleRun();
      for (const values of rows) {
        const tuple = layout.encode(values);
        run.push(tuple, 0, tuple.length);
      }
      const nulls = new Uint8Array(20);
      const check = (position: number, anyNull: boolean, out: ArrayLike<number>): void => {
        assert.equal(
          anyNull,
          rows.some((values) => values[position] === null),
        );
        for (const [index, values] of rows.entries()) {
          assert.equal(nulls[index] !== 0, values[position] === null);
          if (values[position] !== null) assert.equal(out[index], Number(values[position]));
        }
      };
      const ints = new Int32Array(20);
      check(1, fillInt32(layout, 1, run, ints, nulls), ints);
      const floats = new Float64Array(20);
      check(2, fillSafeInt64(layout, 2, run, floats, nulls) === 1, floats);
      check(3, fillFloat64(layout, 3, run, floats, nulls), floats);
      const booleans = new Uint8Array(20);
      check(4, fillBoolean(layout, 4, run, booleans, nulls), booleans);
      const texts: Datum[] = [];
      fillGeneric(layout, 0, run, texts);
      assert.deepEqual(
        texts,
        rows.map(([value]) => value),
      );
    }),
  );
});

test('an int8 beyond the safe integers is reported, not rounded', () => {
  const layout = layoutOf([TypeOid.int8]);
  const run = new TupleRun();
  const tuple = layout.encode([9007199254740993n]);
  run.push(tuple, 0, tuple.length);
  assert.equal(fillSafeInt64(layout, 0, run, new Float64Array(1), new Uint8Array(1)), -1);
});
