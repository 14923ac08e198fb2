// COPY TO in Parquet: a row group at a time, compressed with Snappy.

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet';
import type { Datum, FormatSettings } from '#common';
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

export class ParquetEncoder extends ColumnGroups {
  private readonly fileColumns: readonly FileColumn[];
  private readonly output = new DrainedWriter();
  private readonly writer: ParquetWriter;
  private readonly convert: readonly ((value: Datum) => unknown)[];

  constructor(columns: readonly FileColumn[], settings: FormatSettings) {
    super(columns.length);
    this.fileColumns = columns;
    const schema: SchemaElement[] = [
      { name: 'schema', num_children: columns.length },
      ...columns.map(({ name, type }) => schemaElement(name, storedForm(type))),
    ];
    this.writer = new ParquetWriter({ writer: this.output, schema, createdBy: 'LatticeDB' });
    this.convert = columns.map(({ type }) =>
      parquetValue(storedForm(type), textOf(type, settings)),
    );
  }

  header(): Uint8Array {
    return this.output.drain();
  }

  protected encodeGroup(columns: readonly (readonly Datum[])[]): Uint8Array {
    const columnData = columns.map((values, index) => ({
      name: this.fileColumns[index].name,
      data: values.map((value) => (value === null ? null : this.convert[index](value))),
    }));
    void this.writer.write({ columnData, rowGroupSize: columns[0].length });
    return this.output.drain();
  }

  protected end(): Uint8Array {
    void this.writer.finish();
    return this.output.drain();
  }
}

/** Keeps what has been written until it is taken away. */
class DrainedWriter extends ByteWriter {
  drain(): Uint8Array {
    const bytes = Buffer.from(new Uint8Array(this.buffer, 0, this.index));
    this.index = 0;
    return bytes;
  }
}

function schemaElement(name: string, form: StoredForm): SchemaElement {
  const base = { name, repetition_type: 'OPTIONAL' } as const;
  switch (form.kind) {
    case 'boolean':
      return { ...base, type: 'BOOLEAN' };
    case 'integer':
      if (form.bits === 64) return { ...base, type: 'INT64' };
      return { ...base, type: 'INT32', converted_type: form.bits === 16 ? 'INT_16' : 'INT_32' };
    case 'float4':
      return { ...base, type: 'FLOAT' };
    case 'float8':
      return { ...base, type: 'DOUBLE' };
    case 'decimal': {
      const { precision, scale } = form;
      const logical_type = { type: 'DECIMAL', precision, scale } as const;
      const decimal = {
        ...base,
        converted_type: 'DECIMAL',
        precision,
        scale,
        logical_type,
      } as const;
      return precision <= 18
        ? { ...decimal, type: 'INT64' }
        : { ...decimal, type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 };
    }
    case 'date':
      return { ...base, type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } };
    case 'time':
      return {
        ...base,
        type: 'INT64',
        logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' },
      };
    case 'timestamp':
      return {
        ...base,
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: form.zoned, unit: 'MICROS' },
      };
    case 'bytes':
      return { ...base, type: 'BYTE_ARRAY' };
    case 'uuid':
      return {
        ...base,
        type: 'FIXED_LEN_BYTE_ARRAY',
        type_length: 16,
        logical_type: { type: 'UUID' },
      };
    case 'text':
      return {
        ...base,
        type: 'BYTE_ARRAY',
        converted_type: 'UTF8',
        logical_type: { type: 'STRING' },
      };
  }
}

function parquetValue(form: StoredForm, text: (value: Datum) => string): (value: Datum) => unknown {
  switch (form.kind) {
    case 'boolean':
    case 'float4':
    case 'float8':
    case 'uuid':
    case 'bytes':
      return (value) => value;
    case 'integer':
      return form.bits === 64 ? (value) => BigInt(value as number | bigint) : (value) => value;
    case 'decimal':
      return (value) => scaledDecimal(value, form.scale);
    case 'date':
      return storedDays;
    case 'time':
      return (value) => BigInt(value as number);
    case 'timestamp':
      return storedMicros;
    case 'text':
      return text;
  }
}
