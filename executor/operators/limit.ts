// LIMIT and OFFSET, with ties when asked: after the last row, its peers under the order follow.

import { type Batch, type Datum, columnValue, databaseError } from '#common';
import type { PhysicalLimit } from '#planner';
import { again } from '../contract.ts';
import { sliceBatch } from '../rows/gather.ts';
import { type KeyColumn, compareByKey, keyColumn } from '../rows/row-order.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';
import { type ColumnMaker, compileColumn, compileScalar } from './simple-operators.ts';

export class LimitOperator implements Operator {
  private readonly input: Operator;
  private readonly count: (() => Datum) | undefined;
  private readonly offset: (() => Datum) | undefined;
  private readonly ties: readonly { readonly maker: ColumnMaker; readonly key: KeyColumn }[];
  private toSkip = 0;
  private remaining = 0;
  /** Key values of the last row, while its peers are let through. */
  private lastKeys: Datum[] | undefined = undefined;
  private done = true;

  constructor(node: PhysicalLimit, runtime: Runtime) {
    this.input = runtime.buildOperator(node.input);
    this.count = node.count === undefined ? undefined : compileScalar(node.count, runtime);
    this.offset = node.offset === undefined ? undefined : compileScalar(node.offset, runtime);
    this.ties = node.withTies
      ? node.tieKeys.map((key) => ({
          maker: compileColumn(key.expression, runtime),
          key: keyColumn(key, 0),
        }))
      : [];
  }

  open(): void {
    const count = this.count?.() ?? null;
    const offset = this.offset?.() ?? null;
    if (offset !== null && Number(offset) < 0) {
      throw databaseError('invalidRowCountInResultOffsetClause', 'OFFSET must not be negative');
    }
    if (count !== null && Number(count) < 0) {
      throw databaseError('invalidRowCountInLimitClause', 'LIMIT must not be negative');
    }
    this.toSkip = offset === null ? 0 : Number(offset);
    this.remaining = count === null ? Infinity : Number(count);
    this.lastKeys = undefined;
    this.done = this.remaining === 0;
    if (!this.done) this.input.open();
  }

  next(): Pulled {
    while (!this.done) {
      const batch = this.input.next();
      if (batch === again) return again;
      if (batch === undefined) {
        this.done = true;
        break;
      }
      const kept = this.lastKeys === undefined ? this.take(batch) : this.takeTies(batch, 0);
      if (this.done) this.input.close();
      if (kept !== undefined && kept.length > 0) return kept;
    }
    return undefined;
  }

  close(): void {
    this.input.close();
    this.done = true;
  }

  private take(batch: Batch): Batch | undefined {
    if (this.toSkip >= batch.length) {
      this.toSkip -= batch.length;
      return undefined;
    }
    const start = this.toSkip;
    this.toSkip = 0;
    const end = Math.min(batch.length, start + this.remaining);
    this.remaining -= end - start;
    if (this.remaining > 0) return sliceBatch(batch, start, end);
    if (this.ties.length === 0) {
      this.done = true;
      return sliceBatch(batch, start, end);
    }
    this.lastKeys = this.ties.map(({ maker }) => columnValue(maker(batch), end - 1));
    const peers = this.countTies(batch, end);
    return sliceBatch(batch, start, end + peers);
  }

  private takeTies(batch: Batch, start: number): Batch | undefined {
    const peers = this.countTies(batch, start);
    return peers === 0 ? undefined : sliceBatch(batch, start, start + peers);
  }

  /** Rows from `start` on that are peers of the last row; notes when a row is not. */
  private countTies(batch: Batch, start: number): number {
    const columns = this.ties.map(({ maker }) => maker(batch));
    for (let row = start; row < batch.length; row++) {
      for (let i = 0; i < this.ties.length; i++) {
        if (compareByKey(this.ties[i].key, columnValue(columns[i], row), this.lastKeys![i]) !== 0) {
          this.done = true;
          return row - start;
        }
      }
    }
    return batch.length - start;
  }
}
