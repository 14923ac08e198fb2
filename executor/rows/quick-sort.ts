// Quicksort of positions as PostgreSQL sorts tuples in memory (lib/sort_template.h), so that rows with
// equal keys come in the order that its users see: Bentley and McIlroy, "Engineering a sort function"
// (1993), with a check for input that is sorted already. Not stable.

/** Three-way, by the positions' rows. */
export type ComparePositions = (left: number, right: number) => number;

/** Comparisons per row and level past which the pivots are taken to be bad. */
const patience = 4;

/**
 * Sorts in place. False: the pivots were so bad that it gave up; the positions are still all there, in
 * some order.
 */
export function quickSort(positions: Int32Array, compare: ComparePositions): boolean {
  const { length } = positions;
  const sorter = new QuickSorter(positions, compare, patience * length * Math.log2(length + 2));
  return sorter.sort(0, length);
}

class QuickSorter {
  private readonly items: Int32Array;
  private readonly compare: ComparePositions;
  private left: number;

  constructor(items: Int32Array, compare: ComparePositions, comparisonsMax: number) {
    this.items = items;
    this.compare = compare;
    this.left = comparisonsMax + 64;
  }

  sort(from: number, count: number): boolean {
    let start = from;
    let n = count;
    for (;;) {
      if (this.isSorted(start, n)) return true;
      if (n < 7) {
        this.insertionSort(start, n);
        return true;
      }
      if (this.left < 0) return false;
      const { less, greater } = this.partition(start, n);
      const greaterStart = start + n - greater;
      if (less <= greater) {
        if (less > 1 && !this.sort(start, less)) return false;
        if (greater <= 1) return true;
        start = greaterStart;
        n = greater;
      } else {
        if (greater > 1 && !this.sort(greaterStart, greater)) return false;
        if (less <= 1) return true;
        n = less;
      }
    }
  }

  private isSorted(start: number, n: number): boolean {
    const { items, compare } = this;
    for (let i = start + 1; i < start + n; i++) {
      if (compare(items[i - 1], items[i]) > 0) {
        this.left -= i - start;
        return false;
      }
    }
    this.left -= n;
    return true;
  }

  private insertionSort(start: number, n: number): void {
    const { items, compare } = this;
    for (let i = start + 1; i < start + n; i++) {
      for (let j = i; j > start && compare(items[j - 1], items[j]) > 0; j--) this.swap(j, j - 1);
    }
  }

  /** Rows less than the pivot at the front, greater ones at the end; how many of each. */
  private partition(start: number, n: number): { less: number; greater: number } {
    const { items, compare } = this;
    this.left -= n;
    this.swap(start, this.pivot(start, n));
    let equalLow = start + 1;
    let low = start + 1;
    let high = start + n - 1;
    let equalHigh = high;
    for (;;) {
      let order: number;
      while (low <= high && (order = compare(items[low], items[start])) <= 0) {
        if (order === 0) this.swap(equalLow++, low);
        low++;
      }
      while (low <= high && (order = compare(items[high], items[start])) >= 0) {
        if (order === 0) this.swap(high, equalHigh--);
        high--;
      }
      if (low > high) break;
      this.swap(low++, high--);
    }
    const end = start + n;
    const less = low - equalLow;
    const greater = equalHigh - high;
    this.swapRanges(start, low, Math.min(equalLow - start, less));
    this.swapRanges(low, end, Math.min(greater, end - equalHigh - 1));
    return { less, greater };
  }

  private pivot(start: number, n: number): number {
    let middle = start + (n >> 1);
    if (n === 7) return middle;
    let first = start;
    let last = start + n - 1;
    if (n > 40) {
      const step = n >> 3;
      first = this.median(first, first + step, first + 2 * step);
      middle = this.median(middle - step, middle, middle + step);
      last = this.median(last - 2 * step, last - step, last);
    }
    return this.median(first, middle, last);
  }

  private median(a: number, b: number, c: number): number {
    const { items, compare } = this;
    const order = (left: number, right: number): number => compare(items[left], items[right]);
    if (order(a, b) < 0) {
      if (order(b, c) < 0) return b;
      return order(a, c) < 0 ? c : a;
    }
    if (order(b, c) > 0) return b;
    return order(a, c) < 0 ? a : c;
  }

  /** Swaps `count` items from `start` on with those that end before `end`. */
  private swapRanges(start: number, end: number, count: number): void {
    for (let i = 0; i < count; i++) this.swap(start + i, end - count + i);
  }

  private swap(a: number, b: number): void {
    const { items } = this;
    const item = items[a];
    items[a] = items[b];
    items[b] = item;
  }
}
