// Window calls that run row by row, over the partitions of a piece in order. Rows go out as soon as they have their
// results, before these grow past a share of the memory: a result may be as large as its frame.

import type { Datum, Vector } from '#common';
import { valueBytes } from '../rows/value-size.ts';
import { vectorOf } from './datum-vector.ts';
import type { InterpretedWindowCall } from './interpreted-window-call.ts';
import type { WindowPartitions } from './window-partitions.ts';

/** Rows that go out together. */
export const rowByRowMax = 8192;
/** Rows between two polls, a power of two. */
const polledRows = 64;

export interface RowByRowOptions {
  readonly resultBytesMax: number;
  readonly poll: () => void;
}

export class RowByRowCalls {
  private readonly calls: readonly InterpretedWindowCall[];
  private readonly partitions: WindowPartitions;
  private readonly options: RowByRowOptions;
  private partition = 0;
  private first = 0;
  private end = 0;
  private position = 0;

  constructor(
    calls: readonly InterpretedWindowCall[],
    partitions: WindowPartitions,
    options: RowByRowOptions,
  ) {
    this.calls = calls;
    this.partitions = partitions;
    this.options = options;
  }

  /** Results of the next rows, as far as position `to` at most, by call. */
  next(to: number): { readonly end: number; readonly vectors: readonly Vector[] } {
    const { calls } = this;
    const { resultBytesMax, poll } = this.options;
    const results = calls.map((): Datum[] => []);
    let bytes = 0;
    while (this.position < to && bytes <= resultBytesMax) {
      if (this.position === this.end) this.startPartition();
      const row = this.position++ - this.first;
      for (let i = 0; i < calls.length; i++) {
        const value = calls[i].evaluate(row);
        if (typeof value === 'object' || typeof value === 'string') bytes += valueBytes(value);
        results[i].push(value);
      }
      if ((row & (polledRows - 1)) === polledRows - 1) poll();
    }
    poll();
    const vectors = results.map((values, i) => vectorOf(calls[i].call.type.oid, values));
    return { end: this.position, vectors };
  }

  private startPartition(): void {
    this.first = this.end;
    this.end = this.partitions.ends[this.partition++];
    for (const call of this.calls)
      call.startPartition(this.partitions.rows(call.columns, this.first, this.end));
    this.options.poll();
  }
}
