// money (an int8 of cents, written as in the C locale: $1,234.56) and pg_lsn (an unsigned 64-bit
// position, written as two hexadecimal halves: 16/B374D848).

import type { ByteWriter } from '../byte-writer.ts';
import { compareIntegers } from '../compare.ts';
import { canonicalInteger } from '../datum.ts';
import { databaseError } from '../errors.ts';
import { encodeInt8 } from '../key-values.ts';
import { expectLength, invalidInput, outOfRange, typeIo } from '../type-io/contract.ts';
import { TypeOid } from '../types.ts';
import { readInt64, writeInt64 } from '../value-codec.ts';
import { valueType, type AnyValueType } from './contract.ts';

type Int8 = number | bigint;

const moneyPattern = /^\s*\$?\s*([-(+]?)\s*\$?\s*([\d,]*)(?:\.([\d,]*))?([\s)+$-]*)$/;

/** Digits beyond cents are rounded, half away from zero, by the first of them. */
export function parseMoney(text: string): Int8 {
  const match = moneyPattern.exec(text);
  if (match === null) throw invalidInput('money', text);
  const [, sign, whole, fraction = '', trailer] = match;
  const digits = fraction.replaceAll(',', '');
  const cents = digits.slice(0, 2).padEnd(2, '0');
  let value = BigInt(`${whole.replaceAll(',', '')}${cents}`);
  if (digits[2] >= '5') value += 1n;
  if (sign === '-' || sign === '(' || trailer.includes('-')) value = -value;
  if (BigInt.asIntN(64, value) !== value) throw outOfRange('money', text);
  return canonicalInteger(value);
}

export function formatMoney(value: Int8): string {
  const digits = String(value).replace('-', '').padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${value < 0 ? '-' : ''}$${whole}.${digits.slice(-2)}`;
}

function parseLsn(text: string): Int8 {
  const match = /^([\da-f]{1,8})\/([\da-f]{1,8})$/i.exec(text);
  if (match === null) throw invalidInput('pg_lsn', text);
  return canonicalInteger((BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`));
}

function formatLsn(value: Int8): string {
  const high = BigInt(value) >> 32n;
  const low = BigInt(value) & 0xffffffffn;
  return `${high.toString(16)}/${low.toString(16)}`.toUpperCase();
}

function unsigned(value: Int8): Int8 {
  return value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;
}

interface Integer8 {
  readonly oid: number;
  readonly input: (text: string) => Int8;
  readonly output: (value: Int8) => string;
  /** Between the value and the int8 with the same 64 bits. */
  readonly toSigned: (value: Int8) => Int8;
  readonly fromSigned: (value: Int8) => Int8;
  readonly encodeKey: (value: Int8) => string;
}

function integer8Type(type: Integer8): AnyValueType {
  const write = (writer: ByteWriter, value: Int8): void => writeInt64(writer, type.toSigned(value));
  return valueType<Int8>({
    oid: type.oid,
    io: typeIo<Int8>({
      input: type.input,
      output: type.output,
      receive: (bytes) => {
        expectLength(bytes, 8);
        return type.fromSigned(readInt64(bytes, 0));
      },
      send: (value, writer) => write(writer, value),
    }),
    codec: { write, read: (buffer, start) => type.fromSigned(readInt64(buffer, start)) },
    order: { compare: compareIntegers, hashKey: (value) => value, encodeKey: type.encodeKey },
  });
}

const same = (value: Int8): Int8 => value;

export const scaledIntegerTypes: readonly AnyValueType[] = [
  integer8Type({
    oid: TypeOid.money,
    input: parseMoney,
    output: formatMoney,
    toSigned: same,
    fromSigned: same,
    encodeKey: encodeInt8,
  }),
  integer8Type({
    oid: TypeOid.pg_lsn,
    input: parseLsn,
    output: formatLsn,
    toSigned: (value) => canonicalInteger(BigInt.asIntN(64, BigInt(value))),
    fromSigned: unsigned,
    encodeKey: (value) => encodeInt8(BigInt(value) - (1n << 63n)),
  }),
];

/** 22003 outside 0 .. 2^64 - 1. */
export function checkedLsn(value: bigint): Int8 {
  if (value >= 0n && value >> 64n === 0n) return canonicalInteger(value);
  throw databaseError('invalidParameterValue', 'pg_lsn out of range');
}
