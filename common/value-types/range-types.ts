// Range and multirange types: text, binary and stored forms, order and keys, for any subtype.
//
// Binary: flags (1 empty, 2 lower inclusive, 4 upper inclusive, 8 lower infinite, 16 upper infinite),
// then each finite bound with its length. Multiranges: count, then each range with its length.
// Stored: the range type uint32, the subtype uint32, flags, then per finite bound its length uint32
// and its stored form; multiranges: three types uint32, then each range's length and form.
// Key of a range: 00 for empty, else 01 and both ends; an end is 00 (lower) or 02 (upper) when infinite,
// else 01, the value's key, and its offset from the value (00 before, 01 at, 02 behind).

import { equalityType } from '../collations.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { Datum } from '../datum.ts';
import { databaseError } from '../errors.ts';
import type { FormatSettings } from '../format-settings.ts';
import { valueKeyEncoder } from '../key-values.ts';
import { insufficientData, invalidBinary, typeIo, type AnyTypeIo } from '../type-io/contract.ts';
import { typeDisplayName } from '../type-registry.ts';
import { TypeOid } from '../types.ts';
import { valueCodec } from '../value-codec.ts';
import { valueType, type AnyValueType } from './contract.ts';
import { builtinRangeTypes, type RangeInfo, rangeInfoOf, registerRangeType } from './range-info.ts';
import { partIo, registerValueTypes } from './registry.ts';
import { formatRangeText, parseMultirangeText, parseRangeText } from './range-text.ts';
import {
  boundOrder,
  compareMultiranges,
  compareRanges,
  makeRange,
  MultirangeValue,
  RangeValue,
} from './range.ts';

const flag = {
  empty: 1,
  lowerInclusive: 2,
  upperInclusive: 4,
  lowerInfinite: 8,
  upperInfinite: 16,
};

function flagsOf(range: RangeValue): number {
  if (range.isEmpty) return flag.empty;
  let flags = 0;
  if (range.lowerInclusive) flags |= flag.lowerInclusive;
  if (range.upperInclusive) flags |= flag.upperInclusive;
  if (range.lower === null) flags |= flag.lowerInfinite;
  if (range.upper === null) flags |= flag.upperInfinite;
  return flags;
}

function readRange(
  info: Pick<RangeInfo, 'rangeType' | 'subtype'>,
  flags: number,
  readBound: () => Datum,
): RangeValue {
  if ((flags & flag.empty) !== 0) return new RangeValue(info.rangeType, info.subtype, undefined);
  const lower = (flags & flag.lowerInfinite) === 0 ? readBound() : null;
  const upper = (flags & flag.upperInfinite) === 0 ? readBound() : null;
  return makeRange(info.rangeType, info.subtype, {
    lower,
    upper,
    lowerInclusive: (flags & flag.lowerInclusive) !== 0,
    upperInclusive: (flags & flag.upperInclusive) !== 0,
  });
}

function inputRange(info: RangeInfo, text: string, settings: FormatSettings): RangeValue {
  const texts = parseRangeText(text);
  const { rangeType, subtype } = info;
  if (texts === undefined) return new RangeValue(rangeType, subtype, undefined);
  const io = partIo(subtype);
  const value = (bound: string | null): Datum =>
    bound === null ? null : io.input(bound, -1, settings);
  return makeRange(rangeType, subtype, {
    ...texts,
    lower: value(texts.lower),
    upper: value(texts.upper),
  });
}

function formatRange(range: RangeValue, settings: FormatSettings): string {
  if (range.isEmpty) return 'empty';
  const io = partIo(range.subtype);
  const text = (bound: Datum): string | null =>
    bound === null ? null : io.output(bound, settings);
  return formatRangeText({
    lower: text(range.lower),
    upper: text(range.upper),
    lowerInclusive: range.lowerInclusive,
    upperInclusive: range.upperInclusive,
  });
}

function receiveRange(info: RangeInfo, bytes: Buffer): RangeValue {
  if (bytes.length < 1) throw insufficientData();
  let at = 1;
  const io = partIo(info.subtype);
  const range = readRange(info, bytes[0], () => {
    const part = lengthPrefixed(bytes, at);
    at += 4 + part.length;
    return io.receive(part, -1);
  });
  if (at !== bytes.length) throw invalidBinary();
  return range;
}

function lengthPrefixed(bytes: Buffer, at: number): Buffer {
  if (at + 4 > bytes.length) throw insufficientData();
  const length = bytes.readInt32BE(at);
  if (length < 0 || at + 4 + length > bytes.length) throw insufficientData();
  return bytes.subarray(at + 4, at + 4 + length);
}

function sendRange(range: RangeValue, writer: ByteWriter): void {
  writer.uint8(flagsOf(range));
  const io = partIo(range.subtype);
  for (const bound of [range.lower, range.upper]) {
    if (bound === null) continue;
    const start = writer.begin();
    io.send(bound, writer);
    writer.end(start);
  }
}

function rangeIo(info: RangeInfo): AnyTypeIo {
  return typeIo<RangeValue>({
    input: (text, _typmod, settings) => inputRange(info, text, settings),
    output: formatRange,
    receive: (bytes) => receiveRange(info, bytes),
    send: sendRange,
  });
}

function multirangeIo(info: RangeInfo): AnyTypeIo {
  return typeIo<MultirangeValue>({
    input: (text, _typmod, settings) =>
      new MultirangeValue(
        info,
        parseMultirangeText(text).map((part) => inputRange(info, part, settings)),
      ),
    output: (value, settings) =>
      `{${value.ranges.map((range) => formatRange(range, settings)).join(',')}}`,
    receive: (bytes) => {
      if (bytes.length < 4) throw insufficientData();
      const ranges: RangeValue[] = [];
      let at = 4;
      for (let left = bytes.readInt32BE(0); left > 0; left--) {
        const part = lengthPrefixed(bytes, at);
        at += 4 + part.length;
        ranges.push(receiveRange(info, part));
      }
      if (at !== bytes.length) throw invalidBinary();
      return new MultirangeValue(info, ranges);
    },
    send: (value, writer) => {
      writer.int32(value.ranges.length);
      for (const range of value.ranges) {
        const start = writer.begin();
        sendRange(range, writer);
        writer.end(start);
      }
    },
  });
}

function writeStored(writer: ByteWriter, range: RangeValue): void {
  writer.int32(range.rangeType);
  writer.int32(range.subtype);
  writer.uint8(flagsOf(range));
  const codec = valueCodec(range.subtype);
  for (const bound of [range.lower, range.upper]) {
    if (bound === null) continue;
    const inner = new ByteWriter(64);
    codec.write(inner, bound);
    writer.int32(inner.position);
    writer.bytes(inner.view());
  }
}

function readStored(buffer: Buffer, start: number): { range: RangeValue; end: number } {
  const info = { rangeType: buffer.readUInt32BE(start), subtype: buffer.readUInt32BE(start + 4) };
  const codec = valueCodec(info.subtype);
  let at = start + 9;
  const range = readRange(info, buffer[start + 8], () => {
    const from = at + 4;
    at = from + buffer.readUInt32BE(at);
    return codec.read(buffer, from, at);
  });
  return { range, end: at };
}

function rangeKey(range: RangeValue): string {
  if (range.isEmpty) return '\x00';
  // Keys tell what is equal; they are in the order of bytes.
  const { subtype, collation } = rangeInfoOf(range.rangeType)!;
  const compared =
    collation === undefined
      ? { oid: subtype, typmod: -1 }
      : { oid: subtype, typmod: -1, collation };
  const encode = valueKeyEncoder(equalityType(compared));
  const lower =
    range.lower === null
      ? '\x00'
      : `\x01${encode(range.lower)}${range.lowerInclusive ? '\x01' : '\x02'}`;
  const upper =
    range.upper === null
      ? '\x02'
      : `\x01${encode(range.upper)}${range.upperInclusive ? '\x01' : '\x00'}`;
  return `\x01${lower}${upper}`;
}

function rangeHashKey(range: RangeValue): string {
  if (range.isEmpty) return 'empty';
  const order = boundOrder(range.rangeType);
  const part = (bound: Datum): string =>
    bound === null ? '' : JSON.stringify(String(order.hashKey(bound)));
  return `${flagsOf(range)}${part(range.lower)},${part(range.upper)}`;
}

const rangeOrder = { compare: compareRanges, hashKey: rangeHashKey, encodeKey: rangeKey };
const multirangeOrder = {
  compare: compareMultiranges,
  hashKey: (value: MultirangeValue) => value.ranges.map(rangeHashKey).join(';'),
  encodeKey: (value: MultirangeValue) =>
    `${value.ranges.map((range) => `\x01${rangeKey(range)}`).join('')}\x00`,
};

const rangeCodec = {
  write: writeStored,
  read: (buffer: Buffer, start: number) => readStored(buffer, start).range,
};
const multirangeCodec = {
  write: (writer: ByteWriter, value: MultirangeValue): void => {
    writer.int32(value.multirangeType);
    writer.int32(value.rangeType);
    writer.int32(value.subtype);
    for (const range of value.ranges) writeStored(writer, range);
  },
  read: (buffer: Buffer, start: number, end: number): MultirangeValue => {
    const types = {
      multirangeType: buffer.readUInt32BE(start),
      rangeType: buffer.readUInt32BE(start + 4),
      subtype: buffer.readUInt32BE(start + 8),
    };
    const ranges: RangeValue[] = [];
    for (let at = start + 12; at < end;) {
      const stored = readStored(buffer, at);
      ranges.push(stored.range);
      at = stored.end;
    }
    return new MultirangeValue(types, ranges);
  },
};

function rangeValueTypes(info: RangeInfo): AnyValueType[] {
  return [
    valueType<RangeValue>({
      oid: info.rangeType,
      io: rangeIo(info),
      codec: rangeCodec,
      order: rangeOrder,
    }),
    valueType<MultirangeValue>({
      oid: info.multirangeType,
      io: multirangeIo(info),
      codec: multirangeCodec,
      order: multirangeOrder,
    }),
  ];
}

/** Values know their types; these serve whoever has lost sight of the exact one. */
function anyType(oid: number, type: AnyValueType): AnyValueType {
  const refuse = (): never => {
    throw databaseError(
      'featureNotSupported',
      `cannot accept a value of type ${typeDisplayName(oid) ?? oid}`,
    );
  };
  return { ...type, oid, io: { ...type.io, input: refuse, receive: refuse } };
}

/** Makes a user's range type and its multirange type known. Both oids are never used again. */
export function defineRangeType(info: RangeInfo): void {
  registerRangeType(info);
  registerValueTypes(rangeValueTypes(info));
}

const [anyRange, anyMultirange] = rangeValueTypes(builtinRangeTypes[0]);

export const rangeTypes: readonly AnyValueType[] = [
  ...builtinRangeTypes.flatMap(rangeValueTypes),
  anyType(TypeOid.anyrange, anyRange),
  anyType(TypeOid.anymultirange, anyMultirange),
];
