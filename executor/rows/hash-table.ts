// Rows by key, for joins: every key maps to the chain of its rows in insertion order.

import type { Batch } from '#common';
import { type HashKey } from './key-hash.ts';
import { RowStore } from './row-store.ts';

const entryBytes = 48;

export class RowTable {
  readonly rows: RowStore;
  private first = new Map<HashKey, number>();
  private last = new Map<HashKey, number>();
  /** The next row with the same key, or -1. */
  private following: number[] = [];

  constructor(width: number) {
    this.rows = new RowStore(width);
  }

  get bytes(): number {
    return this.rows.bytes + this.first.size * entryBytes * 2 + this.following.length * 8;
  }

  /** Adds one row; a row with an undefined key is kept but never found. */
  add(batch: Batch, row: number, key: HashKey | undefined): void {
    const position = this.rows.length;
    this.rows.appendRow(batch.columns, row);
    this.following.push(-1);
    if (key === undefined) return;
    const previous = this.last.get(key);
    if (previous === undefined) this.first.set(key, position);
    else this.following[previous] = position;
    this.last.set(key, position);
  }

  /** First row with the key, or -1. */
  find(key: HashKey): number {
    return this.first.get(key) ?? -1;
  }

  next(position: number): number {
    return this.following[position];
  }

  clear(): void {
    this.rows.clear();
    this.first = new Map();
    this.last = new Map();
    this.following = [];
  }
}
