// Values, batches, plans and errors in the form in which they go to another thread.
//
// Plans are plain data but for the values in their constants, whose classes structured clone would
// lose: those are replaced by a wrapper around their bytes. Typed columns are copied (an operator may
// use its arrays again) and the copy's memory is handed over.

import { deserialize, serialize } from 'node:v8';

import {
  ArrayValue,
  type Batch,
  type Column,
  DatabaseError,
  type Datum,
  type DictionaryVector,
  Interval,
  Jsonb,
  Numeric,
  RecordValue,
  type SqlType,
  TimeTz,
  TypedValue,
  type Vector,
  genericColumn,
} from '#common';
import type { PhysicalPlan } from '#planner';
import { entryAt, entryCount } from '../compile/late-texts.ts';
import { VectorBatch } from '../compile/vector-batch.ts';
import { ValueReader, ValueWriter } from '../rows/value-codec.ts';
import type {
  TransferredBatch,
  TransferredColumn,
  TransferredError,
  TransferredVector,
} from './protocol.ts';

const datumClasses = [
  Numeric,
  Interval,
  TimeTz,
  ArrayValue,
  RecordValue,
  Jsonb,
  TypedValue,
] as const;
/** The one key of an object that stands for a value; no plan node has it. */
const wrapperKey = '\u0000value';

export function encodeValues(values: readonly Datum[]): Uint8Array<ArrayBuffer> {
  const writer = new ValueWriter();
  writer.uint32(values.length);
  for (const value of values) writer.value(value);
  // A copy of its own: the writer's memory may belong to a pool.
  return new Uint8Array(writer.finish());
}

export function decodeValues(bytes: Uint8Array): Datum[] {
  const reader = new ValueReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const length = reader.uint32();
  const values: Datum[] = [];
  for (let i = 0; i < length; i++) values.push(reader.value());
  return values;
}

/** undefined: the plan holds something that cannot be sent. */
export function encodePlan(plan: PhysicalPlan): Uint8Array | undefined {
  try {
    return serialize(wrapped(plan, new Map()));
  } catch {
    return undefined;
  }
}

export function decodePlan(bytes: Uint8Array): PhysicalPlan {
  return unwrapped(deserialize(bytes), new Map()) as PhysicalPlan;
}

/** Parts that occur twice stay one object: tables are compiled per descriptor. */
function wrapped(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  let result: unknown;
  if (Array.isArray(value)) result = value.map((item) => wrapped(item, seen));
  else if (datumClasses.some((datumClass) => value instanceof datumClass))
    result = { [wrapperKey]: encodeValues([value as Datum]) };
  else if (Object.getPrototypeOf(value) === Object.prototype) {
    const copy: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(value)) copy[name] = wrapped(part, seen);
    result = copy;
  } else throw new TypeError('a plan is plain data');
  seen.set(value, result);
  return result;
}

function unwrapped(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  let result: unknown;
  if (Array.isArray(value)) result = value.map((item) => unwrapped(item, seen));
  else if (wrapperKey in value) result = decodeValues(value[wrapperKey] as Uint8Array)[0];
  else {
    const copy: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(value)) copy[name] = unwrapped(part, seen);
    result = copy;
  }
  seen.set(value, result);
  return result;
}

/**
 * The columns of the result; `transfer` receives the memory that goes with the message. `givesOwn`: nobody has kept the
 * batch, so what is its own goes as it is, and no ordinal is there twice.
 */
export function encodeBatch(
  batch: Batch,
  ordinals: readonly number[],
  transfer: ArrayBuffer[],
  givesOwn = false,
): TransferredBatch {
  const { length } = batch;
  if (batch instanceof VectorBatch) {
    const isGiven = givesOwn && batch.isOwn;
    const vectors = ordinals.map((ordinal) =>
      encodeVector(batch.vectors[ordinal], length, { transfer, isGiven }),
    );
    return { length, vectors, columns: [] };
  }
  const columns = ordinals.map((ordinal) => encodeColumn(batch.columns[ordinal], length, transfer));
  return { length, columns };
}

/** Typed columns are copied: an operator may use its arrays again. */
function encodeColumn(column: Column, length: number, transfer: ArrayBuffer[]): TransferredColumn {
  if (!Array.isArray(column.values)) {
    const values = column.values.slice(0, length);
    const nulls = column.nulls?.slice(0, length);
    transfer.push(values.buffer);
    if (nulls !== undefined) transfer.push(nulls.buffer);
    return { kind: 'typed', values, nulls, boolean: column.boolean };
  }
  const values = column.values.length === length ? column.values : column.values.slice(0, length);
  return encodePlainColumn(values, transfer);
}

function encodePlainColumn(values: readonly Datum[], transfer: ArrayBuffer[]): TransferredColumn {
  if (isPlain(values)) return { kind: 'plain', values };
  const bytes = encodeValues(values);
  transfer.push(bytes.buffer);
  return { kind: 'encoded', bytes };
}

/** Values for any number of threads. */
export function encodeDatums(values: readonly Datum[]): TransferredColumn {
  return encodePlainColumn(values, []);
}

/** Byte strings are not plain: a clone would take the whole buffer that they lie in. */
function isPlain(
  values: readonly Datum[],
): values is readonly (null | boolean | number | bigint | string)[] {
  for (const value of values) if (typeof value === 'object' && value !== null) return false;
  return true;
}

/** A batch as wide as the plan's root; columns that are no results stay empty. */
export function decodeBatch(transferred: TransferredBatch, plan: PhysicalPlan): Batch {
  const { length, vectors } = transferred;
  const { types } = plan.root;
  if (vectors !== undefined) {
    const decoded: (Vector | undefined)[] = types.map(() => undefined);
    plan.resultOrdinals.forEach((ordinal, i) => (decoded[ordinal] = decodeVector(vectors[i])));
    return new VectorBatch(length, decoded, typeOids(types));
  }
  const columns: Column[] = types.map(() => noColumn);
  plan.resultOrdinals.forEach((ordinal, i) => {
    columns[ordinal] = decodeColumn(transferred.columns[i]);
  });
  return { length, columns };
}

/** A batch of which all columns were sent. */
export function decodeWholeBatch(transferred: TransferredBatch, types: readonly SqlType[]): Batch {
  const { length, vectors, columns } = transferred;
  if (vectors !== undefined)
    return new VectorBatch(length, vectors.map(decodeVector), typeOids(types));
  return { length, columns: columns.map(decodeColumn) };
}

function typeOids(types: readonly SqlType[]): number[] {
  return types.map(({ oid }) => oid);
}

const noColumn: Column = genericColumn([]);

function decodeColumn(column: TransferredColumn): Column {
  switch (column.kind) {
    case 'typed':
      return { values: column.values, nulls: column.nulls, boolean: column.boolean };
    case 'plain':
    case 'encoded':
      return genericColumn(decodeDatums(column));
  }
}

/** What encodeDatums() has made. */
export function decodeDatums(column: TransferredColumn): Datum[] {
  if (column.kind === 'encoded') return decodeValues(column.bytes);
  return column.kind === 'plain' ? (column.values as Datum[]) : [];
}

function encodeVector(
  vector: Vector | undefined,
  length: number,
  { transfer, isGiven }: { readonly transfer: ArrayBuffer[]; readonly isGiven: boolean },
): TransferredVector | undefined {
  if (vector === undefined) return undefined;
  if (vector.kind === 'datum')
    return { kind: 'datum', values: encodePlainColumn(vector.values.slice(0, length), transfer) };
  const nulls = isGiven ? vector.nulls : vector.nulls?.slice(0, length);
  if (nulls !== undefined) transfer.push(nulls.buffer as ArrayBuffer);
  if (vector.kind === 'dictionary') return encodeDictionary(vector, nulls, { length, transfer });
  const values = isGiven ? vector.values : vector.values.slice(0, length);
  transfer.push(values.buffer as ArrayBuffer);
  return { ...vector, values, nulls } as TransferredVector;
}

/** With the entries that the batch has, numbered anew. */
function encodeDictionary(
  { codes, dictionary }: DictionaryVector,
  nulls: Uint8Array | undefined,
  { length, transfer }: { readonly length: number; readonly transfer: ArrayBuffer[] },
): TransferredVector {
  // By code, the place + 1.
  const places = new Int32Array(entryCount(dictionary));
  const used: Datum[] = [];
  const own = new Int32Array(length);
  for (let row = 0; row < length; row++) {
    if (nulls !== undefined && nulls[row] !== 0) continue;
    const code = codes[row];
    if (places[code] === 0) places[code] = used.push(entryAt(dictionary, code));
    own[row] = places[code] - 1;
  }
  // Null places hold code 0, which must be one of the dictionary's.
  if (used.length === 0) used.push(null);
  transfer.push(own.buffer);
  return { kind: 'dictionary', codes: own, nulls, values: encodePlainColumn(used, transfer) };
}

function decodeVector(vector: TransferredVector | undefined): Vector | undefined {
  switch (vector?.kind) {
    case 'dictionary': {
      const { codes, nulls } = vector;
      const dictionary = { values: decodeDatums(vector.values) };
      return { kind: 'dictionary', codes, dictionary, nulls };
    }
    case 'datum':
      return { kind: 'datum', values: decodeDatums(vector.values) };
    default:
      return vector;
  }
}

const errorFields = [
  'position',
  'detail',
  'hint',
  'where',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'severity',
] as const;

export function encodeError(error: unknown): TransferredError {
  if (error instanceof DatabaseError) {
    const fields: Record<string, unknown> = {};
    for (const name of errorFields) if (error[name] !== undefined) fields[name] = error[name];
    return { kind: 'database', sqlState: error.sqlState, message: error.message, fields };
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'internal', name, message, stack: stack ?? '' };
}

export function decodeError(error: TransferredError): Error {
  if (error.kind === 'database')
    return new DatabaseError(error.sqlState, error.message, error.fields);
  // What the stack's depth ends is told by the class.
  const decoded =
    error.name === 'RangeError' ? new RangeError(error.message) : new Error(error.message);
  decoded.stack = error.stack;
  return decoded;
}
