// What generated code knows of a vector: how its values are represented, whether it has nulls, and
// bounds of its integers. A function made for a shape runs on every vector that the shape covers.
//
// Code that looks at nulls also runs on vectors without any; code that does not needs them absent.
// Bounds are widened to some powers of two, so that the blocks of one column nearly always share a shape.

import type { Vector } from '#common';
import { LateDictionary } from './late-texts.ts';

export type VectorShape =
  | {
      readonly kind: 'integer';
      readonly narrow: boolean;
      readonly scale: number;
      readonly min: number;
      readonly max: number;
      readonly nulls: boolean;
    }
  | { readonly kind: 'float' | 'boolean'; readonly nulls: boolean }
  | {
      readonly kind: 'dictionary';
      readonly width: number;
      readonly late: boolean;
      readonly nulls: boolean;
    }
  /** `joined`: texts are there as one piece of memory, too; `nulls`: among these. */
  | {
      readonly kind: 'datum';
      readonly joined: boolean;
      /** int8 in halves. */
      readonly wide: boolean;
      readonly nulls: boolean;
    }
  /** Every value is null; there is no vector. */
  | { readonly kind: 'null' };

export function shapeOf(vector: Vector | undefined): VectorShape {
  if (vector === undefined) return { kind: 'null' };
  switch (vector.kind) {
    case 'integer':
      return {
        kind: 'integer',
        narrow: vector.values instanceof Int32Array,
        scale: vector.scale,
        min: lowerPower(vector.min),
        max: upperPower(vector.max),
        nulls: vector.nulls !== undefined,
      };
    case 'float':
    case 'boolean':
      return { kind: vector.kind, nulls: vector.nulls !== undefined };
    case 'dictionary':
      return {
        kind: 'dictionary',
        width: vector.codes.BYTES_PER_ELEMENT,
        late: vector.dictionary instanceof LateDictionary,
        nulls: vector.nulls !== undefined,
      };
    case 'datum':
      return {
        kind: 'datum',
        joined: vector.texts !== undefined,
        wide: vector.wide !== undefined,
        nulls: (vector.texts ?? vector.wide)?.nulls !== undefined,
      };
  }
}

/** Does code for the shape run on the vector? */
export function covers(shape: VectorShape, vector: Vector | undefined): boolean {
  if (vector === undefined) return shape.kind === 'null';
  if (shape.kind !== vector.kind) return false;
  switch (vector.kind) {
    case 'integer': {
      const known = shape as Extract<VectorShape, { kind: 'integer' }>;
      return (
        known.scale === vector.scale &&
        (known.nulls || vector.nulls === undefined) &&
        known.narrow === vector.values instanceof Int32Array &&
        vector.min >= known.min &&
        vector.max <= known.max
      );
    }
    case 'dictionary': {
      const known = shape as Extract<VectorShape, { kind: 'dictionary' }>;
      return (
        known.width === vector.codes.BYTES_PER_ELEMENT &&
        (known.nulls || vector.nulls === undefined)
      );
    }
    case 'float':
    case 'boolean':
      return (shape as { nulls: boolean }).nulls || vector.nulls === undefined;
    case 'datum': {
      const known = shape as Extract<VectorShape, { kind: 'datum' }>;
      const held = known.joined ? vector.texts : vector.wide;
      const isPlain = !known.joined && !known.wide;
      return isPlain || (held !== undefined && (known.nulls || held.nulls === undefined));
    }
  }
}

/**
 * A shape that covers what either does; the newer one where they differ in kind. Bounds that had to be
 * widened once (keys that grow from block to block) get room to grow further.
 */
export function widened(newer: VectorShape, older: VectorShape): VectorShape {
  if (newer.kind !== older.kind || !('nulls' in newer) || !('nulls' in older)) return newer;
  const nulls = newer.nulls || older.nulls;
  if (newer.kind !== 'integer' || older.kind !== 'integer') return { ...newer, nulls };
  return {
    ...newer,
    nulls,
    min: newer.min < older.min ? lowerPower(newer.min * growth) : older.min,
    max: newer.max > older.max ? upperPower(newer.max * growth) : older.max,
  };
}

/** Bits of the bounds that shapes have: closer together where products of small numbers must stay exact. */
const boundBits = [0, 1, 4, 7, 10, 13, 16, 20, 24, 28, 31, 36, 41, 46, 50, 53];
const growth = 64;

/** The least of some powers of two less one that is not below the bound. */
export function upperPower(bound: number): number {
  for (const bits of boundBits) if (2 ** bits - 1 >= bound) return 2 ** bits - 1;
  return Number.MAX_SAFE_INTEGER;
}

/** The same below zero. */
export function lowerPower(bound: number): number {
  return bound >= 0 ? 0 : -upperPower(-bound);
}
