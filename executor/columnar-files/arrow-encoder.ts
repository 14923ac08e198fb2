// COPY TO in Arrow's IPC stream format: a schema message, then a record batch at a time.

import {
  AsyncByteQueue,
  Binary,
  Bool,
  DateDay,
  Decimal,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
  type Data,
  type DataType,
} from 'apache-arrow';
import { ByteWriter, writeUuid, type Datum, type FormatSettings } from '#common';
import { ColumnGroups } from './column-groups.ts';
import type { FileColumn } from './rows-encoder.ts';
import {
  scaledDecimal,
  storedDays,
  storedForm,
  storedMicros,
  textOf,
  type StoredForm,
} from './stored-forms.ts';

export class ArrowEncoder extends ColumnGroups {
  private readonly schema: Schema;
  private readonly output = new DrainedQueue();
  private readonly writer = new RecordBatchStreamWriter();
  private readonly columns: readonly {
    readonly form: StoredForm;
    readonly type: DataType;
    readonly text: (value: Datum) => string;
  }[];

  constructor(columns: readonly FileColumn[], settings: FormatSettings) {
    super(columns.length);
    this.columns = columns.map(({ type }) => {
      const form = storedForm(type);
      return { form, type: arrowType(form), text: textOf(type, settings) };
    });
    this.schema = new Schema(
      columns.map(({ name }, index) => new Field(name, this.columns[index].type, true)),
    );
    this.writer.reset(this.output, this.schema);
  }

  header(): Uint8Array {
    return this.output.drain();
  }

  protected encodeGroup(groups: readonly (readonly Datum[])[]): Uint8Array {
    const children = groups.map((values, index) => {
      const { form, type, text } = this.columns[index];
      return columnData(values, form, type, text);
    });
    const data = makeData({
      type: new Struct(this.schema.fields),
      length: groups[0].length,
      children,
    });
    this.writer.write(new RecordBatch(this.schema, data));
    return this.output.drain();
  }

  protected end(): Uint8Array {
    this.writer.finish();
    return this.output.drain();
  }
}

/** Keeps what has been written until it is taken away. */
class DrainedQueue extends AsyncByteQueue {
  private chunks: Buffer[] = [];

  override write(value: Uint8Array | ArrayBufferView | ArrayBuffer | string): void {
    if (typeof value === 'string') this.chunks.push(Buffer.from(value));
    else if (ArrayBuffer.isView(value))
      this.chunks.push(
        Buffer.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
      );
    else this.chunks.push(Buffer.from(new Uint8Array(value)));
  }
  drain(): Uint8Array {
    const bytes = Buffer.concat(this.chunks);
    this.chunks = [];
    return bytes;
  }
}

function arrowType(form: StoredForm): DataType {
  switch (form.kind) {
    case 'boolean':
      return new Bool();
    case 'integer':
      return form.bits === 64 ? new Int64() : form.bits === 32 ? new Int32() : new Int16();
    case 'float4':
      return new Float32();
    case 'float8':
      return new Float64();
    case 'decimal':
      return new Decimal(form.scale, form.precision, 128);
    case 'date':
      return new DateDay();
    case 'time':
      return new TimeMicrosecond();
    case 'timestamp':
      return new TimestampMicrosecond(form.zoned ? 'UTC' : null);
    case 'bytes':
      return new Binary();
    case 'uuid':
      return new FixedSizeBinary(16);
    case 'text':
      return new Utf8();
  }
}

/** Buffers as the format wants them: validity bits, then values, or offsets and values. */
function columnData(
  values: readonly Datum[],
  form: StoredForm,
  type: DataType,
  text: (value: Datum) => string,
): Data {
  const { length } = values;
  const nullBitmap = new Uint8Array((length + 7) >> 3);
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (values[row] === null) nullCount++;
    else nullBitmap[row >> 3] |= 1 << (row & 7);
  }
  const base = { length, nullCount, nullBitmap };
  if (form.kind === 'text' || form.kind === 'bytes') {
    const { offsets, bytes } = variableValues(values, form.kind === 'text' ? text : undefined);
    const shape = { ...base, valueOffsets: offsets, data: bytes };
    return form.kind === 'text'
      ? makeData({ type: type as Utf8, ...shape })
      : makeData({ type: type as Binary, ...shape });
  }
  // The type is one of fixed width, whose data are a typed array.
  return makeData({ type: type as Int32, ...base, data: fixedValues(values, form) as Int32Array });
}

function variableValues(
  values: readonly Datum[],
  text: ((value: Datum) => string) | undefined,
): { readonly offsets: Int32Array; readonly bytes: Uint8Array } {
  const writer = new ByteWriter(65_536);
  const offsets = new Int32Array(values.length + 1);
  for (const [row, value] of values.entries()) {
    if (value !== null) {
      if (text === undefined) writer.bytes(value as Uint8Array);
      else writer.text(text(value));
    }
    offsets[row + 1] = writer.position;
  }
  return { offsets, bytes: Uint8Array.from(writer.view()) };
}

function fixedValues(
  values: readonly Datum[],
  form: Exclude<StoredForm, { readonly kind: 'text' | 'bytes' }>,
): ArrayBufferView {
  const { length } = values;
  switch (form.kind) {
    case 'boolean': {
      const bits = new Uint8Array((length + 7) >> 3);
      for (const [row, value] of values.entries())
        if (value === true) bits[row >> 3] |= 1 << (row & 7);
      return bits;
    }
    case 'integer':
      if (form.bits === 64) return bigIntegers(values, (value) => BigInt(value as number | bigint));
      return numbers(values, form.bits === 32 ? new Int32Array(length) : new Int16Array(length));
    case 'float4':
      return numbers(values, new Float32Array(length));
    case 'float8':
      return numbers(values, new Float64Array(length));
    case 'date':
      return numbers(
        values.map((value) => (value === null ? null : storedDays(value))),
        new Int32Array(length),
      );
    case 'time':
      return bigIntegers(values, (value) => BigInt(value as number));
    case 'timestamp':
      return bigIntegers(values, storedMicros);
    case 'decimal':
      return decimals(values, form.scale);
    case 'uuid':
      return uuids(values);
  }
}

function numbers<Values extends Int16Array | Int32Array | Float32Array | Float64Array>(
  values: readonly Datum[],
  into: Values,
): Values {
  for (const [row, value] of values.entries()) into[row] = value === null ? 0 : (value as number);
  return into;
}

function bigIntegers(values: readonly Datum[], convert: (value: Datum) => bigint): BigInt64Array {
  return BigInt64Array.from(values, (value) => (value === null ? 0n : convert(value)));
}

/** 128 bits each, two's complement, least part first. */
function decimals(values: readonly Datum[], scale: number): Uint32Array {
  const halves = new BigInt64Array(values.length * 2);
  for (const [row, value] of values.entries()) {
    const scaled = value === null ? 0n : scaledDecimal(value, scale);
    halves[2 * row] = BigInt.asIntN(64, scaled);
    halves[2 * row + 1] = scaled >> 64n;
  }
  return new Uint32Array(halves.buffer);
}

function uuids(values: readonly Datum[]): Uint8Array {
  const writer = new ByteWriter(values.length * 16);
  for (const value of values)
    writeUuid(writer, (value as string | null) ?? '00000000-0000-0000-0000-000000000000');
  return Uint8Array.from(writer.view());
}
