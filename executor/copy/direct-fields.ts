// From the bytes of a COPY field straight into a tuple, without a value in between, for the usual forms of
// the usual types. Whatever else a field holds is left to the type's input function; a field that this
// refuses as well is left to the caller, who has the words for it.

import {
  civilFromDays,
  DatabaseError,
  daysFromCivil,
  latin1Text,
  numericTypmodParts,
  TypeOid,
  typeInput,
  utf8Text,
  valueCodec,
  writeInt64,
  type ByteWriter,
  type ColumnDescriptor,
} from '#common';
import type { FunctionContext } from '#functions';

/** Writes the field's value; false when it cannot. `ascii`: no byte of the line is above 127. */
export type FieldWriter = (
  writer: ByteWriter,
  bytes: Buffer,
  start: number,
  end: number,
  ascii: boolean,
) => boolean;

const minus = 45;
const point = 46;
const zero = 48;

export function fieldWriter({ type }: ColumnDescriptor, functions: FunctionContext): FieldWriter {
  const general = throughInput(type.oid, type.typmod, functions);
  switch (type.oid) {
    case TypeOid.int4:
      return (writer, bytes, start, end, ascii) => {
        const value = wholeNumber(bytes, start, end, 9);
        if (Number.isNaN(value)) return general(writer, bytes, start, end, ascii);
        writer.int32(value);
        return true;
      };
    case TypeOid.int8:
      return (writer, bytes, start, end, ascii) => {
        const value = wholeNumber(bytes, start, end, 15);
        if (Number.isNaN(value)) return general(writer, bytes, start, end, ascii);
        writeInt64(writer, value);
        return true;
      };
    case TypeOid.date:
      return dateWriter(general);
    case TypeOid.numeric:
      return type.typmod < 4 ? general : decimalWriter(type.typmod, general);
    case TypeOid.text:
    case TypeOid.varchar:
    case TypeOid.bpchar:
      return textWriter(type.oid === TypeOid.bpchar, type.typmod - 4, general);
    default:
      return general;
  }
}

function throughInput(typeOid: number, typmod: number, functions: FunctionContext): FieldWriter {
  const input = typeInput(typeOid);
  const codec = valueCodec(typeOid);
  return (writer, bytes, start, end, ascii) => {
    const text = ascii ? latin1Text(bytes, start, end) : utf8Text(bytes, start, end);
    try {
      codec.write(writer, input(text, typmod, functions));
      return true;
    } catch (error) {
      if (error instanceof DatabaseError) return false;
      throw error;
    }
  };
}

/** Digits with at most a sign before them; NaN for anything else. */
function wholeNumber(bytes: Buffer, start: number, end: number, digitsMax: number): number {
  const negative = bytes[start] === minus;
  const first = negative ? start + 1 : start;
  if (end <= first || end - first > digitsMax) return Number.NaN;
  let value = 0;
  for (let index = first; index < end; index++) {
    const digit = bytes[index] - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative && value !== 0 ? -value : value;
}

/** YYYY-MM-DD, which means the same under every DateStyle. */
function dateWriter(general: FieldWriter): FieldWriter {
  return (writer, bytes, start, end, ascii) => {
    const isForm = end - start === 10 && bytes[start + 4] === minus && bytes[start + 7] === minus;
    const year = isForm ? wholeNumber(bytes, start, start + 4, 4) : Number.NaN;
    const month = isForm ? wholeNumber(bytes, start + 5, start + 7, 2) : Number.NaN;
    const day = isForm ? wholeNumber(bytes, start + 8, end, 2) : Number.NaN;
    if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= 31))
      return general(writer, bytes, start, end, ascii);
    const days = daysFromCivil(year, month, day);
    // The 30th of February and its like become a day of the next month.
    if (day > 28 && civilFromDays(days).day !== day)
      return general(writer, bytes, start, end, ascii);
    writer.int32(days);
    return true;
  };
}

/** numeric(p, s) of up to 15 digits, with no more places than s. The form is value-codec.ts's. */
function decimalWriter(typmod: number, general: FieldWriter): FieldWriter {
  const { precision, scale } = numericTypmodParts(typmod);
  if (scale < 0 || scale > 15) return general;
  const limit = Math.min(10 ** Math.min(precision, 15), 2 ** 31);
  return (writer, bytes, start, end, ascii) => {
    const coefficient = scaledNumber(bytes, start, end, scale);
    if (Number.isNaN(coefficient) || Math.abs(coefficient) >= limit)
      return general(writer, bytes, start, end, ascii);
    writer.uint8(scale);
    if (coefficient === 0) return true;
    if (coefficient >= -128 && coefficient <= 127) writer.uint8(coefficient);
    else if (coefficient >= -32_768 && coefficient <= 32_767) writer.int16(coefficient);
    else writer.int32(coefficient);
    return true;
  };
}

/** The decimal times ten to the scale; NaN when it has another form, more places or more than 15 digits. */
function scaledNumber(bytes: Buffer, start: number, end: number, scale: number): number {
  const negative = bytes[start] === minus;
  const first = negative ? start + 1 : start;
  let value = 0;
  let places = -1;
  for (let index = first; index < end; index++) {
    const digit = bytes[index] - zero;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      if (places >= 0) places++;
    } else if (bytes[index] === point && places < 0 && index > first) places = 0;
    else return Number.NaN;
  }
  const missing = scale - Math.max(places, 0);
  if (end - first > 16 || end === first || places === 0 || missing < 0) return Number.NaN;
  value *= 10 ** missing;
  if (value >= 1e15) return Number.NaN;
  return negative && value !== 0 ? -value : value;
}

/** `limit` is the type's length in characters, negative without one. */
function textWriter(padded: boolean, limit: number, general: FieldWriter): FieldWriter {
  return (writer, bytes, start, end, ascii) => {
    const length = end - start;
    if (limit >= 0 && (length > limit || (padded && !ascii)))
      return general(writer, bytes, start, end, ascii);
    writer.ensure(Math.max(length, limit));
    bytes.copy(writer.buffer, writer.position, start, end);
    writer.position += length;
    if (padded && length < limit) {
      writer.buffer.fill(32, writer.position, writer.position + limit - length);
      writer.position += limit - length;
    }
    return true;
  };
}
