// A decoded inner page, and the search for the child that covers a key.
//
// Separators are strings all over the heap, so comparing them costs a cache miss or two each. What a page's
// separators have in common is therefore looked at once, and the six bytes after it stand side by side as
// numbers: the search runs over those, and only equal ones ask the strings.

import {
  entryKey,
  pageCount,
  pageLevel,
  pagePrefix,
  readPageUint32,
  valueStart,
} from './page-format.ts';

/** What a separator costs in the heap beside its characters: the string, and its number. */
const separatorOverheadBytes = 36;
const pageOverheadBytes = 250;
/** Three and three bytes: integers that need no check for overflow. */
const halfHeadUnit = 16777216;

/** Child i covers keys in [separators[i], separators[i + 1]); the first separator counts as below every key. */
export class InnerPage {
  readonly separators: readonly string[];
  readonly children: Uint32Array;
  readonly level: number;
  /** Rough size in memory. */
  readonly bytes: number;
  /** Of all separators but the first. */
  readonly #prefix: string;
  /** Of each separator: the six bytes after the prefix, zero where it ends. */
  readonly #heads: Float64Array;

  constructor(separators: readonly string[], children: Uint32Array, level: number) {
    this.separators = separators;
    this.children = children;
    this.level = level;
    this.#prefix =
      separators.length < 2 ? '' : commonPrefix(separators[1], separators[separators.length - 1]);
    this.#heads = Float64Array.from(separators, (key) => headOf(key, this.#prefix.length));
    let bytes = pageOverheadBytes + 4 * children.length;
    for (const separator of separators) bytes += separator.length + separatorOverheadBytes;
    this.bytes = bytes;
  }

  /** Position of the last separator <= the key. */
  childFor(key: string): number {
    const { separators } = this;
    const prefix = this.#prefix;
    const heads = this.#heads;
    for (let i = 0; i < prefix.length; i++) {
      const code = key.charCodeAt(i);
      const wanted = prefix.charCodeAt(i);
      // A key that ends here (NaN) is below them all.
      if (code !== wanted) return code > wanted ? separators.length - 1 : 0;
    }
    const head = headOf(key, prefix.length);
    let low = 1;
    let high = heads.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = heads[middle];
      if (other < head || (other === head && separators[middle] <= key)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** How far between its child's bounds a key lies, from 0 to 1; NaN when that is not known. */
  nearness(key: string, child: number): number {
    if (child === 0 || child === this.children.length - 1) return Number.NaN;
    const heads = this.#heads;
    return (headOf(key, this.#prefix.length) - heads[child]) / (heads[child + 1] - heads[child]);
  }
}

export function decodeInnerPage(page: Buffer): InnerPage {
  const count = pageCount(page);
  const prefix = pagePrefix(page);
  const separators: string[] = [];
  const children = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    separators.push(entryKey(page, i, prefix));
    children[i] = readPageUint32(page, valueStart(page, i));
  }
  return new InnerPage(separators, children, pageLevel(page));
}

function commonPrefix(left: string, right: string): string {
  let length = 0;
  while (length < left.length && left.charCodeAt(length) === right.charCodeAt(length)) length++;
  return left.slice(0, length);
}

/** Orders as the keys do, except that different keys may have the same head. */
function headOf(key: string, start: number): number {
  return threeBytes(key, start) * halfHeadUnit + threeBytes(key, start + 3);
}
function threeBytes(key: string, start: number): number {
  const { length } = key;
  if (start + 3 <= length) {
    return (
      (key.charCodeAt(start) << 16) | (key.charCodeAt(start + 1) << 8) | key.charCodeAt(start + 2)
    );
  }
  const first = start < length ? key.charCodeAt(start) << 16 : 0;
  return start + 1 < length ? first | (key.charCodeAt(start + 1) << 8) : first;
}
