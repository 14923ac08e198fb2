// Goal: every type's text and binary formats read back what they wrote, and input errors are worded
// as PostgreSQL's. Method: random values per type through all four functions and the DataRow writers;
// texts and errors recorded from PostgreSQL 15.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../byte-writer.ts';
import { valueOrder } from '../compare.ts';
import { ArrayValue, canonicalInteger, type Datum } from '../datum.ts';
import { defaultFormatSettings } from '../format-settings.ts';
import { Jsonb } from '../jsonb.ts';
import { Numeric } from '../numeric.ts';
import { TypeOid } from '../types.ts';
import { typeInput, typeOutput, typeReceive, typeSend, writeBinary, writeText } from './type-io.ts';

const settings = defaultFormatSettings;
const int8 = fc
  .bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })
  .map((value): Datum => canonicalInteger(value));
const text = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .map((value) => value.replaceAll('\0', ''));
const numeric = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(40))
  .map(([coefficient, scale]) => Numeric.of(coefficient, scale));
const values: readonly (readonly [number, fc.Arbitrary<Datum>])[] = [
  [TypeOid.bool, fc.boolean()],
  [TypeOid.int2, fc.integer({ min: -32768, max: 32767 })],
  [TypeOid.int4, fc.integer()],
  [TypeOid.int8, int8],
  [TypeOid.oid, fc.nat(4294967295)],
  [TypeOid.float8, fc.double()],
  [TypeOid.float4, fc.float()],
  [TypeOid.numeric, numeric],
  [TypeOid.text, text],
  [TypeOid.bytea, fc.uint8Array()],
  [TypeOid.uuid, fc.uuid()],
  [TypeOid.date, fc.integer({ min: -2451545, max: 2145031948 })],
  [
    TypeOid.timestamp,
    fc
      .integer({ min: -200000000000000000, max: 200000000000000000 })
      .map((value): Datum => canonicalInteger(BigInt(value))),
  ],
  [TypeOid.jsonb, fc.json().map((value) => Jsonb.parse(value))],
  [
    TypeOid.int4Array,
    fc.array(fc.option(fc.integer())).map((elements) => ArrayValue.of(TypeOid.int4, elements)),
  ],
  [
    TypeOid.textArray,
    fc.array(fc.option(text)).map((elements) => ArrayValue.of(TypeOid.text, elements)),
  ],
];

test('text and binary round trips; the row writers agree with them', () => {
  for (const [oid, arbitrary] of values) {
    const same = (left: Datum, right: Datum): void => {
      assert.equal(valueOrder(oid)!.compare(left, right), 0, `type ${oid}`);
    };
    fc.assert(
      fc.property(arbitrary, (value) => {
        const shown = typeOutput(oid)(value, settings);
        same(typeInput(oid)(shown, -1, settings), value);
        const bytes = typeSend(oid)(value);
        same(typeReceive(oid)(bytes, -1), value);
        const writer = new ByteWriter(4);
        writeText(oid)(value, writer, settings);
        const field = Buffer.from(shown, 'utf8');
        assert.equal(writer.view().readInt32BE(0), field.length);
        assert.deepEqual(writer.view().subarray(4), field);
        writer.reset();
        writeBinary(oid)(value, writer, settings);
        assert.equal(writer.view().readInt32BE(0), bytes.length);
        assert.deepEqual(new Uint8Array(writer.view().subarray(4)), bytes);
      }),
      { numRuns: 60 },
    );
  }
});

test('input errors and canonical output', () => {
  const read = (oid: number, input: string, typmod = -1): string =>
    typeOutput(oid)(typeInput(oid)(input, typmod, settings), settings);
  const cases: readonly (readonly [number, string, string])[] = [
    [TypeOid.int4, ' -5 ', '-5'],
    [TypeOid.float8, '1e15', '1e+15'],
    [TypeOid.float8, '0.00001', '1e-05'],
    [TypeOid.float8, '-0', '-0'],
    [TypeOid.float4, '16777216', '1.6777216e+07'],
    [TypeOid.bool, 'of', 'f'],
    [TypeOid.bytea, 'a\\\\\\001', '\\x615c01'],
    [TypeOid.uuid, '{A0EEBC999C0B4EF8BB6D6BB9BD380A11}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    [TypeOid.jsonb, '{"b":1,"a":[1,2.50],"b":2}', '{"a": [1, 2.50], "b": 2}'],
    [TypeOid.int4Array, '[2:3]={1,NULL}', '[2:3]={1,NULL}'],
    [TypeOid.textArray, '{ a b ,"NULL",null,"x\\"y"}', '{"a b","NULL",NULL,"x\\"y"}'],
  ];
  for (const [oid, input, expected] of cases) assert.equal(read(oid, input), expected);
  const failures: readonly (readonly [number, string, string, string])[] = [
    [TypeOid.int4, 'x', '22P02', 'invalid input syntax for type integer: "x"'],
    [TypeOid.int4, '2147483648', '22003', 'value "2147483648" is out of range for type integer'],
    [TypeOid.int8, '1.5', '22P02', 'invalid input syntax for type bigint: "1.5"'],
    [TypeOid.float8, '1e400', '22003', '"1e400" is out of range for type double precision'],
    [TypeOid.numeric, '1_000', '22P02', 'invalid input syntax for type numeric: "1_000"'],
    [TypeOid.bool, 'o', '22P02', 'invalid input syntax for type boolean: "o"'],
    [TypeOid.uuid, 'a0eebc99', '22P02', 'invalid input syntax for type uuid: "a0eebc99"'],
    [TypeOid.int4Array, '{1,{2}}', '22P02', 'malformed array literal: "{1,{2}}"'],
    [TypeOid.bytea, '\\x1', '22023', 'invalid hexadecimal data: odd number of digits'],
  ];
  for (const [oid, input, sqlState, message] of failures) {
    assert.throws(() => read(oid, input), { sqlState, message });
  }
  assert.equal(read(TypeOid.varchar, 'abc  ', 4 + 3), 'abc');
  assert.equal(read(TypeOid.bpchar, 'ab', 4 + 4), 'ab  ');
  assert.throws(() => read(TypeOid.varchar, 'abcd', 4 + 3), { sqlState: '22001' });
});

test('binary input of the wrong length is refused', () => {
  for (const oid of [TypeOid.int4, TypeOid.int8, TypeOid.float8, TypeOid.uuid, TypeOid.interval]) {
    assert.throws(() => typeReceive(oid)(new Uint8Array(3), -1), { sqlState: '08P01' });
    assert.throws(() => typeReceive(oid)(new Uint8Array(30), -1), { sqlState: '22P03' });
  }
  const huge = Buffer.alloc(20);
  huge.writeInt32BE(1, 0);
  huge.writeInt32BE(TypeOid.int4, 8);
  huge.writeInt32BE(2147483647, 12);
  assert.throws(() => typeReceive(TypeOid.int4Array)(huge, -1), { sqlState: '08P01' });
  assert.throws(() => typeReceive(TypeOid.text)(Buffer.from([0xc3]), -1), { sqlState: '22021' });
});
