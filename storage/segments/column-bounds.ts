// Between which numbers the values of a column lie, by what the footers of its files say.

import type { ColumnBounds } from './contract.ts';
import type { SegmentFile } from './segment-file.ts';

/** Of the values that are whole numbers within ±2^53; without any, min > max. */
export function columnBounds(files: readonly SegmentFile[], attribute: number): ColumnBounds {
  let min = Infinity;
  let max = -Infinity;
  for (const file of files) {
    for (const chunk of file.column(attribute)?.chunks ?? []) {
      if (typeof chunk.min === 'number' && chunk.min < min) ({ min } = chunk);
      if (typeof chunk.max === 'number' && chunk.max > max) ({ max } = chunk);
    }
  }
  return { min, max };
}
