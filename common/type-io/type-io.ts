// Text and binary input and output of every type, by oid. Callers look a type up once (per column,
// per expression) and keep the function.

import { asBuffer } from '../buffer-text.ts';
import { ByteWriter } from '../byte-writer.ts';
import { ArrayValue, RecordValue, type Datum } from '../datum.ts';
import { notSupported } from '../errors.ts';
import type { FormatSettings } from '../format-settings.ts';
import { elementTypeOf, typeByOid } from '../type-registry.ts';
import { TypeOid } from '../types.ts';
import { provideTypeIo, valueTypeByOid } from '../value-types/registry.ts';
import { anyArrayIo, arrayIo, vectorTypes } from './arrays.ts';
import { typeIo, type AnyTypeIo } from './contract.ts';
import { datetimeTypes } from './datetimes.ts';
import { domainIo, enumIo } from './user-types.ts';
import { floatTypes } from './floats.ts';
import { integerTypes } from './integers.ts';
import { objectNameTypes } from './object-names.ts';
import { recordIo } from './records.ts';
import { statisticsTexts } from './statistics-texts.ts';
import { stringTypes } from './strings.ts';

export type TypeInput = (text: string, typmod: number, settings: FormatSettings) => Datum;
export type TypeOutput = (value: Datum, settings: FormatSettings) => string;
export type TypeReceive = (bytes: Uint8Array, typmod: number) => Datum;
export type TypeSend = (value: Datum) => Uint8Array;
/** Appends a field of a DataRow: int32 length, then the bytes; -1 for null. */
export type FieldWriter = (value: Datum, writer: ByteWriter, settings: FormatSettings) => void;

const table = new Map<number, AnyTypeIo>([
  ...integerTypes,
  ...floatTypes,
  ...stringTypes,
  ...datetimeTypes,
  ...objectNameTypes,
]);

/** Never fails; a type that we do not have answers 0A000 when a value is read or written. */
export function typeIoOf(oid: number): AnyTypeIo {
  let io = table.get(oid);
  if (io === undefined) {
    io = makeIo(oid);
    // User types come and go with their oids; only built-in ones are kept.
    if (oid < 16384) table.set(oid, io);
  }
  return io;
}

provideTypeIo(typeIoOf);
for (const [oid, io] of vectorTypes(typeIoOf)) table.set(oid, io);
table.set(TypeOid.anyarray, anyArrayIo(typeIoOf));
for (const [oid, io] of statisticsTexts) table.set(oid, io);
table.set(TypeOid.record, recordIo(TypeOid.record, typeIoOf));

function makeIo(oid: number): AnyTypeIo {
  const element = elementTypeOf(oid);
  if (element !== 0) return arrayIo(element, typeIoOf);
  if (oid >= 16384 && valueTypeByOid(oid) === undefined) {
    const kind = typeByOid(oid)?.kind;
    if (kind === 'enum') return enumIo(oid);
    return kind === 'domain' ? domainIo(oid, typeIoOf) : userTypeIo(oid);
  }
  const own = valueTypeByOid(oid)?.io;
  if (own !== undefined) return own;
  const name = typeByOid(oid)?.name ?? `oid ${oid}`;
  const refuse = (): never => {
    throw notSupported(`type ${name}`);
  };
  return { input: refuse, output: refuse, receive: refuse, send: refuse };
}

/** Row types of tables, and arrays of them: values know their own shape. */
function userTypeIo(oid: number): AnyTypeIo {
  const record = recordIo(oid, typeIoOf);
  const ioOfValue = (value: Datum): AnyTypeIo => {
    if (value instanceof ArrayValue) return arrayIo(value.elementType, typeIoOf);
    return value instanceof RecordValue ? record : typeIoOf(TypeOid.text);
  };
  return typeIo<Datum>({
    input: (text, typmod, settings) => record.input(text, typmod, settings),
    output: (value, settings) => ioOfValue(value).output(value, settings),
    receive: (bytes, typmod) => record.receive(bytes, typmod),
    send: (value, writer) => ioOfValue(value).send(value, writer),
  });
}

export function typeInput(oid: number): TypeInput {
  return typeIoOf(oid).input;
}

export function typeOutput(oid: number): TypeOutput {
  return typeIoOf(oid).output;
}

export function typeReceive(oid: number): TypeReceive {
  const { receive } = typeIoOf(oid);
  return (bytes, typmod) => receive(asBuffer(bytes), typmod);
}

export function typeSend(oid: number): TypeSend {
  const { send } = typeIoOf(oid);
  return (value) => {
    const writer = new ByteWriter(64);
    send(value, writer);
    return new Uint8Array(writer.view());
  };
}

const textWriters = new Map<number, FieldWriter>();
const binaryWriters = new Map<number, FieldWriter>();

export function writeText(oid: number): FieldWriter {
  let field = textWriters.get(oid);
  if (field === undefined) {
    field = makeTextWriter(typeIoOf(oid));
    if (oid < 16384) textWriters.set(oid, field);
  }
  return field;
}

export function writeBinary(oid: number): FieldWriter {
  let field = binaryWriters.get(oid);
  if (field === undefined) {
    field = makeBinaryWriter(typeIoOf(oid));
    if (oid < 16384) binaryWriters.set(oid, field);
  }
  return field;
}

function makeTextWriter(io: AnyTypeIo): FieldWriter {
  const { output } = io;
  const append =
    io.writeText ??
    ((value: Datum, writer: ByteWriter, settings: FormatSettings): void =>
      writer.text(output(value, settings)));
  return (value, writer, settings) => {
    if (value === null) {
      writer.int32(-1);
      return;
    }
    const start = writer.begin();
    append(value, writer, settings);
    writer.end(start);
  };
}

function makeBinaryWriter(io: AnyTypeIo): FieldWriter {
  const { send } = io;
  return (value, writer) => {
    if (value === null) {
      writer.int32(-1);
      return;
    }
    const start = writer.begin();
    send(value, writer);
    writer.end(start);
  };
}
