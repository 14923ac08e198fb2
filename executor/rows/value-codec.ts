// Self-describing binary form of any value, for spill files and messages between threads. It lives as
// long as a statement, so it carries no version.
//
//   tag u8, then: 3 i32 | 4 f64 | 5 decimal text of a bigint | 6 text | 7 bytes | 8 numeric:
//   coefficient, scale | 9 jsonb as text | 10 timetz: micros, zone | 11 interval: months, days,
//   micros | 12 array: element type, dimensions, elements | 13 record: types, names?, fields |
//   14 a value with a class of its own (common/value-codec.ts): length u32, the form's bytes
// Text and bytes are a u32 length and that many bytes; parts of a value are values themselves.

import {
  ArrayValue,
  ByteWriter,
  type Datum,
  Interval,
  Jsonb,
  Numeric,
  RecordValue,
  TimeTz,
  TypedValue,
  typedValueCodec,
} from '#common';

const Tag = {
  null: 0,
  false: 1,
  true: 2,
  int32: 3,
  float64: 4,
  bigint: 5,
  text: 6,
  bytes: 7,
  numeric: 8,
  jsonb: 9,
  timeTz: 10,
  interval: 11,
  array: 12,
  record: 13,
  typed: 14,
} as const;

const initialBytes = 64 * 1024;

export class ValueWriter {
  private buffer = Buffer.allocUnsafe(initialBytes);
  private position = 0;

  finish(): Buffer {
    return this.buffer.subarray(0, this.position);
  }

  uint32(value: number): void {
    this.ensure(4);
    this.position = this.buffer.writeUInt32LE(value, this.position);
  }

  /** Bytes whose length the reader knows. */
  raw(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    this.buffer.set(bytes, this.position);
    this.position += bytes.length;
  }

  value(value: Datum): void {
    switch (typeof value) {
      case 'number':
        this.number(value);
        return;
      case 'string':
        this.text(Tag.text, value);
        return;
      case 'boolean':
        this.tag(value ? Tag.true : Tag.false);
        return;
      case 'bigint':
        this.text(Tag.bigint, value.toString());
        return;
      default:
        if (value === null) this.tag(Tag.null);
        else this.object(value);
    }
  }

  private number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.tag(Tag.int32);
      this.ensure(4);
      this.position = this.buffer.writeInt32LE(value, this.position);
      return;
    }
    this.tag(Tag.float64);
    this.ensure(8);
    this.position = this.buffer.writeDoubleLE(value, this.position);
  }

  private object(value: Exclude<Datum, null | boolean | number | bigint | string>): void {
    if (value instanceof Uint8Array) this.bytes(value);
    else if (value instanceof Numeric) this.parts(Tag.numeric, value.coefficient, value.scale);
    else if (value instanceof Interval)
      this.parts(Tag.interval, value.months, value.days, value.micros);
    else if (value instanceof TimeTz) this.parts(Tag.timeTz, value.micros, value.zoneSeconds);
    else if (value instanceof ArrayValue) this.array(value);
    else if (value instanceof RecordValue) this.record(value);
    else if (value instanceof TypedValue) this.typed(value);
    else this.text(Tag.jsonb, value.toString());
  }

  private typed(value: TypedValue): void {
    const writer = new ByteWriter(256);
    typedValueCodec.write(writer, value);
    this.tag(Tag.typed);
    const bytes = writer.view();
    this.uint32(bytes.length);
    this.raw(bytes);
  }

  private array(array: ArrayValue): void {
    this.tag(Tag.array);
    this.uint32(array.elementType);
    this.uint32(array.dimensions.length);
    for (const dimension of array.dimensions) {
      this.value(dimension.length);
      this.value(dimension.lowerBound);
    }
    this.uint32(array.elements.length);
    for (const element of array.elements) this.value(element);
  }

  private record(record: RecordValue): void {
    this.tag(Tag.record);
    this.uint32(record.fields.length);
    this.tag(record.names === undefined ? Tag.false : Tag.true);
    for (let i = 0; i < record.fields.length; i++) {
      this.uint32(record.types[i]);
      if (record.names !== undefined) this.value(record.names[i]);
      this.value(record.fields[i]);
    }
  }

  private parts(tag: number, ...values: Datum[]): void {
    this.tag(tag);
    for (const value of values) this.value(value);
  }

  private text(tag: number, text: string): void {
    this.tag(tag);
    this.ensure(4 + text.length * 3);
    const written = this.buffer.write(text, this.position + 4, 'utf8');
    this.buffer.writeUInt32LE(written, this.position);
    this.position += 4 + written;
  }

  private bytes(bytes: Uint8Array): void {
    this.tag(Tag.bytes);
    this.uint32(bytes.length);
    this.raw(bytes);
  }

  private tag(tag: number): void {
    this.ensure(1);
    this.buffer[this.position++] = tag;
  }

  private ensure(bytes: number): void {
    const needed = this.position + bytes;
    if (needed <= this.buffer.length) return;
    const next = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(next, 0, 0, this.position);
    this.buffer = next;
  }
}

export class ValueReader {
  private readonly buffer: Buffer;
  private position = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  uint32(): number {
    const value = this.buffer.readUInt32LE(this.position);
    this.position += 4;
    return value;
  }

  /** A copy of so many bytes, at the start of a piece of memory of its own. */
  raw(length: number): ArrayBuffer {
    const copy = new ArrayBuffer(length);
    new Uint8Array(copy).set(this.buffer.subarray(this.position, this.position + length));
    this.position += length;
    return copy;
  }

  value(): Datum {
    const tag = this.buffer[this.position++];
    switch (tag) {
      case Tag.null:
        return null;
      case Tag.false:
        return false;
      case Tag.true:
        return true;
      case Tag.int32:
        this.position += 4;
        return this.buffer.readInt32LE(this.position - 4);
      case Tag.float64:
        this.position += 8;
        return this.buffer.readDoubleLE(this.position - 8);
      case Tag.bigint:
        return BigInt(this.text());
      case Tag.text:
        return this.text();
      case Tag.bytes:
        return this.bytes();
      default:
        return this.object(tag);
    }
  }

  private object(tag: number): Datum {
    switch (tag) {
      case Tag.numeric:
        return new Numeric(this.value() as number | bigint, this.value() as number);
      case Tag.jsonb:
        return Jsonb.fromCanonicalText(this.text());
      case Tag.timeTz:
        return new TimeTz(this.value() as number, this.value() as number);
      case Tag.interval:
        return new Interval(
          this.value() as number,
          this.value() as number,
          this.value() as number | bigint,
        );
      case Tag.array:
        return this.array();
      case Tag.typed:
        return this.typed();
      default:
        return this.record();
    }
  }

  private typed(): Datum {
    const length = this.uint32();
    const start = this.position;
    this.position += length;
    return typedValueCodec.read(this.buffer, start, this.position);
  }

  private array(): ArrayValue {
    const elementType = this.uint32();
    const dimensionCount = this.uint32();
    const dimensions = [];
    for (let i = 0; i < dimensionCount; i++) {
      dimensions.push({ length: this.value() as number, lowerBound: this.value() as number });
    }
    const length = this.uint32();
    const elements: Datum[] = [];
    for (let i = 0; i < length; i++) elements.push(this.value());
    return new ArrayValue(elementType, dimensions, elements);
  }

  private record(): RecordValue {
    const length = this.uint32();
    const named = this.buffer[this.position++] === Tag.true;
    const types: number[] = [];
    const names: string[] = [];
    const fields: Datum[] = [];
    for (let i = 0; i < length; i++) {
      types.push(this.uint32());
      if (named) names.push(this.value() as string);
      fields.push(this.value());
    }
    return new RecordValue(types, fields, named ? names : undefined);
  }

  private text(): string {
    const length = this.uint32();
    this.position += length;
    return this.buffer.toString('utf8', this.position - length, this.position);
  }

  private bytes(): Uint8Array {
    const length = this.uint32();
    this.position += length;
    return new Uint8Array(this.buffer.subarray(this.position - length, this.position));
  }
}
