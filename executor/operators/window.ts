// Window functions over input sorted by partition and order. The rows of one partition at a time are kept, past
// the budget of memory in pages on disk; for each row the frame is found and every call evaluated over it.

import {
  type Batch,
  type Column,
  type Datum,
  batchRows,
  columnValue,
  genericColumn,
} from '#common';
import type { PhysicalWindow } from '#planner';
import { again } from '../contract.ts';
import { compiledBudgetShare, compiledWorkMemFactor } from '../limits.ts';
import { type HashKey, type KeyHasher, isSameKey, keyHasher } from '../rows/key-hash.ts';
import { PagedRows } from '../rows/paged-rows.ts';
import { valueBytes } from '../rows/value-size.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';
import { type ColumnMaker, compileColumn } from './simple-operators.ts';
import { type WindowCallRunner, compileWindowCall } from './window-call.ts';
import { WindowFrames } from './window-frames.ts';

/** Rows evaluated between two looks at the clock. */
const slicedRows = 64;

export class WindowOperator implements Operator {
  private readonly node: PhysicalWindow;
  private readonly runtime: Runtime;
  private readonly input: Operator;
  private readonly partitionMakers: readonly ColumnMaker[];
  private readonly partitionHash: KeyHasher;
  /** Of what frames and calls look at: the order's keys, then the calls' arguments and filters. */
  private readonly seenMakers: readonly ColumnMaker[];
  private readonly calls: readonly WindowCallRunner[];
  private readonly frames: WindowFrames;
  private readonly carried: PagedRows;
  private readonly seen: PagedRows;
  /** Input that has been read but belongs to a later partition. */
  private pending: Batch | undefined = undefined;
  private pendingSeen: readonly Column[] = [];
  private pendingKeys: readonly HashKey[] = [];
  private pendingRow = 0;
  private partitionKey: HashKey | undefined = undefined;
  private inputDone = false;
  private isComplete = false;
  /** Offsets of frames are looked at even when there are none. */
  private hasRows = false;
  /** Of the rows emitted .. computed - 1. */
  private results: Datum[][] = [];
  private resultBytes = 0;
  private computed = 0;
  private emitted = 0;

  constructor(node: PhysicalWindow, runtime: Runtime) {
    this.node = node;
    this.runtime = runtime;
    this.input = runtime.buildOperator(node.input);
    this.partitionMakers = node.partitionBy.map((key) => compileColumn(key, runtime));
    this.partitionHash = keyHasher(node.partitionBy.map((key) => key.type.oid));
    const makers = node.orderBy.map((key) => compileColumn(key.expression, runtime));
    this.calls = node.calls.map((call) => {
      const base = makers.length;
      for (const argument of call.arguments) makers.push(compileColumn(argument, runtime));
      if (call.filter !== undefined) makers.push(compileColumn(call.filter, runtime));
      return compileWindowCall({ call, frame: node.frame }, base, runtime);
    });
    this.seenMakers = makers;
    this.carried = new PagedRows(node.input.types.length);
    this.seen = new PagedRows(makers.length);
    this.frames = new WindowFrames(node, 0, runtime);
  }

  open(): void {
    this.close();
    this.input.open();
    this.inputDone = false;
    this.hasRows = false;
  }

  next(): Pulled {
    for (;;) {
      if (!this.isComplete) {
        const read = this.readPartition();
        if (read === again) return again;
        if (this.carried.length === 0) {
          if (!this.hasRows) this.frames.startPartition(this.seen);
          return undefined;
        }
        this.hasRows = true;
        this.startPartition();
      }
      if (this.emitted === this.carried.length) {
        this.finishPartition();
        continue;
      }
      if (!this.compute()) return again;
      return this.nextOutput();
    }
  }

  close(): void {
    this.input.close();
    this.finishPartition();
    this.runtime.letGo(this);
    this.pending = undefined;
    this.inputDone = true;
  }

  /** Reads rows until the partition's key changes. */
  private readPartition(): typeof again | undefined {
    for (;;) {
      if (this.pending !== undefined && this.takePending(this.pending)) return undefined;
      if (this.inputDone) return undefined;
      if (this.runtime.pause()) return again;
      const batch = this.input.next();
      if (batch === again) return again;
      if (batch === undefined) this.inputDone = true;
      else this.prepare(batch);
    }
  }

  private prepare(batch: Batch): void {
    this.pending = batch;
    this.pendingSeen = this.seenMakers.map((maker) => maker(batch));
    this.pendingRow = 0;
    const partition = this.partitionMakers.map((maker) => maker(batch));
    const keys: HashKey[] = [];
    const values: Datum[] = partition.map(() => null);
    for (let row = 0; row < batch.length; row++) {
      for (let i = 0; i < partition.length; i++) values[i] = columnValue(partition[i], row);
      keys.push(partition.length === 0 ? true : this.partitionHash(values));
    }
    this.pendingKeys = keys;
  }

  /** Moves rows of the current partition to where they are kept; true when the partition is complete. */
  private takePending(batch: Batch): boolean {
    while (this.pendingRow < batch.length) {
      const key = this.pendingKeys[this.pendingRow]!;
      if (this.partitionKey === undefined) this.partitionKey = key;
      else if (!isSameKey(this.partitionKey, key)) return true;
      this.carried.appendRow(batch.columns, this.pendingRow);
      this.seen.appendRow(this.pendingSeen, this.pendingRow);
      this.pendingRow++;
    }
    this.pending = undefined;
    this.checkMemory();
    return false;
  }

  /** Past the budget rows go to disk, those that frames and calls look at last. */
  private checkMemory(): void {
    const { carried, seen, runtime } = this;
    const { spillDirectory } = runtime.context;
    const { budgetBytes } = this;
    if (carried.bytes + seen.bytes > budgetBytes) carried.toDisk(spillDirectory, budgetBytes);
    if (carried.bytes + seen.bytes > budgetBytes) seen.toDisk(spillDirectory, budgetBytes);
    runtime.hold(this, carried.bytes + seen.bytes + this.resultBytes);
  }

  private get budgetBytes(): number {
    const { context, memoryBytesMax } = this.runtime;
    const share = context.workMemBytes * compiledWorkMemFactor;
    return Math.min(share, memoryBytesMax / compiledBudgetShare);
  }

  private startPartition(): void {
    this.isComplete = true;
    this.computed = 0;
    this.emitted = 0;
    this.forgetResults();
    this.frames.startPartition(this.seen);
    for (const call of this.calls) call.startPartition(this.seen, this.frames);
  }

  /** Evaluates the calls for the rows of the next batch, fewer when results are large; false: it is others' turn. */
  private compute(): boolean {
    const end = Math.min(this.emitted + batchRows, this.carried.length);
    const { budgetBytes } = this;
    while (this.computed < end && this.resultBytes <= budgetBytes) {
      const row = this.computed++;
      this.frames.moveTo(row);
      for (let i = 0; i < this.calls.length; i++) {
        const value = this.calls[i].evaluate();
        if (typeof value === 'object' || typeof value === 'string')
          this.resultBytes += valueBytes(value);
        this.results[i].push(value);
      }
      if (row % slicedRows === 0 && this.runtime.pause()) return false;
    }
    this.checkMemory();
    return true;
  }

  private nextOutput(): Batch {
    const start = this.emitted;
    const end = this.computed;
    this.emitted = end;
    const columns = [...this.carried.columns(start, end), ...this.results.map(genericColumn)];
    this.forgetResults();
    return { length: end - start, columns };
  }

  private forgetResults(): void {
    this.results = this.calls.map(() => []);
    this.resultBytes = 0;
  }

  private finishPartition(): void {
    const measurement = this.runtime.measurements?.get(this.node.id);
    if (measurement !== undefined)
      measurement.spilledBytes += this.carried.bytesWritten + this.seen.bytesWritten;
    this.carried.clear();
    this.seen.clear();
    this.partitionKey = undefined;
    this.isComplete = false;
    this.emitted = 0;
  }
}
