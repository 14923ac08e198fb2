// Results of an expression over one column, kept per distinct value: for each entry of a dictionary, or
// for each whole number of a small range, the interpreter computes the result when it is first needed.
// So LIKE, regular expressions, substring or date_trunc cost one evaluation per distinct value.

import { type Column, type Datum, type Dictionary, genericColumn } from '#common';
import { entryAt, entryCount } from './late-texts.ts';
import type { Evaluator } from '../expression/environment.ts';
import { GrowingDictionary } from './growing-dictionary.ts';
import { prefixOf } from './prefix-places.ts';

/** A place of the tables below: 0 is for the null input, value i of the dictionary or range has i + 1. */
export type Fill = (place: number) => number;

/** Results kept from one execution to the next. */
const derivedValuesMax = 1 << 18;

/** In tables of booleans; 0 is not known yet. */
export const memoFalse = 1;
export const memoTrue = 2;
export const memoNull = 3;

export interface Memo {
  readonly table: Uint8Array | Int32Array | Float64Array;
  readonly fill: Fill;
}

export type MemoResult = 'boolean' | 'number' | 'dictionary';

export class MemoTable {
  /** What tables of results other than booleans and small integers point into. */
  readonly derived = new GrowingDictionary();
  private readonly evaluator: Evaluator;
  private readonly result: MemoResult;
  private readonly column: Datum[] = [null];
  private readonly columns: readonly Column[];
  private prefixLength: number | undefined = undefined;
  private readonly byPrefix = new Map<number, number>();
  private byDictionary = new WeakMap<Dictionary, Memo>();
  private byRange: (Memo & { readonly base: number }) | undefined = undefined;

  constructor(evaluator: Evaluator, ordinal: number, result: MemoResult) {
    this.evaluator = evaluator;
    this.result = result;
    const columns: Column[] = [];
    for (let i = 0; i <= ordinal; i++) columns.push(genericColumn(this.column));
    this.columns = columns;
  }

  /** The expression looks at no more characters of a text than these (undefined: it may look at all). */
  looksAt(prefixLength: number | undefined): void {
    if (this.prefixLength === prefixLength) return;
    this.prefixLength = prefixLength;
    this.byPrefix.clear();
  }

  /** Forgets everything: parameters may have changed. */
  clear(): void {
    this.byDictionary = new WeakMap();
    this.byRange = undefined;
    this.byPrefix.clear();
    this.derived.clear();
  }

  /** Results have piled up, of dictionaries that may be gone. */
  get isLarge(): boolean {
    return this.derived.values.length > derivedValuesMax;
  }

  ofDictionary(dictionary: Dictionary): Memo {
    let memo = this.byDictionary.get(dictionary);
    const length = entryCount(dictionary) + 1;
    if (memo === undefined || memo.table.length < length) {
      const table = this.grown(memo?.table, length);
      memo = { table, fill: (place) => this.fill(table, place, entryAt(dictionary, place - 1)) };
      this.byDictionary.set(dictionary, memo);
    }
    return memo;
  }

  ofRange(base: number, length: number, valueOf: (offset: number) => Datum): Memo {
    if (this.byRange?.base !== base || this.byRange.table.length <= length) {
      const table = this.grown(undefined, length + 1);
      const fill: Fill = (place) =>
        this.fill(table, place, place === 0 ? null : valueOf(place - 1));
      this.byRange = { table, fill, base };
    }
    return this.byRange;
  }

  private grown(old: Memo['table'] | undefined, length: number): Memo['table'] {
    // Room for a dictionary that grows while a block is read.
    const size = old === undefined ? length : Math.max(length, old.length * 2);
    const table =
      this.result === 'boolean'
        ? new Uint8Array(size)
        : this.result === 'number'
          ? new Float64Array(size).fill(NaN)
          : new Int32Array(size);
    if (old !== undefined) table.set(old);
    return table;
  }

  private fill(table: Memo['table'], place: number, value: Datum | undefined): number {
    const result = this.resultFor(place === 0 ? null : (value ?? null));
    if (place < table.length) table[place] = result;
    return result;
  }

  private resultFor(value: Datum): number {
    const prefix =
      this.prefixLength === undefined || typeof value !== 'string'
        ? -1
        : prefixOf(value, this.prefixLength);
    const known = prefix === -1 ? undefined : this.byPrefix.get(prefix);
    if (known !== undefined) return known;
    this.column[0] = value;
    const result = this.code(this.evaluator(this.columns, 0));
    if (prefix !== -1) this.byPrefix.set(prefix, result);
    return result;
  }

  private code(value: Datum): number {
    switch (this.result) {
      case 'boolean':
        return value === null ? memoNull : value === true ? memoTrue : memoFalse;
      case 'number':
        return value === null ? Infinity : (value as number);
      case 'dictionary':
        return value === null ? -1 : this.derived.placeOf(value) + 1;
    }
  }
}
