// Vectors out of datums and of batches' columns: as whole numbers where the values allow it.

import { type Column, type Datum, Numeric, TypeOid, type Vector, columnValue } from '#common';
import { floatTypes, scaledInteger, wholeNumberTypes } from './compiled-value.ts';
import { entryAt } from './late-texts.ts';

export function vectorOf(typeOid: number, values: Datum[]): Vector {
  if (wholeNumberTypes.has(typeOid) || typeOid === TypeOid.numeric)
    return wholeVector(typeOid, values) ?? { kind: 'datum', values };
  const isFloat = floatTypes.has(typeOid);
  if (!isFloat && typeOid !== TypeOid.bool) return { kind: 'datum', values };
  const numbers = isFloat ? new Float64Array(values.length) : new Uint8Array(values.length);
  const nulls = nullsOf(values);
  for (let row = 0; row < values.length; row++) numbers[row] = Number(values[row]);
  return isFloat
    ? { kind: 'float', values: numbers as Float64Array, nulls }
    : { kind: 'boolean', values: numbers as Uint8Array, nulls };
}

function nullsOf(values: readonly Datum[]): Uint8Array | undefined {
  if (!values.includes(null)) return undefined;
  return Uint8Array.from(values, (value) => (value === null ? 1 : 0));
}

function wholeVector(typeOid: number, values: readonly Datum[]): Vector | undefined {
  const numbers = new Float64Array(values.length);
  let scale = -1;
  let min = Infinity;
  let max = -Infinity;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null) continue;
    const whole = scaledInteger(value, typeOid);
    if (whole === undefined || (scale !== -1 && whole.scale !== scale)) return undefined;
    scale = whole.scale;
    numbers[row] = whole.value;
    if (whole.value < min) min = whole.value;
    if (whole.value > max) max = whole.value;
  }
  if (scale === -1) [scale, min, max] = [0, 0, 0];
  return { kind: 'integer', values: numbers, scale, min, max, nulls: nullsOf(values) };
}

/** The first `length` values of a batch's column. */
export function vectorOfColumn(column: Column, typeOid: number, length: number): Vector {
  const { values, nulls } = column;
  if (Array.isArray(values))
    return vectorOf(typeOid, values.length === length ? values : values.slice(0, length));
  if (column.boolean) return { kind: 'boolean', values: values as Uint8Array, nulls };
  if (floatTypes.has(typeOid))
    return { kind: 'float', values: Float64Array.from(values.subarray(0, length)), nulls };
  if (wholeNumberTypes.has(typeOid) && !(values instanceof Uint8Array)) {
    let min = Infinity;
    let max = -Infinity;
    for (let row = 0; row < length; row++) {
      const value = values[row];
      if (nulls !== undefined && nulls[row] !== 0) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (min > max) [min, max] = [0, 0];
    if (Number.isFinite(min) && Number.isFinite(max))
      return { kind: 'integer', values, scale: 0, min, max, nulls };
  }
  const datums: Datum[] = [];
  for (let row = 0; row < length; row++) datums.push(columnValue(column, row));
  return { kind: 'datum', values: datums };
}

/** Values start .. end - 1 of a vector as a batch's column. */
export function columnOfVector(
  vector: Vector | undefined,
  typeOid: number,
  rows: { readonly start: number; readonly end: number },
): Column {
  const { start, end } = rows;
  const generic = (values: Datum[]): Column => ({ values, nulls: undefined, boolean: false });
  if (vector === undefined) return generic(new Array<Datum>(end - start).fill(null));
  switch (vector.kind) {
    case 'datum':
      return generic(vector.values.slice(start, end));
    case 'dictionary': {
      const { codes, dictionary, nulls } = vector;
      const values: Datum[] = [];
      for (let row = start; row < end; row++)
        values.push(
          nulls !== undefined && nulls[row] !== 0 ? null : entryAt(dictionary, codes[row]),
        );
      return generic(values);
    }
    case 'integer': {
      const { values, nulls, scale } = vector;
      if (typeOid !== TypeOid.numeric) return typedColumn(vector, start, end);
      const numerics: Datum[] = [];
      for (let row = start; row < end; row++)
        numerics.push(
          nulls !== undefined && nulls[row] !== 0 ? null : new Numeric(values[row], scale),
        );
      return generic(numerics);
    }
    default:
      return typedColumn(vector, start, end);
  }
}

function typedColumn(
  vector: Extract<Vector, { readonly kind: 'integer' | 'float' | 'boolean' }>,
  start: number,
  end: number,
): Column {
  return {
    values: vector.values.slice(start, end),
    nulls: vector.nulls?.slice(start, end),
    boolean: vector.kind === 'boolean',
  };
}
