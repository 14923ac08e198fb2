// Goal: keys order as values do. Method: random pairs per type; the sign of the key comparison must be
// the sign of the type's comparison (both ways round), equal values must have equal keys, lossless
// types must decode to what was encoded, and range intervals must hold exactly the values in range.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareIntegers, valueOrder } from './compare.ts';
import {
  ArrayValue,
  canonicalInteger,
  Interval,
  RecordValue,
  TimeTz,
  type Datum,
} from './datum.ts';
import { Jsonb } from './jsonb.ts';
import { JsonObject, type JsonValue } from './json-value.ts';
import { keyIsLossless } from './key-decoding.ts';
import { KeyCodec, plainKeyColumn, prefixSuccessor } from './key-encoding.ts';
import { Numeric } from './numeric.ts';
import { sqlType, TypeOid } from './types.ts';

const int8 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.bigInt({ min: -10n, max: 10n }),
);
const int8Datum = int8.map((value): Datum => canonicalInteger(value));
const int4 = fc.oneof(fc.integer(), fc.integer({ min: -3, max: 3 }));
const numeric = fc.oneof(
  fc
    .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(40))
    .map(([coefficient, scale]) => Numeric.of(coefficient, scale)),
  fc
    .tuple(fc.integer({ min: -120, max: 120 }), fc.nat(3))
    .map(([coefficient, scale]) => Numeric.of(BigInt(coefficient), scale)),
  fc.constantFrom(Numeric.nan, Numeric.infinity, Numeric.negativeInfinity),
);
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }).map((value) => value.replaceAll('\0', '')),
  fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '\uffff', '😀'), maxLength: 4 }),
);
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue>(null, true, false),
    fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 3 }),
    numeric.filter((value) => value.isFinite),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'cc'), tie('value')), { maxLength: 3 })
      .map((entries) => JsonObject.of(entries)),
  ),
})).value;

const values: readonly [string, number, fc.Arbitrary<Datum>][] = [
  ['bool', TypeOid.bool, fc.boolean()],
  ['int4', TypeOid.int4, int4],
  ['int8', TypeOid.int8, int8Datum],
  ['oid', TypeOid.oid, fc.nat(4294967295)],
  [
    'date',
    TypeOid.date,
    fc.oneof(fc.integer({ min: -2451545, max: 2145031948 }), fc.constantFrom(Infinity, -Infinity)),
  ],
  [
    'timestamp',
    TypeOid.timestamp,
    fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Infinity, -Infinity)),
  ],
  ['float8', TypeOid.float8, fc.double()],
  ['float4', TypeOid.float4, fc.float()],
  ['numeric', TypeOid.numeric, numeric],
  ['text', TypeOid.text, text],
  ['bpchar', TypeOid.bpchar, text],
  [
    'bytea',
    TypeOid.bytea,
    fc
      .array(fc.constantFrom(0, 1, 2, 254, 255), { maxLength: 5 })
      .map((bytes) => Uint8Array.from(bytes)),
  ],
  ['uuid', TypeOid.uuid, fc.uuid()],
  [
    'timetz',
    TypeOid.timetz,
    fc
      .tuple(fc.nat(5), fc.integer({ min: -2, max: 2 }))
      .map(([micros, zone]) => new TimeTz(micros * 1e6, zone)),
  ],
  [
    'interval',
    TypeOid.interval,
    fc
      .tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -61, max: 61 }), int8Datum)
      .map(([months, days, micros]) => new Interval(months, days, micros as number)),
  ],
  [
    'int4[]',
    TypeOid.int4Array,
    fc
      .array(fc.option(fc.integer({ min: -1, max: 1 })), { maxLength: 3 })
      .map((elements) => ArrayValue.of(TypeOid.int4, elements)),
  ],
  [
    'record',
    TypeOid.record,
    fc
      .tuple(fc.option(text), fc.option(int4))
      .map((fields) => new RecordValue([TypeOid.text, TypeOid.int4], fields)),
  ],
  ['jsonb', TypeOid.jsonb, json.map((value) => new Jsonb(value))],
];

for (const [name, oid, arbitrary] of values) {
  for (const descending of [false, true]) {
    test(`${name} keys order as values, ${descending ? 'descending' : 'ascending'}`, () => {
      const type = sqlType(oid);
      const codec = new KeyCodec([{ type, descending, nulls: undefined }]);
      const order = valueOrder(oid)!;
      fc.assert(
        fc.property(arbitrary, arbitrary, (left, right) => {
          const expected = Math.sign(order.compare(left, right)) * (descending ? -1 : 1);
          const a = codec.encodeFirst(left);
          const b = codec.encodeFirst(right);
          assert.equal(a < b ? -1 : a > b ? 1 : 0, expected + 0);
          assert.equal(
            order.hashKey(left) === order.hashKey(right) || (left !== left && right !== right),
            expected === 0,
          );
          if (keyIsLossless(type)) assert.deepEqual(codec.decode(a), [left]);
        }),
        { numRuns: 300 },
      );
    });
  }
}

test('several columns: nulls, directions, decoding', () => {
  const types = [TypeOid.text, TypeOid.int4] as const;
  const column = fc.record({
    descending: fc.boolean(),
    nulls: fc.constantFrom('first' as const, 'last' as const),
  });
  const row = fc.tuple(
    fc.option(fc.constantFrom('', 'a', 'b', 'é')),
    fc.option(fc.integer({ min: -1, max: 1 })),
  );
  fc.assert(
    fc.property(column, column, row, row, (first, second, left, right) => {
      const columns = [first, second].map((each, index) => ({
        ...each,
        type: sqlType(types[index]),
      }));
      const codec = new KeyCodec(columns);
      let expected = 0;
      for (let index = 0; index < 2 && expected === 0; index++) {
        const { descending, nulls } = columns[index];
        const [a, b] = [left[index]!, right[index]!];
        if (a === null || b === null) {
          expected = ((a === null ? 1 : 0) - (b === null ? 1 : 0)) * (nulls === 'first' ? -1 : 1);
        } else expected = valueOrder(types[index])!.compare(a, b) * (descending ? -1 : 1);
      }
      const [a, b] = [codec.encode(left), codec.encode(right)];
      assert.equal(a < b ? -1 : a > b ? 1 : 0, Math.sign(expected) + 0);
      assert.deepEqual(codec.decode(a), [...left]);
    }),
  );
});

test('range intervals hold exactly the values in range', () => {
  const bound = fc.option(
    fc.record({ value: fc.integer({ min: -3, max: 3 }), inclusive: fc.boolean() }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.constantFrom(undefined, 'first' as const, 'last' as const),
      bound,
      bound,
      fc.option(fc.integer({ min: -4, max: 4 })),
      (descending, nulls, lower, upper, value) => {
        fc.pre(nulls !== undefined || value !== null);
        const codec = new KeyCodec([
          plainKeyColumn(sqlType(TypeOid.int4)),
          { type: sqlType(TypeOid.int4), descending, nulls },
        ]);
        const interval = codec.rangeInterval([7], lower, upper);
        const key = codec.encode([7, value]);
        const inside =
          (interval.lower === undefined || key >= interval.lower) &&
          (interval.upper === undefined || key < interval.upper);
        const within = (limit: typeof lower, sign: number): boolean => {
          if (limit === undefined) return true;
          const order = compareIntegers(value!, limit.value) * sign;
          return order > 0 || (order === 0 && limit.inclusive);
        };
        assert.equal(inside, value !== null && within(lower, 1) && within(upper, -1));
      },
    ),
  );
});

test('the successor of a prefix', () => {
  assert.equal(prefixSuccessor('a\xff\xff'), 'b');
  assert.equal(prefixSuccessor('\xff'), undefined);
});
