// Where the input columns of an expression come from while a pipeline's code is generated: a vector,
// read at a place that a variable holds, or an expression of an earlier projection.

import {
  blockRows,
  type DatumVector,
  type Dictionary,
  type Expression,
  type Vector,
} from '#common';
import { type BlockFrame, type CodeWriter } from './code-writer.ts';
import { type CompiledValue, datumValue } from './compiled-value.ts';
import type { VectorShape } from './vector-shape.ts';

export interface VectorBinding {
  readonly kind: 'vector';
  readonly shape: VectorShape;
  readonly resolve: (frame: BlockFrame) => Vector | undefined;
  /** The variable that holds the row's place. */
  readonly place: string;
  /** The place may be -1: then every column is null (the missing side of an outer join). */
  readonly mayMiss: boolean;
}

export interface ExpressionBinding {
  readonly kind: 'expression';
  readonly expression: Expression;
  readonly columns: ColumnBindings;
}

export type ColumnBinding = VectorBinding | ExpressionBinding;

/** By ordinal; columns that nobody reads are undefined. */
export type ColumnBindings = readonly (ColumnBinding | undefined)[];

/** The value of a vector at the row's place. */
export function loadVector(binding: VectorBinding, writer: CodeWriter): CompiledValue {
  const key = binding.place;
  const known = writer.known(binding, key);
  if (known !== undefined) return known;
  const value = load(binding, writer);
  writer.remember(binding, key, value);
  return value;
}

function load(binding: VectorBinding, writer: CodeWriter): CompiledValue {
  const { shape, place, mayMiss, resolve } = binding;
  if (shape.kind === 'null') return datumValue('null');
  const safePlace = mayMiss ? writer.declare(`${place} < 0 ? 0 : ${place}`) : place;
  if (shape.kind === 'datum' && shape.joined && !mayMiss) return loadText(binding, writer);
  if (shape.kind === 'datum' && shape.wide && !mayMiss) return loadWide(binding, writer);
  if (shape.kind === 'datum') {
    const values = writer.bind((frame) => (resolve(frame) as { values: unknown }).values);
    const loaded = `${values}[${safePlace}]`;
    return datumValue(writer.declare(mayMiss ? `${place} < 0 ? null : ${loaded}` : loaded));
  }
  const isNull = loadNull(binding, safePlace, writer);
  if (shape.kind === 'dictionary') {
    const codes = writer.bind((frame) => (resolve(frame) as { codes: unknown }).codes);
    const resolveDictionary = (frame: BlockFrame): Dictionary =>
      (resolve(frame) as { dictionary: Dictionary }).dictionary;
    const dictionary = writer.bind(resolveDictionary);
    const code = writer.declare(`${codes}[${safePlace}]`);
    return {
      kind: 'dictionary',
      code,
      isNull,
      dictionary,
      resolve: resolveDictionary,
      isLate: shape.late,
    };
  }
  const values = writer.bind((frame) => (resolve(frame) as { values: unknown }).values);
  if (shape.kind === 'boolean') {
    const loaded = `${values}[${safePlace}] !== 0`;
    const code = writer.declare(isNull === undefined ? loaded : `!${isNull} && ${loaded}`);
    return { kind: 'boolean', code, isNull };
  }
  const code = writer.declare(`${values}[${safePlace}]`);
  if (shape.kind !== 'integer') return { kind: 'float', code, isNull };
  const { scale, min, max } = shape;
  return { kind: 'integer', code, isNull, scale, min, max };
}

/** A text that becomes a string only where code asks for its value. */
function loadText({ shape, place, resolve }: VectorBinding, writer: CodeWriter): CompiledValue {
  let values: string | undefined;
  let isNull = 'false';
  if (shape.kind === 'datum' && shape.nulls) {
    const nulls = writer.bind((frame) => nullsOfTexts(resolve(frame) as DatumVector));
    isNull = writer.declare(`${nulls}[${place}] !== 0`);
  }
  return {
    kind: 'datum',
    isNull,
    get code() {
      values ??= writer.bind((frame) => (resolve(frame) as DatumVector).values);
      return `${values}[${place}]`;
    },
    joined: () => {
      const texts = writer.bind((frame) => (resolve(frame) as DatumVector).texts);
      return `${texts}, ${place}`;
    },
    text: (texts) => {
      const base = writer.bind((frame) => texts.baseOf(resolve(frame) as DatumVector));
      const vector = writer.bind(resolve);
      const add = `${writer.bindObject(texts)}.add(${vector}.values[${place}])`;
      return `${base} === 0 ? ${add} : ${base} + ${place}`;
    },
  };
}

/** A number that becomes a Datum only where code asks for its value. */
function loadWide({ shape, place, resolve }: VectorBinding, writer: CodeWriter): CompiledValue {
  const wide = writer.bind((frame) => (resolve(frame) as DatumVector).wide);
  const hasNulls = shape.kind === 'datum' && shape.nulls;
  const marks = hasNulls
    ? writer.bind((frame) => (resolve(frame) as DatumVector).wide!.nulls ?? noNulls(blockRows))
    : undefined;
  const isNull = marks === undefined ? 'false' : writer.declare(`${marks}[${place}] !== 0`);
  const value = `${wide}.at(${place})`;
  return {
    kind: 'datum',
    isNull,
    code: marks === undefined ? value : `(${isNull} ? null : ${value})`,
    wide: () => `${wide}, ${place}`,
  };
}

function nullsOfTexts({ texts }: DatumVector): Uint8Array {
  return texts!.nulls ?? noNulls(texts!.ends.length);
}

function loadNull(
  binding: VectorBinding,
  safePlace: string,
  writer: CodeWriter,
): string | undefined {
  const { shape, place, mayMiss, resolve } = binding;
  const hasNulls = 'nulls' in shape && shape.nulls;
  const missing = `${place} < 0`;
  if (!hasNulls) return mayMiss ? writer.declare(missing) : undefined;
  const nulls = writer.bind((frame) => nullsOf(resolve(frame)!));
  const marked = `${nulls}[${safePlace}] !== 0`;
  return writer.declare(mayMiss ? `${missing} || ${marked}` : marked);
}

let zeros = new Uint8Array(8192);

/** The null marks of a vector, all zero when it has none. */
function nullsOf(vector: Vector): Uint8Array {
  if ('nulls' in vector && vector.nulls !== undefined) return vector.nulls;
  const length = vector.kind === 'dictionary' ? vector.codes.length : vector.values.length;
  return noNulls(length);
}

function noNulls(length: number): Uint8Array {
  if (zeros.length < length) zeros = new Uint8Array(length * 2);
  return zeros;
}
