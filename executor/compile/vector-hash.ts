// Hashes of key values, for spreading rows over partitions. Keys that are equal by their type have equal
// hashes, in whatever representation they come.

import { type Datum, type Vector, Numeric, TypeOid } from '#common';
import { valueHasher } from '../rows/key-hash.ts';
import { wholeNumberTypes } from './compiled-value.ts';
import { entryAt } from './late-texts.ts';

const nullHash = 0x5bd1e995;

/** A hash per row; `types` are the keys' types. */
export function hashVectors(
  vectors: readonly (Vector | undefined)[],
  types: readonly number[],
  length: number,
): Int32Array {
  const hashes = new Int32Array(length);
  vectors.forEach((vector, i) => {
    const values = vectorHashes(vector, types[i], length);
    for (let row = 0; row < length; row++)
      hashes[row] = Math.imul(hashes[row] ^ values[row], 0x9e3779b1) ^ (hashes[row] >>> 15);
  });
  for (let row = 0; row < length; row++) hashes[row] = finished(hashes[row]);
  return hashes;
}

function vectorHashes(vector: Vector | undefined, type: number, length: number): Int32Array {
  const hashes = new Int32Array(length);
  if (vector === undefined) return hashes.fill(nullHash);
  const hash = datumHasher(type);
  switch (vector.kind) {
    case 'datum':
      for (let row = 0; row < length; row++) hashes[row] = hash(vector.values[row]);
      return hashes;
    case 'boolean':
      for (let row = 0; row < length; row++) hashes[row] = hash(vector.values[row] !== 0);
      break;
    case 'dictionary': {
      const known = new Map<number, number>();
      for (let row = 0; row < length; row++) {
        const code = vector.codes[row];
        let entry = known.get(code);
        if (entry === undefined) {
          entry = hash(entryAt(vector.dictionary, code) ?? null);
          known.set(code, entry);
        }
        hashes[row] = entry;
      }
      break;
    }
    case 'integer':
    case 'float': {
      const { values } = vector;
      const scale = vector.kind === 'integer' ? vector.scale : 0;
      if (type === TypeOid.numeric)
        for (let row = 0; row < length; row++) hashes[row] = hash(new Numeric(values[row], scale));
      else for (let row = 0; row < length; row++) hashes[row] = hash(values[row]);
    }
  }
  const { nulls } = vector;
  if (nulls !== undefined)
    for (let row = 0; row < length; row++) if (nulls[row] !== 0) hashes[row] = nullHash;
  return hashes;
}

function datumHasher(type: number): (value: Datum) => number {
  if (type === TypeOid.bool) return (value) => (value === null ? nullHash : Number(value));
  const hash = valueHasher(type);
  const plain = wholeNumberTypes.has(type);
  return (value) => {
    if (value === null) return nullHash;
    if (plain && typeof value === 'number') return numberHash(value);
    const key = hash(value);
    return typeof key === 'number' ? numberHash(key) : textHash(String(key));
  };
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

function numberHash(value: number): number {
  if ((value | 0) === value) return value | 0;
  double[0] = Number.isNaN(value) ? 0.5 : value;
  return halves[0] ^ Math.imul(halves[1], 0x85ebca6b);
}

function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Spreads differences over all bits (the end of MurmurHash3). */
function finished(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
