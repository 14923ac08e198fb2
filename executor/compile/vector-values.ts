// Values picked out of vectors, into vectors of the same representation where there is one for all of them.

import { type Datum, Numeric, TypeOid, type Vector } from '#common';
import { vectorOf } from './datum-vector.ts';
import { entryAt } from './late-texts.ts';

/** Reads a vector's values one by one. */
export function datumReader(vector: Vector | undefined, typeOid: number): (place: number) => Datum {
  if (vector === undefined) return () => null;
  if (vector.kind === 'datum') {
    const { wide } = vector;
    if (wide === undefined) return (place) => vector.values[place];
    return (place) => (wide.nulls?.[place] === 1 ? null : wide.at(place));
  }
  const read = presentReader(vector, typeOid);
  const { nulls } = vector;
  return nulls === undefined ? read : (place) => (nulls[place] === 0 ? read(place) : null);
}

function presentReader(
  vector: Exclude<Vector, { readonly kind: 'datum' }>,
  typeOid: number,
): (place: number) => Datum {
  switch (vector.kind) {
    case 'boolean':
      return (place) => vector.values[place] !== 0;
    case 'dictionary':
      return (place) => entryAt(vector.dictionary, vector.codes[place]);
    case 'integer':
      if (typeOid === TypeOid.numeric)
        return (place) => new Numeric(vector.values[place], vector.scale);
      return (place) => vector.values[place];
    case 'float':
      return (place) => vector.values[place];
  }
}

/** Value i is the vector's at `places[i]`, null where that is negative. */
export function gathered(vector: Vector, places: Int32Array): Vector {
  if (vector.kind === 'datum') {
    const values = Array.from(places, (place) => (place < 0 ? null : vector.values[place]));
    return { kind: 'datum', values };
  }
  const nulls = gatheredNulls(vector.nulls, places);
  if (vector.kind === 'dictionary') {
    const codes = picked(vector.codes, places, new Int32Array(places.length));
    return { ...vector, codes, nulls };
  }
  if (vector.kind === 'boolean') {
    const values = picked(vector.values, places, new Uint8Array(places.length));
    return { ...vector, values, nulls };
  }
  if (vector.kind === 'integer' && vector.values instanceof Int32Array) {
    const values = picked(vector.values, places, new Int32Array(places.length));
    return { ...vector, values, nulls };
  }
  const values = picked(vector.values, places, new Float64Array(places.length));
  return { ...vector, values, nulls };
}

type Numbers = Uint8Array | Uint16Array | Int32Array | Float64Array;

function picked<T extends Numbers>(values: Numbers, places: Int32Array, target: T): T {
  // Loops over arrays of one kind each are several times as fast as one loop over all kinds.
  if (values instanceof Int32Array && target instanceof Int32Array)
    pickWholes(values, places, target);
  else if (values instanceof Float64Array && target instanceof Float64Array)
    pickFloats(values, places, target);
  else pickAny(values, places, target);
  return target;
}

function pickWholes(values: Int32Array, places: Int32Array, target: Int32Array): void {
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    if (place >= 0) target[i] = values[place];
  }
}

function pickFloats(values: Float64Array, places: Int32Array, target: Float64Array): void {
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    if (place >= 0) target[i] = values[place];
  }
}

function pickAny(values: Numbers, places: Int32Array, target: Numbers): void {
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    if (place >= 0) target[i] = values[place];
  }
}

/** As gathered(), but only the values at some positions are there; undefined: of values that are not in arrays. */
export function gatheredAt(
  vector: Vector,
  places: Int32Array,
  positions: Int32Array,
): Vector | undefined {
  if (vector.kind === 'datum') return undefined;
  const { length } = places;
  const fill = <T extends Numbers>(values: Numbers, target: T): T => {
    for (const position of positions) target[position] = values[places[position]];
    return target;
  };
  const nulls = vector.nulls && fill(vector.nulls, new Uint8Array(length));
  if (vector.kind === 'dictionary')
    return { ...vector, codes: fill(vector.codes, new Int32Array(length)), nulls };
  return {
    ...vector,
    values: fill(vector.values, emptyLike(vector.values, length)),
    nulls,
  } as Vector;
}

/** The values `by` places before each, which are null for the first ones of ranges that end at `ends`; after, if negative. */
export function shiftedVector(vector: Vector, by: number, ends: Int32Array): Vector | undefined {
  if (vector.kind === 'datum' || ends.length === 0) return undefined;
  const length = ends[ends.length - 1];
  const move = <T extends Numbers>(values: Numbers, target: T): T => {
    if (by >= 0) target.set(values.subarray(0, Math.max(0, length - by)), Math.min(by, length));
    else target.set(values.subarray(Math.min(-by, length), length));
    return target;
  };
  const nulls =
    vector.nulls === undefined
      ? new Uint8Array(length)
      : move(vector.nulls, new Uint8Array(length));
  const numbers = vector.kind === 'dictionary' ? vector.codes : vector.values;
  const target = vector.kind === 'dictionary' ? new Int32Array(length) : emptyLike(numbers, length);
  move(numbers, target);
  let first = 0;
  for (const end of ends) {
    const from = by >= 0 ? first : Math.max(first, end + by);
    const to = by >= 0 ? Math.min(end, first + by) : end;
    for (let position = from; position < to; position++) {
      target[position] = 0;
      nulls[position] = 1;
    }
    first = end;
  }
  if (vector.kind === 'dictionary') return { ...vector, codes: target as Int32Array, nulls };
  return { ...vector, values: target, nulls } as Vector;
}

function gatheredNulls(nulls: Uint8Array | undefined, places: Int32Array): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    if (place >= 0 && (nulls === undefined || nulls[place] === 0)) continue;
    found ??= new Uint8Array(places.length);
    found[i] = 1;
  }
  return found;
}

/** Values from .. to - 1 of a vector. */
export interface VectorPart {
  readonly vector: Vector | undefined;
  readonly from: number;
  readonly to: number;
}

/** The values of the parts, one after another. */
export function joinedVector(parts: readonly VectorPart[], typeOid: number): Vector {
  const length = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  const [{ vector: first }] = parts;
  const alike = parts.every(({ vector }) => isAlike(vector, first));
  if (!alike || first === undefined || first.kind === 'datum') return joinedDatums(parts, typeOid);
  const nulls = joinedNulls(parts, length);
  if (first.kind === 'dictionary') return joinedDictionaries(parts, length, nulls);
  const values = emptyLike(first.values, length);
  let place = 0;
  for (const { vector, from, to } of parts) {
    values.set((vector as { readonly values: Float64Array }).values.subarray(from, to), place);
    place += to - from;
  }
  if (first.kind !== 'integer') return { ...first, values, nulls } as Vector;
  const bounds = parts.map(
    ({ vector }) => vector as { readonly min: number; readonly max: number },
  );
  const min = Math.min(...bounds.map((bound) => bound.min));
  const max = Math.max(...bounds.map((bound) => bound.max));
  return { ...first, values: values as Float64Array, min, max, nulls };
}

function isAlike(vector: Vector | undefined, first: Vector | undefined): boolean {
  if (vector?.kind !== first?.kind) return false;
  if (vector?.kind !== 'integer' || first?.kind !== 'integer') return true;
  return (
    vector.scale === first.scale &&
    vector.values instanceof Int32Array === first.values instanceof Int32Array
  );
}

function emptyLike(values: Numbers, length: number): Float64Array | Int32Array | Uint8Array {
  if (values instanceof Float64Array) return new Float64Array(length);
  return values instanceof Int32Array ? new Int32Array(length) : new Uint8Array(length);
}

function joinedDatums(parts: readonly VectorPart[], typeOid: number): Vector {
  const values: Datum[] = [];
  for (const { vector, from, to } of parts) {
    const read = datumReader(vector, typeOid);
    for (let place = from; place < to; place++) values.push(read(place));
  }
  return vectorOf(typeOid, values);
}

function joinedNulls(parts: readonly VectorPart[], length: number): Uint8Array | undefined {
  const nullsOf = ({ vector }: VectorPart): Uint8Array | undefined =>
    (vector as { readonly nulls: Uint8Array | undefined }).nulls;
  if (parts.every((part) => nullsOf(part) === undefined)) return undefined;
  const nulls = new Uint8Array(length);
  let place = 0;
  for (const part of parts) {
    const own = nullsOf(part);
    if (own !== undefined) nulls.set(own.subarray(part.from, part.to), place);
    place += part.to - part.from;
  }
  return nulls;
}

/** A dictionary with so many entries for each row that looks at it is no short one. */
const shortFactor = 4;

/** Only entries that are met are taken over. */
function joinedDictionaries(
  parts: readonly VectorPart[],
  length: number,
  nulls: Uint8Array | undefined,
): Vector {
  const values: Datum[] = [];
  const codes = new Int32Array(length);
  let row = 0;
  for (const { vector, from, to } of parts) {
    const { codes: own, dictionary } = vector as Extract<Vector, { kind: 'dictionary' }>;
    const newCode = (code: number): number => values.push(entryAt(dictionary, code)) - 1;
    // A short dictionary is kept by code, the code + 1.
    const isShort = dictionary.values.length <= (to - from) * shortFactor;
    const known = isShort ? new Int32Array(dictionary.values.length) : new Map<number, number>();
    for (let place = from; place < to; place++, row++) {
      if (nulls !== undefined && nulls[row] !== 0) continue;
      const old = own[place];
      if (known instanceof Int32Array) {
        if (known[old] === 0) known[old] = newCode(old) + 1;
        codes[row] = known[old] - 1;
        continue;
      }
      let code = known.get(old);
      if (code === undefined) known.set(old, (code = newCode(old)));
      codes[row] = code;
    }
  }
  // Null places hold code 0, which must be somewhere.
  if (values.length === 0) values.push(null);
  return { kind: 'dictionary', codes, dictionary: { values }, nulls };
}
