// DISTINCT by hashing whole rows, or over grouped input by comparing with the row before. Past
// work_mem, rows not seen so far go to partitions on disk, which are made distinct one after another.

import { type Batch, type Datum, batchRows, columnValue } from '#common';
import type { PhysicalDistinct } from '#planner';
import { again } from '../contract.ts';
import { spillLevelsMax, spillPartitions } from '../limits.ts';
import { gatherBatch } from '../rows/gather.ts';
import { type HashKey, type KeyHasher, isSameKey, keyHasher } from '../rows/key-hash.ts';
import { Partitions } from '../rows/partitions.ts';
import { valueBytes } from '../rows/value-size.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';
import { type ColumnMaker, compileColumn } from './simple-operators.ts';

const entryBytes = 40;

export class DistinctOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly input: Operator;
  private readonly sorted: boolean;
  private readonly makers: readonly ColumnMaker[];
  private readonly hash: KeyHasher;
  private readonly width: number;
  private readonly seen = new Set<HashKey>();
  private seenBytes = 0;
  private last: HashKey | undefined = undefined;
  private selection = new Int32Array(batchRows);
  private spilled: Partitions | undefined = undefined;
  private waiting: {
    readonly parts: Partitions;
    readonly partition: number;
    readonly level: number;
  }[] = [];
  private allPartitions: Partitions[] = [];
  private source: (() => Pulled) | undefined = undefined;
  private level = 0;

  constructor(node: PhysicalDistinct, runtime: Runtime) {
    this.runtime = runtime;
    this.input = runtime.buildOperator(node.input);
    this.sorted = node.strategy === 'sorted';
    this.width = node.types.length;
    const on =
      node.on ?? node.types.map((type, ordinal) => ({ kind: 'input' as const, type, ordinal }));
    this.makers = on.map((expression) => compileColumn(expression, runtime));
    this.hash = keyHasher(on.map((expression) => expression.type.oid));
  }

  open(): void {
    this.close();
    this.input.open();
    this.source = () => this.input.next();
    this.level = 0;
  }

  next(): Pulled {
    while (this.source !== undefined) {
      const batch = this.source();
      if (batch === again) return again;
      if (batch === undefined) {
        this.startNextPartition();
        continue;
      }
      const count = this.select(batch);
      this.runtime.hold(this, this.seenBytes);
      if (count === batch.length) return batch;
      if (count > 0) return gatherBatch(batch, this.selection, count);
      if (this.runtime.pause()) return again;
    }
    return undefined;
  }

  close(): void {
    this.input.close();
    this.seen.clear();
    this.seenBytes = 0;
    this.runtime.letGo(this);
    this.last = undefined;
    for (const parts of this.allPartitions) parts.close();
    this.allPartitions = [];
    this.waiting = [];
    this.spilled = undefined;
    this.source = undefined;
  }

  private select(batch: Batch): number {
    if (batch.length > this.selection.length) this.selection = new Int32Array(batch.length);
    const columns = this.makers.map((maker) => maker(batch));
    const values: Datum[] = columns.map(() => null);
    let count = 0;
    for (let row = 0; row < batch.length; row++) {
      for (let i = 0; i < columns.length; i++) values[i] = columnValue(columns[i], row);
      const key = columns.length === 0 ? true : this.hash(values);
      if (this.sorted ? this.isNewGroup(key) : this.isNew(key, batch, row))
        this.selection[count++] = row;
    }
    return count;
  }

  private isNewGroup(key: HashKey): boolean {
    if (this.last !== undefined && isSameKey(this.last, key)) return false;
    this.last = key;
    return true;
  }

  private isNew(key: HashKey, batch: Batch, row: number): boolean {
    if (this.seen.has(key)) return false;
    if (this.spilled !== undefined) {
      this.spilled.addRow(key, batch, row);
      return false;
    }
    this.seen.add(key);
    this.seenBytes += entryBytes + valueBytes(key);
    if (this.seenBytes > this.runtime.context.workMemBytes && this.level < spillLevelsMax) {
      this.spilled = new Partitions(this.width, this.runtime.context.spillDirectory, this.level);
      this.allPartitions.push(this.spilled);
    }
    return true;
  }

  private startNextPartition(): void {
    const { spilled } = this;
    if (spilled !== undefined) {
      spilled.finish();
      for (let partition = 0; partition < spillPartitions; partition++) {
        if (spilled.rowCount(partition) > 0)
          this.waiting.push({ parts: spilled, partition, level: this.level + 1 });
      }
      this.spilled = undefined;
    }
    this.seen.clear();
    this.seenBytes = 0;
    const next = this.waiting.pop();
    this.source = undefined;
    if (next === undefined) return;
    this.level = next.level;
    let block = 0;
    this.source = () => {
      if (block < next.parts.blockCount(next.partition))
        return next.parts.read(next.partition, block++);
      next.parts.release(next.partition);
      return undefined;
    };
  }
}
