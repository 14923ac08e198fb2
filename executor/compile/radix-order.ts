// Stable order of many rows by numbers: least significant digits first, each pass moving the numbers and the
// rows' places together (D. Knuth, The Art of Computer Programming 3, 5.2.5). A pass reads in sequence and
// writes to at most 2,048 streams, so the time grows with the rows alone, and whoever runs it can stop
// between two passes.

import { giveBack, zeroWholes } from './array-pool.ts';

/** A part of a row's key; `bits` are those that may be set. */
export interface RadixWord {
  readonly values: Int32Array;
  readonly bits: number;
}

export interface RadixOrder {
  readonly order: Int32Array;
  /** The values of the most significant word, in order. */
  readonly leading: Int32Array;
}

const digitBitsMax = 11;

/** Places 0 .. length - 1 in ascending order of the words, as numbers without sign, the most significant first. */
export function radixOrder(
  words: readonly RadixWord[],
  length: number,
  poll: () => void,
): RadixOrder {
  let sorted: RadixOrder | undefined;
  for (const word of words.toReversed()) {
    const before = sorted;
    sorted = sortedByWord(word, length, { order: before?.order, isLast: word === words[0], poll });
    giveBack(before?.order);
    if (before !== undefined) giveBack(before.leading);
    poll();
  }
  return sorted!;
}

interface Context {
  readonly order: Int32Array | undefined;
  /** Nobody reads the numbers of other words after they have been sorted by. */
  readonly isLast: boolean;
  readonly poll: () => void;
}

/** The order refined by a more significant word. */
function sortedByWord(
  { values, bits }: RadixWord,
  length: number,
  { order: before, isLast, poll }: Context,
): RadixOrder {
  const passes = Math.max(1, Math.ceil(bits / digitBitsMax));
  const width = Math.ceil(bits / passes);
  let numbers = zeroWholes(length);
  let order = zeroWholes(length);
  if (before === undefined) {
    firstPass(values, { width, length }, numbers, order);
  } else {
    for (let i = 0; i < length; i++) numbers[i] = values[before[i]];
    order.set(before.subarray(0, length));
  }
  poll();
  let otherNumbers = zeroWholes(length);
  let otherOrder = zeroWholes(length);
  for (let pass = before === undefined ? 1 : 0; pass < passes; pass++) {
    const shift = pass * width;
    const starts = digitStarts(numbers, { shift, width, length });
    const mask = starts.length - 1;
    const keepsNumbers = isLast || pass < passes - 1;
    for (let i = 0; i < length; i++) {
      const number = numbers[i];
      const target = starts[(number >>> shift) & mask]++;
      if (keepsNumbers) otherNumbers[target] = number;
      otherOrder[target] = order[i];
    }
    [numbers, otherNumbers] = [otherNumbers, numbers];
    [order, otherOrder] = [otherOrder, order];
    poll();
  }
  giveBack(otherNumbers);
  giveBack(otherOrder);
  return { order, leading: numbers };
}

/** By the least significant digit, from the order of the places. */
function firstPass(
  values: Int32Array,
  { width, length }: { readonly width: number; readonly length: number },
  numbers: Int32Array,
  order: Int32Array,
): void {
  const starts = digitStarts(values, { shift: 0, width, length });
  const mask = starts.length - 1;
  for (let i = 0; i < length; i++) {
    const number = values[i];
    const target = starts[number & mask]++;
    numbers[target] = number;
    order[target] = i;
  }
}

/** Where the numbers with each digit begin. */
function digitStarts(
  numbers: Int32Array,
  {
    shift,
    width,
    length,
  }: { readonly shift: number; readonly width: number; readonly length: number },
): Int32Array {
  const counts = new Int32Array(1 << width);
  const mask = counts.length - 1;
  for (let i = 0; i < length; i++) counts[(numbers[i] >>> shift) & mask]++;
  let start = 0;
  for (let digit = 0; digit < counts.length; digit++) {
    const count = counts[digit];
    counts[digit] = start;
    start += count;
  }
  return counts;
}

/** The values of one word of few bits in order: only counted, since nobody asks for places. */
export function countedOrder({ values, bits }: RadixWord, length: number): Int32Array {
  const ends = digitStarts(values, { shift: 0, width: bits, length });
  const sorted = zeroWholes(length);
  for (let value = 0; value < ends.length; value++) {
    const end = value + 1 < ends.length ? ends[value + 1] : length;
    sorted.fill(value, ends[value], end);
  }
  return sorted;
}
