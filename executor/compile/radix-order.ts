// Stable order of many rows by numbers: least significant digits first, each pass moving the numbers and the
// rows' places together (D. Knuth, The Art of Computer Programming 3, 5.2.5). A pass reads in sequence and
// writes to at most 2,048 streams, so the time grows with the rows alone, and whoever runs it can stop
// between two passes.

/** A part of a row's key; `bits` are those that may be set. */
export interface RadixWord {
  readonly values: Uint32Array;
  readonly bits: number;
}

const digitBitsMax = 11;

/** Places 0 .. length - 1 in ascending order of the words, the most significant first. */
export function radixOrder(
  words: readonly RadixWord[],
  length: number,
  poll: () => void,
): Int32Array {
  let order: Int32Array | undefined;
  for (const word of words.toReversed()) {
    if (word.bits === 0) continue;
    order = sortedByWord(word, length, { order, poll });
    poll();
  }
  return order ?? Int32Array.from({ length }, (_value, place) => place);
}

/** The order refined by a more significant word. */
function sortedByWord(
  { values, bits }: RadixWord,
  length: number,
  before: { readonly order: Int32Array | undefined; readonly poll: () => void },
): Int32Array {
  let numbers: Uint32Array = new Uint32Array(length);
  let order: Int32Array = new Int32Array(length);
  if (before.order === undefined) {
    for (let i = 0; i < length; i++) order[i] = i;
    numbers.set(values);
  } else {
    order.set(before.order);
    for (let i = 0; i < length; i++) numbers[i] = values[order[i]];
  }
  before.poll();
  let otherNumbers = new Uint32Array(length);
  let otherOrder = new Int32Array(length);
  const passes = Math.ceil(bits / digitBitsMax);
  const width = Math.ceil(bits / passes);
  for (let pass = 0; pass < passes; pass++) {
    const shift = pass * width;
    const starts = digitStarts(numbers, shift, width);
    const isLast = pass === passes - 1;
    for (let i = 0; i < length; i++) {
      const number = numbers[i];
      const target = starts[(number >>> shift) & (starts.length - 1)]++;
      // The next word has other numbers.
      if (!isLast) otherNumbers[target] = number;
      otherOrder[target] = order[i];
    }
    [numbers, otherNumbers] = [otherNumbers, numbers as Uint32Array<ArrayBuffer>];
    [order, otherOrder] = [otherOrder, order as Int32Array<ArrayBuffer>];
    before.poll();
  }
  return order;
}

/** Where the numbers with each digit begin. */
function digitStarts(numbers: Uint32Array, shift: number, width: number): Int32Array {
  const counts = new Int32Array(1 << width);
  for (const number of numbers) counts[(number >>> shift) & (counts.length - 1)]++;
  let start = 0;
  for (let digit = 0; digit < counts.length; digit++) {
    const count = counts[digit];
    counts[digit] = start;
    start += count;
  }
  return counts;
}
