// An inverted index's entries (GIN): a row has one for each of the terms in its columns. Each is a key in
// the index's own tree:
//
//   column position (1 byte), term, row key → length of position and term (u16, big-endian)
//
// Terms are self-delimiting byte strings that whoever knows the operator classes makes; entries of one
// term lie side by side in the order of the row keys.

import {
  checkKeyLength,
  type Datum,
  type IndexDescriptor,
  notSupported,
  prefixSuccessor,
} from '#common';
import type { Key, KeyBounds } from '../contract.ts';
import type { IndexComputation, TermRange } from './contract.ts';

const lengthBytes = 2;

export interface InvertedEntry {
  readonly key: Key;
  readonly value: Uint8Array;
}

export class InvertedFormat {
  readonly index: IndexDescriptor;
  #computation: IndexComputation | undefined;

  constructor(index: IndexDescriptor) {
    this.index = index;
  }
  setComputation(computation: IndexComputation): void {
    this.#computation = computation;
  }
  /** What entries() reads of a row; undefined: it may read anything. */
  get attributesRead(): readonly number[] | undefined {
    const columns = this.index.columns.map((column) => column.attributeNumber);
    const isPlain = this.index.predicate === undefined && !columns.includes(0);
    return isPlain ? columns : this.#computation?.attributes;
  }

  /** None when the row is not in a partial index. */
  entries(row: readonly Datum[], rowKey: Key): InvertedEntry[] {
    const terms = this.#computation?.terms;
    if (terms === undefined) throw notSupported(`inverted index "${this.index.name}"`);
    if (this.#computation?.includes?.(row) === false) return [];
    const entries: InvertedEntry[] = [];
    for (let position = 0; position < this.index.columns.length; position++) {
      for (const term of terms(row, position)) {
        const start = termKey(position, term);
        checkKeyLength(start, this.index.name);
        const value = Buffer.allocUnsafe(lengthBytes);
        value.writeUInt16BE(start.length);
        entries.push({ key: start + rowKey, value });
      }
    }
    return entries;
  }

  /** Where the entries of some terms of one column lie. */
  bounds(position: number, range: TermRange): KeyBounds {
    if (range.kind === 'prefix') {
      const start = termKey(position, range.term);
      return { lower: start, upper: prefixSuccessor(start) };
    }
    const { lower, upper } = range;
    const from = termKey(position, lower?.term ?? '');
    const to = termKey(position, upper?.term ?? '');
    return {
      lower: lower === undefined || lower.inclusive ? from : prefixSuccessor(from),
      upper: upper === undefined || upper.inclusive ? prefixSuccessor(to) : to,
    };
  }
}

function termKey(position: number, term: string): Key {
  return String.fromCharCode(position) + term;
}
