// Batch scans: one column of many tuples into a typed array. The tuples of one call share a layout;
// they may lie in different buffers (pages, the log, the workspace).

import type { Datum } from './datum.ts';
import { tupleBody, type TupleLayout } from './tuple.ts';
import { readInt32 } from './value-codec.ts';

const firstPlaces = 64;

/** Places of tuples; reused from batch to batch. */
export class TupleRun {
  readonly buffers: Buffer[];
  starts: Int32Array;
  ends: Int32Array;
  length: number;

  constructor() {
    this.buffers = [];
    this.starts = new Int32Array(firstPlaces);
    this.ends = new Int32Array(firstPlaces);
    this.length = 0;
  }

  push(buffer: Buffer, start: number, end: number): void {
    if (this.length === this.starts.length) this.grow();
    this.buffers[this.length] = buffer;
    this.starts[this.length] = start;
    this.ends[this.length++] = end;
  }

  /** Most scans are short, so room is made as it is needed. */
  private grow(): void {
    const places = this.length * 4;
    const { starts, ends } = this;
    this.starts = new Int32Array(places);
    this.starts.set(starts);
    this.ends = new Int32Array(places);
    this.ends.set(ends);
  }

  clear(): void {
    this.length = 0;
  }
}

/** A column of width 4 without infinities (int4, oid as int32, date). True when a null was met. */
export function fillInt32(
  layout: TupleLayout,
  position: number,
  run: TupleRun,
  out: Int32Array,
  nulls: Uint8Array,
): boolean {
  const { nullByte, nullBit, offset } = layout.columns[position];
  const { buffers, starts, length } = run;
  let anyNull = 0;
  for (let row = 0; row < length; row++) {
    const buffer = buffers[row];
    const body = tupleBody(buffer, starts[row]);
    const isNull = buffer[body + nullByte] & nullBit;
    nulls[row] = isNull;
    anyNull |= isNull;
    out[row] = readInt32(buffer, body + offset);
  }
  return anyNull !== 0;
}

/**
 * int8, time or a timestamp while every value is a safe integer: 1 when a null was met, 0 when none,
 * -1 when a value does not fit (the caller falls back to fillGeneric).
 */
export function fillSafeInt64(
  layout: TupleLayout,
  position: number,
  run: TupleRun,
  out: Float64Array,
  nulls: Uint8Array,
): -1 | 0 | 1 {
  const { nullByte, nullBit, offset } = layout.columns[position];
  const { buffers, starts, length } = run;
  let anyNull = 0;
  for (let row = 0; row < length; row++) {
    const buffer = buffers[row];
    const body = tupleBody(buffer, starts[row]);
    const isNull = buffer[body + nullByte] & nullBit;
    nulls[row] = isNull;
    anyNull |= isNull;
    const high = readInt32(buffer, body + offset);
    if (high < -2097152 || high >= 2097152) return -1;
    const value = high * 4294967296 + (readInt32(buffer, body + offset + 4) >>> 0);
    if (value === -9007199254740992) return -1;
    out[row] = value;
  }
  return anyNull !== 0 ? 1 : 0;
}

export function fillFloat64(
  layout: TupleLayout,
  position: number,
  run: TupleRun,
  out: Float64Array,
  nulls: Uint8Array,
): boolean {
  const { nullByte, nullBit, offset, codec } = layout.columns[position];
  const single = codec.width === 4;
  const { buffers, starts, length } = run;
  let anyNull = 0;
  for (let row = 0; row < length; row++) {
    const buffer = buffers[row];
    const body = tupleBody(buffer, starts[row]);
    const isNull = buffer[body + nullByte] & nullBit;
    nulls[row] = isNull;
    anyNull |= isNull;
    out[row] = single ? buffer.readFloatBE(body + offset) : buffer.readDoubleBE(body + offset);
  }
  return anyNull !== 0;
}

export function fillBoolean(
  layout: TupleLayout,
  position: number,
  run: TupleRun,
  out: Uint8Array,
  nulls: Uint8Array,
): boolean {
  const { nullByte, nullBit, offset } = layout.columns[position];
  const { buffers, starts, length } = run;
  let anyNull = 0;
  for (let row = 0; row < length; row++) {
    const buffer = buffers[row];
    const body = tupleBody(buffer, starts[row]);
    const isNull = buffer[body + nullByte] & nullBit;
    nulls[row] = isNull;
    anyNull |= isNull;
    out[row] = buffer[body + offset]!;
  }
  return anyNull !== 0;
}

/**
 * A numeric column whose values all display the same number of digits after the point and whose
 * coefficients are safe integers: that number, and the coefficients in `out` (0 for nulls). -1 when
 * there is no such number (the caller falls back to fillGeneric); 0 when all are null.
 */
export function fillScaledIntegers(
  layout: TupleLayout,
  position: number,
  run: TupleRun,
  out: Float64Array,
  nulls: Uint8Array,
): number {
  const { nullByte, nullBit, offset } = layout.columns[position];
  const { fixedEnd, variableCount } = layout;
  const { buffers, starts, length } = run;
  let scale = -1;
  for (let row = 0; row < length; row++) {
    const buffer = buffers[row];
    const start = starts[row];
    const body = tupleBody(buffer, start);
    if ((buffer[body + nullByte] & nullBit) !== 0) {
      nulls[row] = 1;
      out[row] = 0;
      continue;
    }
    nulls[row] = 0;
    // Wide offsets (flag 1) are for tuples beyond 64 kB.
    if ((buffer[start] & 1) !== 0) return -1;
    const entry = body + fixedEnd + offset * 2;
    const data = body + fixedEnd + variableCount * 2;
    let at = data + (offset === 0 ? 0 : (buffer[entry - 2] << 8) | buffer[entry - 1]);
    const end = data + ((buffer[entry] << 8) | buffer[entry + 1]);
    const ownScale = buffer[at++];
    if (ownScale !== scale) {
      if (scale >= 0 || ownScale >= widerScale) return -1;
      scale = ownScale;
    }
    if (end - at > 7) return -1;
    let value = at === end ? 0 : (buffer[at++] << 24) >> 24;
    while (at < end) value = value * 256 + buffer[at++];
    out[row] = value;
  }
  return scale < 0 ? 0 : scale;
}
/** Scale bytes from here on mean something else (value-codec.ts). */
const widerScale = 0xf0;

/** Any column, nulls inline. */
export function fillGeneric(
  layout: TupleLayout,
  position: number,
  run: TupleRun,
  out: Datum[],
): void {
  const read = layout.readers[position];
  const { buffers, starts, ends, length } = run;
  for (let row = 0; row < length; row++) out[row] = read(buffers[row], starts[row], ends[row]);
}
