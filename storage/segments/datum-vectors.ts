// Vectors from plain values: what every other way of making a vector falls back to, and what the types
// without a representation of their own use.

import { type Datum, type IntegerVector, Numeric, TypeOid, type Vector } from '#common';

/** How vectors of a type represent it, when the values allow. */
export type VectorForm = 'integer' | 'float' | 'boolean' | 'numeric' | 'datum';

export function vectorForm(typeOid: number): VectorForm {
  switch (typeOid) {
    case TypeOid.int2:
    case TypeOid.int4:
    case TypeOid.int8:
    case TypeOid.oid:
    case TypeOid.date:
    case TypeOid.time:
    case TypeOid.timestamp:
    case TypeOid.timestamptz:
      return 'integer';
    case TypeOid.numeric:
      return 'numeric';
    case TypeOid.float4:
    case TypeOid.float8:
      return 'float';
    case TypeOid.bool:
      return 'boolean';
    default:
      return 'datum';
  }
}

/** The values of one column in the representation of its type; a DatumVector where that cannot hold them. */
export function datumVector(form: VectorForm, values: readonly Datum[]): Vector {
  switch (form) {
    case 'integer':
      return integersOf(values) ?? { kind: 'datum', values };
    case 'numeric':
      return scaledIntegersOf(values) ?? { kind: 'datum', values };
    case 'float': {
      const nulls = nullsOf(values);
      const floats = Float64Array.from(values, (value) => (value === null ? 0 : (value as number)));
      return { kind: 'float', values: floats, nulls };
    }
    case 'boolean': {
      const nulls = nullsOf(values);
      return {
        kind: 'boolean',
        values: Uint8Array.from(values, (value) => +(value === true)),
        nulls,
      };
    }
    case 'datum':
      return { kind: 'datum', values };
  }
}

/** Whole numbers with their bounds. */
export function integerVector(
  values: Int32Array | Float64Array,
  scale: number,
  nulls: Uint8Array | undefined,
): IntegerVector {
  // Nulls hold 0: the bounds may include it, which is allowed.
  let min = values.length === 0 ? 0 : values[0];
  let max = min;
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  return { kind: 'integer', values, scale, min, max, nulls };
}

/** Reads one value. Numerics are scaled integers, which the vector alone does not tell from whole numbers. */
export function vectorDatum(vector: Vector, i: number, isNumeric: boolean): Datum {
  if (vector.kind === 'datum') return vector.values[i];
  if (vector.nulls !== undefined && vector.nulls[i] !== 0) return null;
  switch (vector.kind) {
    case 'dictionary':
      return vector.dictionary.values[vector.codes[i]];
    case 'boolean':
      return vector.values[i] === 1;
    case 'float':
      return vector.values[i];
    case 'integer':
      return isNumeric ? new Numeric(vector.values[i], vector.scale) : vector.values[i];
  }
}

function integersOf(values: readonly Datum[]): IntegerVector | undefined {
  const { length } = values;
  const numbers = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (value === null) continue;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return undefined;
    numbers[i] = value;
  }
  return integerVector(numbers, 0, nullsOf(values));
}

function scaledIntegersOf(values: readonly Datum[]): IntegerVector | undefined {
  const { length } = values;
  const numbers = new Float64Array(length);
  let scale = -1;
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (value === null) continue;
    const { coefficient, scale: own } = value as Numeric;
    if (scale < 0) scale = own;
    if (typeof coefficient !== 'number' || own < 0 || own !== scale) return undefined;
    numbers[i] = coefficient;
  }
  return integerVector(numbers, Math.max(scale, 0), nullsOf(values));
}

function nullsOf(values: readonly Datum[]): Uint8Array | undefined {
  return values.includes(null)
    ? Uint8Array.from(values, (value) => (value === null ? 1 : 0))
    : undefined;
}
