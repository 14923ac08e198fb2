// Rows as bytes. The layout of a TupleVersion is compiled once: fixed-width columns stand at constant
// offsets, columns of variable length find their place through a table of end offsets, so any column
// is read without looking at the others and without a view per row: readers take (buffer, start, end).
//
//   offset  bytes
//   0       1       flags: 1 wide offsets, 2 valid period, 4 provenance id, 8 text beyond ASCII
//   1       2       tuple version
//   3       16      valid-from, valid-to: int64 microseconds since 1970     (flag 2)
//   .       8       provenance id: int64                                    (flag 4)
//   .       n/8     null bitmap, one bit a column, set: null
//   .       f       fixed-width columns in stored order (nulls keep their room, zeroed)
//   .       2v|4v   end of each variable column, relative to the first's start (4 bytes: flag 1)
//   .       ...     variable columns
//
// Integers are big-endian. Value forms are in value-codec.ts.

import { latin1Text, utf8Text } from './buffer-text.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Datum } from './datum.ts';
import type { TupleVersion } from './schema.ts';
import { readInt32, readInt64, valueCodec, writeInt64, type ValueCodec } from './value-codec.ts';
import { TypeOid } from './types.ts';

const flagWide = 1;
const flagValid = 2;
const flagProvenance = 4;
const flagBeyondAscii = 8;
const headerLengths = [3, 3, 19, 19, 11, 11, 27, 27] as const;
const narrowMax = 65535;

export interface TupleHeader {
  /** Microseconds since 1970; both or neither. */
  readonly validFrom?: number;
  readonly validTo?: number;
  readonly provenance?: number;
}

export type ColumnReader = (buffer: Buffer, start: number, end: number) => Datum;

/** Where each column of a version stands; what the compiled readers of tuple-readers.ts close over. */
export interface ColumnPlace {
  readonly position: number;
  readonly typeOid: number;
  readonly codec: ValueCodec;
  readonly nullByte: number;
  readonly nullBit: number;
  /** Fixed: offset from the end of the header. Variable: ordinal among variable columns. */
  readonly offset: number;
}

/** Which tuple version a row was written under. */
export function tupleVersionOf(buffer: Uint8Array, start: number): number {
  return (buffer[start + 1] << 8) | buffer[start + 2];
}

/** Header fields, for those who need them; scans do not. */
export function tupleHeader(buffer: Uint8Array, start: number): TupleHeader {
  const flags = buffer[start];
  let at = start + 3;
  let validFrom: number | undefined;
  let validTo: number | undefined;
  if ((flags & flagValid) !== 0) {
    validFrom = Number(readInt64(buffer, at));
    validTo = Number(readInt64(buffer, at + 8));
    at += 16;
  }
  const provenance = (flags & flagProvenance) !== 0 ? Number(readInt64(buffer, at)) : undefined;
  return {
    ...(validFrom !== undefined && validTo !== undefined ? { validFrom, validTo } : undefined),
    ...(provenance !== undefined ? { provenance } : undefined),
  };
}

/** Does the row say when it is valid? */
export function hasValidPeriod(buffer: Uint8Array, start: number): boolean {
  return (buffer[start] & flagValid) !== 0;
}

/** Start of the null bitmap. */
export function tupleBody(buffer: Uint8Array, start: number): number {
  const flags = buffer[start];
  return (flags & 6) === 0 ? start + 3 : start + headerLengths[flags & 7];
}

const scratch = new ByteWriter(65536);

export class TupleLayout {
  readonly version: number;
  readonly columns: readonly ColumnPlace[];
  readonly readers: readonly ColumnReader[];
  /** Where the table of offsets begins, from the null bitmap on. */
  readonly fixedEnd: number;
  readonly variableCount: number;
  private readonly bitmapBytes: number;
  private readonly fixedBytes: number;
  private readonly fixedColumns: readonly ColumnPlace[];
  private readonly variableColumns: readonly ColumnPlace[];

  constructor(version: TupleVersion) {
    const bitmapBytes = (version.columns.length + 7) >> 3;
    const columns: ColumnPlace[] = [];
    let fixedEnd = bitmapBytes;
    let variableCount = 0;
    for (const [position, column] of version.columns.entries()) {
      const codec = valueCodec(column.type.oid);
      const offset = codec.width === 0 ? variableCount++ : fixedEnd;
      fixedEnd += codec.width;
      const typeOid = column.type.oid;
      const nullBit = 1 << (position & 7);
      columns.push({ position, typeOid, codec, nullByte: position >> 3, nullBit, offset });
    }
    this.version = version.version;
    this.columns = columns;
    this.fixedEnd = fixedEnd;
    this.variableCount = variableCount;
    this.bitmapBytes = bitmapBytes;
    this.fixedBytes = fixedEnd - bitmapBytes;
    this.fixedColumns = columns.filter((column) => column.codec.width !== 0);
    this.variableColumns = columns.filter((column) => column.codec.width === 0);
    this.readers = columns.map((column) => columnReader(column, fixedEnd, variableCount));
  }

  /** Encodes values in stored order. The result is the caller's. */
  encode(values: readonly Datum[], header?: TupleHeader): Buffer {
    if (!this.encodeInto(values, header, 0)) this.encodeInto(values, header, flagWide);
    const tuple = Buffer.allocUnsafe(scratch.position);
    scratch.buffer.copy(tuple, 0, 0, scratch.position);
    return tuple;
  }

  /** False when the offsets do not fit in two bytes. */
  private encodeInto(
    values: readonly Datum[],
    header: TupleHeader | undefined,
    wide: number,
  ): boolean {
    const writer = scratch;
    writer.reset();
    this.encodeHeader(writer, header, wide);
    const tableBytes = this.variableColumns.length * (wide === 0 ? 2 : 4);
    writer.ensure(this.bitmapBytes + this.fixedBytes + tableBytes);
    this.encodeNulls(writer, values);
    for (const column of this.fixedColumns) {
      const value = values[column.position]!;
      if (value !== null) column.codec.write(writer, value);
      else {
        writer.buffer.fill(0, writer.position, writer.position + column.codec.width);
        writer.position += column.codec.width;
      }
    }
    let table = writer.position;
    writer.position += tableBytes;
    const data = writer.position;
    let characters = 0;
    let textBytes = 0;
    for (const column of this.variableColumns) {
      const value = values[column.position]!;
      if (value !== null) {
        const before = writer.position;
        column.codec.write(writer, value);
        if (typeof value === 'string') {
          characters += value.length;
          textBytes += writer.position - before;
        }
      }
      const end = writer.position - data;
      if (wide !== 0) {
        writer.patchInt32(table, end);
        table += 4;
      } else {
        if (end > narrowMax) return false;
        writer.buffer[table] = end >> 8;
        writer.buffer[table + 1] = end;
        table += 2;
      }
    }
    if (characters !== textBytes) writer.buffer[0] |= flagBeyondAscii;
    return true;
  }

  private encodeHeader(writer: ByteWriter, header: TupleHeader | undefined, wide: number): void {
    const valid = header?.validFrom !== undefined && header.validTo !== undefined;
    const provenance = header?.provenance;
    let flags = wide;
    if (valid) flags |= flagValid;
    if (provenance !== undefined) flags |= flagProvenance;
    writer.uint8(flags);
    writer.int16(this.version);
    if (valid) {
      writeInt64(writer, header.validFrom);
      writeInt64(writer, header.validTo);
    }
    if (provenance !== undefined) writeInt64(writer, provenance);
  }

  private encodeNulls(writer: ByteWriter, values: readonly Datum[]): void {
    const { buffer } = writer;
    let at = writer.position;
    let bits = 0;
    const { length } = this.columns;
    for (let position = 0; position < length; position++) {
      if (values[position] == null) bits |= 1 << (position & 7);
      if ((position & 7) === 7) {
        buffer[at++] = bits;
        bits = 0;
      }
    }
    if ((length & 7) !== 0) buffer[at++] = bits;
    writer.position = at;
  }

  decodeColumn(buffer: Buffer, start: number, end: number, position: number): Datum {
    return this.readers[position](buffer, start, end);
  }

  /** out[k] = column positions[k]. */
  decodeInto(
    buffer: Buffer,
    start: number,
    end: number,
    positions: readonly number[],
    out: Datum[],
  ): void {
    const { readers } = this;
    for (let index = 0; index < positions.length; index++) {
      out[index] = readers[positions[index]](buffer, start, end);
    }
  }

  /** All columns in stored order. */
  decode(buffer: Buffer, start = 0, end = buffer.length): Datum[] {
    const { readers } = this;
    const values: Datum[] = new Array<Datum>(readers.length);
    for (let index = 0; index < readers.length; index++) {
      values[index] = readers[index](buffer, start, end);
    }
    return values;
  }
}

/** One closure per column; each kind is created at one place, so V8 keeps its code monomorphic. */
function columnReader(column: ColumnPlace, fixedEnd: number, variableCount: number): ColumnReader {
  if (column.codec.width === 0) return variableReader(column, fixedEnd, variableCount);
  switch (column.typeOid) {
    case TypeOid.int4:
      return int4Reader(column);
    case TypeOid.int8:
      return int8Reader(column);
    default:
      return fixedReader(column);
  }
}

function int4Reader({ nullByte, nullBit, offset }: ColumnPlace): ColumnReader {
  return (buffer, start) => {
    const body = tupleBody(buffer, start);
    return (buffer[body + nullByte] & nullBit) !== 0 ? null : readInt32(buffer, body + offset);
  };
}

function int8Reader({ nullByte, nullBit, offset }: ColumnPlace): ColumnReader {
  return (buffer, start) => {
    const body = tupleBody(buffer, start);
    return (buffer[body + nullByte] & nullBit) !== 0 ? null : readInt64(buffer, body + offset);
  };
}

function fixedReader({ nullByte, nullBit, offset, codec }: ColumnPlace): ColumnReader {
  const { read, width } = codec;
  return (buffer, start) => {
    const body = tupleBody(buffer, start);
    if ((buffer[body + nullByte] & nullBit) !== 0) return null;
    return read(buffer, body + offset, body + offset + width);
  };
}

function variableReader(
  { nullByte, nullBit, offset, codec, typeOid }: ColumnPlace,
  fixedEnd: number,
  variableCount: number,
): ColumnReader {
  const { read } = codec;
  const isText =
    typeOid === TypeOid.text || typeOid === TypeOid.varchar || typeOid === TypeOid.bpchar;
  return (buffer, start) => {
    const body = tupleBody(buffer, start);
    if ((buffer[body + nullByte] & nullBit) !== 0) return null;
    const flags = buffer[start];
    const table = body + fixedEnd;
    let from = 0;
    let to: number;
    let data: number;
    if ((flags & flagWide) === 0) {
      data = table + variableCount * 2;
      const entry = table + offset * 2;
      if (offset !== 0) from = (buffer[entry - 2] << 8) | buffer[entry - 1];
      to = (buffer[entry] << 8) | buffer[entry + 1];
    } else {
      data = table + variableCount * 4;
      const entry = table + offset * 4;
      if (offset !== 0) from = readInt32(buffer, entry - 4);
      to = readInt32(buffer, entry);
    }
    if (isText) {
      return (flags & flagBeyondAscii) === 0
        ? latin1Text(buffer, data + from, data + to)
        : utf8Text(buffer, data + from, data + to);
    }
    return read(buffer, data + from, data + to);
  };
}

const layouts = new WeakMap<TupleVersion, TupleLayout>();

/** The compiled layout of a version; kept as long as the descriptor lives. */
export function tupleLayout(version: TupleVersion): TupleLayout {
  let layout = layouts.get(version);
  if (layout === undefined) {
    layout = new TupleLayout(version);
    layouts.set(version, layout);
  }
  return layout;
}
