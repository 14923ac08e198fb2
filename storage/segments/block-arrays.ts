// The arrays that columns of whole blocks are decoded into. Where a table does not fit the cache, most of its columns
// are decoded for one block of one scan, and their arrays come back here when the scan is done with it: fresh
// memory costs about as much as decoding into it (the system clears each page that is first touched, and what lies
// outside of the heap makes the collector run).
//
// Invariant: who gives the arrays of a vector back was the only one who had the vector, and drops it.

import { blockRows, type Vector } from '#common';

/** Arrays kept of each kind: a scan holds one for each of its columns. */
const keptMax = 32;

const int32s: Int32Array[] = [];
const float64s: Float64Array[] = [];
const uint16s: Uint16Array[] = [];
const uint8s: Uint8Array[] = [];

// Their contents are whatever was there before.

export function takeInt32(length: number): Int32Array {
  return (length === blockRows ? int32s.pop() : undefined) ?? new Int32Array(length);
}
export function takeFloat64(length: number): Float64Array {
  return (length === blockRows ? float64s.pop() : undefined) ?? new Float64Array(length);
}
export function takeUint16(length: number): Uint16Array {
  return (length === blockRows ? uint16s.pop() : undefined) ?? new Uint16Array(length);
}
export function takeUint8(length: number): Uint8Array {
  return (length === blockRows ? uint8s.pop() : undefined) ?? new Uint8Array(length);
}

/** Texts and plain values are left alone: who reads a block may keep those. */
export function giveBackArrays(vector: Vector): void {
  if (vector.kind === 'datum') return;
  const array = vector.kind === 'dictionary' ? vector.codes : vector.values;
  if (array.length !== blockRows) return;
  if (array instanceof Int32Array) keep(int32s, array);
  else if (array instanceof Float64Array) keep(float64s, array);
  else if (array instanceof Uint16Array) keep(uint16s, array);
  else keep(uint8s, array);
}

function keep<Kind>(kept: Kind[], array: Kind): void {
  if (kept.length < keptMax) kept.push(array);
}
