// What generated code knows of one SQL value in one row. `code` and `isNull` are names or literals, so
// using them twice costs nothing. Where `isNull` is true, `code` is some value of the right kind (false
// for booleans). Integers are scaled by 10^scale and lie within min .. max wherever they are not null.

import { type Datum, type Dictionary, Numeric, TypeOid } from '#common';
import type { BlockFrame, CodeWriter } from './code-writer.ts';
import type { LateTexts } from './late-texts.ts';

export interface IntegerValue {
  readonly kind: 'integer';
  readonly code: string;
  readonly isNull: string | undefined;
  readonly scale: number;
  readonly min: number;
  readonly max: number;
  /** Numerics whose display scale differs by row: a name for it; it is never above `scale`. */
  readonly display?: string | undefined;
}

export interface FloatValue {
  readonly kind: 'float';
  readonly code: string;
  readonly isNull: string | undefined;
}

export interface BooleanValue {
  readonly kind: 'boolean';
  readonly code: string;
  readonly isNull: string | undefined;
}

/** An entry of a dictionary: `code` is its place, `dictionary` names the Dictionary. */
export interface DictionaryValue {
  readonly kind: 'dictionary';
  readonly code: string;
  readonly isNull: string | undefined;
  readonly dictionary: string;
  readonly resolve: (frame: BlockFrame) => Dictionary;
  /** Entries are texts that are not strings yet. */
  readonly isLate?: boolean;
}

/** Any value, null inline. */
export interface DatumValue {
  readonly kind: 'datum';
  readonly code: string;
  readonly isNull: string;
  /** Of a text in a block that is no string yet, and becomes one where `code` is used: an expression for its place. */
  readonly text?: (texts: LateTexts) => string;
  /** The same: names for the texts of the block and its place among them, apart by a comma. */
  readonly joined?: () => string;
  /** Of an int8 in halves: names for the block's numbers and its place among them, apart by a comma. */
  readonly wide?: () => string;
}

export type CompiledValue = IntegerValue | FloatValue | BooleanValue | DictionaryValue | DatumValue;

export function datumValue(code: string): DatumValue {
  return { kind: 'datum', code, isNull: `(${code} === null)` };
}

/** An expression for the value as a Datum. */
export function datumCode(value: CompiledValue, typeOid: number, writer: CodeWriter): string {
  let code: string;
  switch (value.kind) {
    case 'datum':
      return value.code;
    case 'dictionary':
      code = `${value.dictionary}.values[${value.code}]`;
      break;
    case 'integer':
      code =
        typeOid === TypeOid.numeric
          ? value.display === undefined
            ? `${writer.bindObject(makeNumeric)}(${value.code}, ${value.scale})`
            : `${writer.bindObject(shortNumeric)}(${value.code}, ${value.scale}, ${value.display})`
          : value.code;
      break;
    default:
      code = value.code;
  }
  return value.isNull === undefined ? code : `(${value.isNull} ? null : ${code})`;
}

function makeNumeric(coefficient: number, scale: number): Numeric {
  return new Numeric(coefficient, scale);
}

/** The trailing digits past the display scale are zeros. */
function shortNumeric(coefficient: number, scale: number, display: number): Numeric {
  return new Numeric(coefficient / 10 ** (scale - display), display);
}

/** Types whose values are whole numbers in vectors, with their bounds. */
const integerBounds = new Map<number, readonly [number, number]>([
  [TypeOid.int2, [-32768, 32767]],
  [TypeOid.int4, [-2147483648, 2147483647]],
  [TypeOid.oid, [0, 4294967295]],
]);

/** Types whose Datum is always a number within these bounds; undefined for all others. */
export function numberBounds(typeOid: number): readonly [number, number] | undefined {
  return integerBounds.get(typeOid);
}

/** Types whose non-null values are whole numbers, but for infinities and wide ones. */
export const wholeNumberTypes: ReadonlySet<number> = new Set([
  TypeOid.int2,
  TypeOid.int4,
  TypeOid.int8,
  TypeOid.oid,
  TypeOid.date,
  TypeOid.time,
  TypeOid.timestamp,
  TypeOid.timestamptz,
]);

export const floatTypes: ReadonlySet<number> = new Set([TypeOid.float4, TypeOid.float8]);

/** A datum as scaled integer with its scale; undefined when it is none. */
export function scaledInteger(
  value: Datum,
  typeOid: number,
): { readonly value: number; readonly scale: number } | undefined {
  if (typeOid === TypeOid.numeric) {
    const numeric = value as Numeric;
    if (numeric.scale < 0 || typeof numeric.coefficient !== 'number') return undefined;
    return { value: numeric.coefficient, scale: numeric.scale };
  }
  if (!wholeNumberTypes.has(typeOid) || !Number.isSafeInteger(value)) return undefined;
  return { value: value as number, scale: 0 };
}
