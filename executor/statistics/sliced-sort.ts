// A merge sort that can be interrupted: it yields every few thousand comparisons, so that sorting a
// sample of long texts holds nobody up.

import { again } from '../contract.ts';

const comparisonsPerStep = 4096;

/** Sorts in place; stable. */
export function* sortInSlices<Item>(
  items: Item[],
  compare: (left: Item, right: Item) => number,
): Generator<typeof again, void> {
  let from = items;
  let to = items.slice();
  let comparisons = 0;
  for (let width = 1; width < items.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      const end = Math.min(start + 2 * width, from.length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const takeLeft = right >= end || (left < middle && compare(from[left], from[right]) <= 0);
        to[at] = takeLeft ? from[left++] : from[right++];
        if (++comparisons % comparisonsPerStep === 0) yield again;
      }
    }
    [from, to] = [to, from];
  }
  if (from !== items) for (let at = 0; at < items.length; at++) items[at] = from[at];
}
