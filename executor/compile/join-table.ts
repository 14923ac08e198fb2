// The build side of a hash join: stored rows and an index over their key components. A single key that
// is dense has an array of rows by key, one whose bitmap is small enough an array of rows by the key's rank
// in it; other keys have open addressing with linear probing. Rows with equal keys are chained in the order
// in which they were added.

import { giveBack, zeroBytes, zeroWholes } from './array-pool.ts';
import { ColumnStore } from './column-store.ts';
import { type KeyBitmap, keyBitmap, keyBounds } from './key-bitmap.ts';
import { isLongKey } from './key-code.ts';
import { KeyPool, nullKey } from './key-pool.ts';
import type { LateTexts } from './late-texts.ts';
import { rankAt, ranksOf } from './rank-index.ts';

/** A dense index may have so many places per row, or this many in any case. */
const densePlacesPerRow = 4;
const densePlacesMin = 1 << 16;
const densePlacesMax = 1 << 27;
/** … and a ranked one so many, or this many in any case. */
const rankedPlacesPerRow = 512;
const rankedPlacesMin = 1 << 20;
/** Share of the numbers between the bounds beyond which a bitmap in front of the index saves little. */
const bitmapDensityMax = 0.5;
/** Rows between two polls of the interrupt while the index is built. */
const pollRows = 1 << 16;

/** What look-ups read beside the rows. */
export interface JoinIndex {
  readonly index: Int32Array;
  readonly next: Int32Array | undefined;
  readonly base: number | undefined;
  readonly ranks: Int32Array | undefined;
  readonly mask: number;
  readonly bitmaps: readonly (KeyBitmap | undefined)[];
  readonly tested: number | undefined;
  readonly matched: Uint8Array;
}

export class JoinTable {
  readonly store: ColumnStore;
  readonly pools: readonly KeyPool[];
  readonly keyTypes: readonly number[];
  /** Row + 1 by place; 0 is empty. */
  index: Int32Array = new Int32Array(1);
  /** The next row with the same key + 1; undefined when all keys differ. */
  next: Int32Array | undefined = undefined;
  /** The smallest key of a dense index. */
  base: number | undefined = undefined;
  /** Of a ranked index: set bits before each word of the first component's bitmap. */
  ranks: Int32Array | undefined = undefined;
  mask = 0;
  /** By component of the keys, where somebody looks at them. */
  bitmaps: readonly (KeyBitmap | undefined)[] = [];
  /** The component whose bitmap look-ups ask first: the one with the rarest values. */
  tested: number | undefined = undefined;
  private readonly wanted = new Set<number>();
  /** Rows that met a partner, for joins that keep the others (or exactly these). */
  matched: Uint8Array = new Uint8Array(0);
  /** The rows are in partitions on disk; what is in memory is one of these, or nothing. */
  spilled = false;
  /** Threads that hold it together: its memory is shared, and each counts its part of the bytes. */
  threads = 1;

  constructor(types: readonly number[], keyTypes: readonly number[], texts: LateTexts | undefined) {
    this.store = new ColumnStore(types, {
      keyCount: keyTypes.length,
      isPooled: true,
      textsOf: () => texts,
    });
    this.keyTypes = keyTypes;
    this.pools = keyTypes.map((type) => new KeyPool(type));
  }

  get indexParts(): JoinIndex {
    const { index, next, base, ranks, mask, bitmaps, tested, matched } = this;
    return { index, next, base, ranks, mask, bitmaps, tested, matched };
  }
  set indexParts(parts: JoinIndex) {
    Object.assign(this, parts);
  }

  get bytes(): number {
    let bytes = this.store.bytes + this.index.byteLength + (this.next?.byteLength ?? 0);
    bytes += this.ranks?.byteLength ?? 0;
    for (const bitmap of this.bitmaps) bytes += bitmap?.bits.byteLength ?? 0;
    for (const pool of this.pools) bytes += pool.bytes;
    return bytes / this.threads;
  }

  clear(): void {
    this.store.clear();
    for (const pool of this.pools) pool.clear();
    this.forgetIndex();
    giveBack(this.matched);
    this.matched = new Uint8Array(0);
    this.threads = 1;
  }

  private forgetIndex(): void {
    for (const array of [this.index, this.next, this.ranks]) giveBack(array);
    for (const bitmap of this.bitmaps) giveBack(bitmap?.bits);
    this.index = new Int32Array(1);
    this.mask = 0;
    this.next = undefined;
    this.base = undefined;
    this.ranks = undefined;
    this.bitmaps = [];
    this.tested = undefined;
  }

  /** Asks for the bitmap of a component, for those who test it before they look rows up. */
  wantBitmap(component: number): void {
    this.wanted.add(component);
  }

  /** Builds the index once all rows are there. */
  finish(poll: () => void, marks: boolean): void {
    const { length, keys } = this.store;
    if (marks) {
      giveBack(this.matched);
      this.matched = this.threads > 1 ? sharedBytes(length) : zeroBytes(length);
    }
    this.forgetIndex();
    if (keys.length === 0) return;
    const { min, max } = keyBounds(keys[0], length);
    const places = max - min + 1;
    const isSingle = keys.length === 1;
    const dense =
      isSingle &&
      places <= Math.max(densePlacesMin, length * densePlacesPerRow) &&
      places <= densePlacesMax;
    this.bitmaps = keys.map((each, i) =>
      dense && !this.wanted.has(i) ? undefined : keyBitmap(each, length, this.allocate),
    );
    const [first] = this.bitmaps;
    if (dense) {
      this.indexDense(keys[0], length, { min, places }, poll);
      return;
    }
    const ranked = places <= Math.max(rankedPlacesMin, length * rankedPlacesPerRow);
    if (isSingle && ranked && first !== undefined && places <= first.bits.length * 32) {
      this.indexRanked(keys[0], length, first, poll);
      return;
    }
    this.indexHashed(length, poll);
    this.tested = rarest(this.bitmaps);
  }

  private indexRanked(
    keys: Float64Array,
    length: number,
    { bits, min, count }: KeyBitmap,
    poll: () => void,
  ): void {
    const ranks = ranksOf(bits, this.allocate);
    const index = this.allocate(count);
    for (let row = length - 1; row >= 0; row--) {
      if (row % pollRows === 0) poll();
      const key = keys[row];
      if (key === nullKey) continue;
      const rank = rankAt(bits, ranks, key - min);
      if (index[rank] !== 0) this.chain(length)[row] = index[rank];
      index[rank] = row + 1;
    }
    this.index = index;
    this.ranks = ranks;
  }

  private indexDense(
    keys: Float64Array,
    length: number,
    { min, places }: { readonly min: number; readonly places: number },
    poll: () => void,
  ): void {
    this.base = min;
    if (places <= 0) {
      this.base = 0;
      return;
    }
    const index = this.allocate(places);
    const base = min;
    for (let row = length - 1; row >= 0; row--) {
      if (row % pollRows === 0) poll();
      const key = keys[row];
      if (key === nullKey) continue;
      const place = key - base;
      if (index[place] !== 0) this.chain(length)[row] = index[place];
      index[place] = row + 1;
    }
    this.index = index;
  }

  private readonly allocate = (length: number): Int32Array =>
    this.threads > 1 ? new Int32Array(new SharedArrayBuffer(length * 4)) : zeroWholes(length);

  private chain(length: number): Int32Array {
    this.next ??= this.allocate(length);
    return this.next;
  }

  private indexHashed(length: number, poll: () => void): void {
    const { keys } = this.store;
    let size = 1024;
    while (size < length * 2) size *= 2;
    this.index = this.allocate(size);
    this.mask = size - 1;
    const { index, mask } = this;
    const long = this.keyTypes.map(isLongKey);
    for (let row = length - 1; row >= 0; row--) {
      if (row % pollRows === 0) poll();
      let hash = 0;
      let hasNull = false;
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i][row];
        if (key === nullKey) hasNull = true;
        hash = mixed(hash, key, long[i]);
      }
      if (hasNull) continue;
      let place = finished(hash) & mask;
      while (index[place] !== 0 && !this.sameKeys(index[place] - 1, row))
        place = (place + 1) & mask;
      if (index[place] !== 0) this.chain(length)[row] = index[place];
      index[place] = row + 1;
    }
  }

  private sameKeys(left: number, right: number): boolean {
    for (const keys of this.store.keys) if (keys[left] !== keys[right]) return false;
    return true;
  }
}

function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

function rarest(bitmaps: readonly (KeyBitmap | undefined)[]): number | undefined {
  let found: number | undefined;
  let density = bitmapDensityMax;
  bitmaps.forEach((bitmap, i) => {
    if (bitmap === undefined || bitmap.density > density) return;
    found = i;
    ({ density } = bitmap);
  });
  return found;
}

/** The hash of key components; hashText() is the same as code. */
export function mixed(hash: number, key: number, long: boolean): number {
  let next = Math.imul(hash ^ (key | 0), 0x9e3779b1);
  if (long) next = Math.imul(next ^ ((key / 4294967296) | 0), 0x85ebca6b);
  return next;
}

export function finished(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** Text of an expression for the hash of components, before it is masked. */
export function hashText(keys: readonly string[], types: readonly number[]): string {
  let text = '0';
  keys.forEach((key, i) => {
    text = `Math.imul(${text} ^ (${key} | 0), ${0x9e3779b1})`;
    if (isLongKey(types[i]))
      text = `Math.imul(${text} ^ ((${key} / 4294967296) | 0), ${0x85ebca6b})`;
  });
  return text;
}
