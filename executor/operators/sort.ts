// Sort: in memory while it fits, by merging sorted runs on disk otherwise, and with a bounded buffer
// when only the first rows are wanted.

import { type Batch, type Column, batchRows, columnValue } from '#common';
import type { PhysicalSort } from '#planner';
import { again } from '../contract.ts';
import { mergeFanIn } from '../limits.ts';
import { type KeyColumn, compareByKey, keyColumn, sortedPositions } from '../rows/row-order.ts';
import { RowStore } from '../rows/row-store.ts';
import { RunMerge } from '../rows/run-merge.ts';
import { SpillFile } from '../rows/spill-file.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';
import { type ColumnMaker, compileColumn, compileScalar } from './simple-operators.ts';

/** A top-N buffer is cut back to N rows when it holds this many times as many. */
const topRowsSlack = 2;
const topRowsMin = 1024;
const topRowsMax = 100_000;

export class SortOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalSort;
  private readonly input: Operator;
  private readonly width: number;
  private readonly keys: readonly KeyColumn[];
  /** Key columns that are not plain input columns, appended to each stored row. */
  private readonly computed: readonly ColumnMaker[];
  private readonly limit: (() => unknown) | undefined;
  private readonly store: RowStore;
  private sorted = false;
  private positions: Int32Array = new Int32Array(0);
  private position = 0;
  private limitRows = Infinity;
  private boundary: readonly Column[] | undefined = undefined;
  private runs: SpillFile[] = [];
  private merge: RunMerge | undefined = undefined;

  constructor(node: PhysicalSort, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.input = runtime.buildOperator(node.input);
    this.width = node.types.length;
    const computed: ColumnMaker[] = [];
    this.keys = node.keys.map((key) => {
      if (key.expression.kind === 'input') return keyColumn(key, key.expression.ordinal);
      computed.push(compileColumn(key.expression, runtime));
      return keyColumn(key, this.width + computed.length - 1);
    });
    this.computed = computed;
    this.limit = node.limit === undefined ? undefined : compileScalar(node.limit, runtime);
    this.store = new RowStore(this.width + computed.length);
  }

  open(): void {
    this.close();
    this.input.open();
    const limit = this.limit?.();
    this.limitRows = limit === undefined || limit === null ? Infinity : Math.max(0, Number(limit));
  }

  next(): Pulled {
    if (!this.sorted && this.readInput() === again) return again;
    if (this.runtime.pause()) return again;
    const batch = this.merge === undefined ? this.nextInMemory() : this.merge.next(batchRows);
    return batch === undefined ? undefined : this.withoutKeys(batch);
  }

  close(): void {
    this.input.close();
    this.store.clear();
    for (const run of this.runs) run.close();
    this.runs = [];
    this.merge?.close();
    this.merge = undefined;
    this.sorted = false;
    this.boundary = undefined;
    this.positions = new Int32Array(0);
    this.position = 0;
  }

  private readInput(): typeof again | undefined {
    const topRows = this.limitRows <= topRowsMax ? this.limitRows : Infinity;
    const cutAt = Math.max(topRows * topRowsSlack, topRowsMin);
    const budget = this.runtime.context.workMemBytes;
    for (;;) {
      if (this.runtime.pause()) return again;
      const batch = this.input.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      const extended = this.withKeys(batch);
      if (this.boundary === undefined) this.store.appendBatch(extended);
      else this.appendBelowBoundary(extended, this.boundary);
      if (topRows !== Infinity && this.store.length > cutAt) this.cutToTop(topRows);
      if (this.store.bytes > budget) this.writeRun();
    }
    this.finishInput();
    return undefined;
  }

  private withKeys(batch: Batch): Batch {
    if (this.computed.length === 0) return batch;
    return {
      length: batch.length,
      columns: [...batch.columns, ...this.computed.map((maker) => maker(batch))],
    };
  }

  private withoutKeys(batch: Batch): Batch {
    if (this.computed.length === 0) return batch;
    return { length: batch.length, columns: batch.columns.slice(0, this.width) };
  }

  /** Keeps the first rows; the last of them is the boundary that later rows must be below. */
  private cutToTop(rows: number): void {
    const positions = sortedPositions(this.store, this.keys);
    const kept = this.store.gather(positions, 0, rows);
    this.store.clear();
    this.store.appendBatch(kept);
    if (rows > 0) this.boundary = this.store.slice(rows - 1, rows).columns;
  }

  private appendBelowBoundary(batch: Batch, boundary: readonly Column[]): void {
    for (let row = 0; row < batch.length; row++) {
      if (this.isBelow(batch.columns, row, boundary)) this.store.appendRow(batch.columns, row);
    }
  }

  private isBelow(columns: readonly Column[], row: number, boundary: readonly Column[]): boolean {
    for (const key of this.keys) {
      const order = compareByKey(
        key,
        columnValue(columns[key.column]!, row),
        columnValue(boundary[key.column]!, 0),
      );
      if (order !== 0) return order < 0;
    }
    return false;
  }

  private writeRun(): void {
    const run = new SpillFile(this.runtime.context.spillDirectory);
    this.runs.push(run);
    const positions = sortedPositions(this.store, this.keys);
    for (let start = 0; start < positions.length; start += batchRows) {
      run.write(this.store.gather(positions, start, Math.min(start + batchRows, positions.length)));
    }
    this.store.clear();
    const measurement = this.runtime.measurements?.get(this.node.id);
    if (measurement !== undefined) measurement.spilledBytes += run.bytes;
    if (this.runs.length >= mergeFanIn) this.mergeRuns();
  }

  /** Merges all runs into one, so that no more than a fixed number is open. */
  private mergeRuns(): void {
    const merged = new SpillFile(this.runtime.context.spillDirectory);
    const merge = new RunMerge(this.runs, this.keys);
    for (let batch = merge.next(batchRows); batch !== undefined; batch = merge.next(batchRows)) {
      merged.write(batch);
      this.runtime.context.interrupt.check();
    }
    merge.close();
    this.runs = [merged];
  }

  private finishInput(): void {
    this.sorted = true;
    this.input.close();
    if (this.runs.length > 0) {
      if (this.store.length > 0) this.writeRun();
      this.merge = new RunMerge(this.runs, this.keys);
      this.runs = [];
      return;
    }
    this.positions = sortedPositions(this.store, this.keys);
  }

  private nextInMemory(): Batch | undefined {
    if (this.position >= this.positions.length) return undefined;
    const start = this.position;
    this.position = Math.min(start + batchRows, this.positions.length);
    return this.store.gather(this.positions, start, this.position);
  }
}
