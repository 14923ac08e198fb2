// Window functions of a row's place among the others of its partition.

import type { Vector } from '#common';
import type { WindowCallKernel } from './window-kernels.ts';
import type { WindowRows } from './window-rows.ts';

const whole = (values: Float64Array): Vector => {
  return { kind: 'integer', values, scale: 0, min: 0, max: values.length, nulls: undefined };
};
const fraction = (values: Float64Array): Vector => ({ kind: 'float', values, nulls: undefined });

export const rowNumber: WindowCallKernel = (rows) => {
  const values = new Float64Array(rows.length);
  let position = 0;
  for (const end of rows.partitionEnds)
    for (let number = 1; position < end; position++, number++) values[position] = number;
  return whole(values);
};

export const rank: WindowCallKernel = (rows) => whole(byPeers(rows, (start) => start + 1));

export const denseRank: WindowCallKernel = (rows) => {
  let groups = 0;
  return whole(byPeers(rows, (start) => (groups = start === 0 ? 1 : groups + 1)));
};

export const percentRank: WindowCallKernel = (rows) =>
  fraction(byPeers(rows, (start, _end, count) => (count <= 1 ? 0 : start / (count - 1))));

export const cumeDist: WindowCallKernel = (rows) =>
  fraction(byPeers(rows, (_start, end, count) => end / count));

/** More rows than this are filled in one go. */
const filledRowsMin = 32;

/** One value for all rows of a group of peers: of its first and last row in the partition, and its size. */
function byPeers(
  rows: WindowRows,
  valueOf: (start: number, end: number, count: number) => number,
): Float64Array {
  const { peerEnds } = rows;
  const values = new Float64Array(rows.length);
  let group = 0;
  let first = 0;
  for (const end of rows.partitionEnds) {
    for (let position = first; position < end;) {
      const peerEnd = peerEnds[group++];
      const value = valueOf(position - first, peerEnd - first, end - first);
      if (peerEnd - position > filledRowsMin) values.fill(value, position, peerEnd);
      else for (let peer = position; peer < peerEnd; peer++) values[peer] = value;
      position = peerEnd;
    }
    first = end;
  }
  return values;
}
