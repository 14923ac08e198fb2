// The functions and operators of the contrib module hstore; rows to and from hstore are in
// hstore-records.ts.

import {
  ArrayValue,
  canonicalInteger,
  databaseError,
  type Datum,
  Hstore,
  hstoreEnds,
  type HstorePair,
  hstoreTexts,
  Jsonb,
  ModuleTypeOid,
  nullKey,
  TypeOid,
  typeSend,
} from '#common';
import type { ScalarImplementation, SetImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { hashBytes } from '../hashing.ts';
import { named, of } from './comparison-operators.ts';
import { hstoreJson, hstoreJsonText } from './hstore-json.ts';

const textsOf = (array: ArrayValue): readonly (string | null)[] =>
  array.elements as readonly (string | null)[];

/** Without the nulls, which name no key. */
const keysOf = (array: ArrayValue): string[] => textsOf(array).filter((key) => key !== null);

const textArray = (texts: readonly (string | null)[]): ArrayValue =>
  ArrayValue.of(TypeOid.text, texts);

const without = (hstore: Hstore, gone: (pair: HstorePair) => boolean): Hstore =>
  Hstore.of([...hstore.pairs].filter((pair) => !gone(pair)));

const contains = (whole: Hstore, part: Hstore): boolean =>
  // A key that is not there has no value, not even null.
  [...part.pairs].every(([key, value]) => whole.pairs.get(key) === value);

/** Keys and values by turns, or rows of two. 2202E. */
function fromArray(array: ArrayValue): Hstore {
  const { dimensions, elements } = array;
  if (dimensions.length > 2) throw wrongSubscripts();
  if (dimensions.length === 1 && elements.length % 2 !== 0) {
    throw databaseError('arraySubscriptError', 'array must have even number of elements');
  }
  if (dimensions.length === 2 && dimensions[1].length !== 2) {
    throw databaseError('arraySubscriptError', 'array must have two columns');
  }
  const texts = textsOf(array);
  const keys = texts.filter((_text, at) => at % 2 === 0);
  return fromKeys(keys, (at) => texts[at * 2 + 1]);
}

function fromArrays(keys: ArrayValue | null, values: ArrayValue | null): Hstore | null {
  if (keys === null) return null;
  if (keys.dimensions.length > 1 || (values !== null && values.dimensions.length > 1)) {
    throw wrongSubscripts();
  }
  if (values === null) return fromKeys(textsOf(keys), () => null);
  const [first, second] = [keys.dimensions[0], values.dimensions[0]];
  if (first?.length !== second?.length || first?.lowerBound !== second?.lowerBound) {
    throw databaseError('arraySubscriptError', 'arrays must have same bounds');
  }
  return fromKeys(textsOf(keys), (at) => textsOf(values)[at]);
}

function fromKeys(
  keys: readonly (string | null)[],
  valueAt: (position: number) => string | null,
): Hstore {
  return Hstore.of(
    keys.map((key, at) => {
      if (key === null) throw nullKey();
      return [key, valueAt(at)];
    }),
  );
}

function wrongSubscripts(): Error {
  return databaseError('arraySubscriptError', 'wrong number of array subscripts');
}

/** Where the texts end as 32-bit words with marks for nulls, then the texts: PostgreSQL's own form. */
function hashOf(hstore: Hstore, seed: bigint): bigint {
  const ends = hstoreEnds(hstore);
  const texts = hstoreTexts(hstore);
  const bytes = Buffer.alloc(4 + ends.length * 4 + Buffer.byteLength(texts));
  bytes.writeUInt32LE(0x80000000 + hstore.pairs.size, 0);
  ends.forEach(({ at, isNull }, position) => {
    const marks = (position === 0 ? 0x80000000 : 0) + (isNull ? 0x40000000 : 0);
    bytes.writeUInt32LE(at + marks, 4 + position * 4);
  });
  bytes.write(texts, 4 + ends.length * 4);
  return hashBytes(bytes, seed);
}

function sliced(hstore: Hstore, keys: ArrayValue): Hstore {
  const present = keysOf(keys).filter((key) => hstore.pairs.has(key));
  return Hstore.of(present.map((key) => [key, hstore.pairs.get(key)!]));
}

/** The keys' values, null where there is none, in an array of the same shape. */
function slicedArray(hstore: Hstore, keys: ArrayValue): ArrayValue {
  const values = textsOf(keys).map((key) =>
    key === null ? null : (hstore.pairs.get(key) ?? null),
  );
  return new ArrayValue(TypeOid.text, keys.dimensions, values);
}

function matrix(hstore: Hstore): ArrayValue {
  const { size } = hstore.pairs;
  const dimensions = size === 0 ? [] : [size, 2].map((length) => ({ length, lowerBound: 1 }));
  return new ArrayValue(TypeOid.text, dimensions, [...hstore.pairs].flat());
}

const order = of(ModuleTypeOid.hstore);
const sendBytes = typeSend(ModuleTypeOid.hstore);

const making: Record<string, ScalarImplementation> = {
  hstore_from_text: (_context, key: string | null, value: string | null) =>
    key === null ? null : Hstore.of([[key, value]]),
  hstore_from_array: (_context, array: ArrayValue) => fromArray(array),
  hstore_from_arrays: (_context, keys: ArrayValue | null, values: ArrayValue | null) =>
    fromArrays(keys, values),
  hstore_concat: (_context, left: Hstore, right: Hstore) =>
    Hstore.ofMap(new Map([...left.pairs, ...right.pairs])),
  hstore_delete: (_context, hstore: Hstore, key: string) => without(hstore, ([own]) => own === key),
  hstore_delete_array: (_context, hstore: Hstore, keys: ArrayValue) => {
    const gone = new Set(keysOf(keys));
    return without(hstore, ([key]) => gone.has(key));
  },
  hstore_delete_hstore: (_context, hstore: Hstore, gone: Hstore) =>
    without(hstore, ([key, value]) => gone.pairs.get(key) === value),
  hstore_slice_to_hstore: (_context, hstore: Hstore, keys: ArrayValue) => sliced(hstore, keys),
};

const asking: Record<string, ScalarImplementation> = {
  hstore_fetchval: (_context, hstore: Hstore, key: string) => hstore.pairs.get(key) ?? null,
  hstore_exists: (_context, hstore: Hstore, key: string) => hstore.pairs.has(key),
  hstore_defined: (_context, hstore: Hstore, key: string) =>
    typeof hstore.pairs.get(key) === 'string',
  hstore_exists_any: (_context, hstore: Hstore, keys: ArrayValue) =>
    keysOf(keys).some((key) => hstore.pairs.has(key)),
  hstore_exists_all: (_context, hstore: Hstore, keys: ArrayValue) =>
    keysOf(keys).every((key) => hstore.pairs.has(key)),
  hstore_contains: (_context, whole: Hstore, part: Hstore) => contains(whole, part),
  hstore_contained: (_context, part: Hstore, whole: Hstore) => contains(whole, part),
  hstore_hash: (_context, hstore: Hstore) => Number(BigInt.asIntN(32, hashOf(hstore, 0n))),
  hstore_hash_extended: (_context, hstore: Hstore, seed: number | bigint) =>
    canonicalInteger(BigInt.asIntN(64, hashOf(hstore, BigInt(seed)))),
  /** Of the two forms that PostgreSQL knows, each value has the newer one. */
  hstore_version_diag: () => 2,
};

const converting: Record<string, ScalarImplementation> = {
  hstore_akeys: (_context, hstore: Hstore) => textArray([...hstore.pairs.keys()]),
  hstore_avals: (_context, hstore: Hstore) => textArray([...hstore.pairs.values()]),
  hstore_to_array: (_context, hstore: Hstore) => textArray([...hstore.pairs].flat()),
  hstore_to_matrix: (_context, hstore: Hstore) => matrix(hstore),
  hstore_slice_to_array: (_context, hstore: Hstore, keys: ArrayValue) => slicedArray(hstore, keys),
  hstore_to_json: (_context, hstore: Hstore) => hstoreJsonText(hstore, false),
  hstore_to_json_loose: (_context, hstore: Hstore) => hstoreJsonText(hstore, true),
  hstore_to_jsonb: (_context, hstore: Hstore) => new Jsonb(hstoreJson(hstore, false)),
  hstore_to_jsonb_loose: (_context, hstore: Hstore) => new Jsonb(hstoreJson(hstore, true)),
  hstore_send: (_context, hstore: Hstore) => sendBytes(hstore),
};

const sets: Record<string, SetImplementation> = {
  hstore_skeys: (_context, hstore: Hstore) => hstore.pairs.keys(),
  hstore_svals: (_context, hstore: Hstore) => hstore.pairs.values(),
  hstore_each: (_context, hstore: Hstore): Iterable<readonly Datum[]> => hstore.pairs.entries(),
};

export const hstoreFamily: Family = {
  scalars: { ...named('hstore_', order, 'hstore_cmp'), ...making, ...asking, ...converting },
  sets,
};
