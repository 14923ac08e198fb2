// Window functions over input sorted by partition and order. One partition at a time is kept in
// memory; for each row the frame is found and every call evaluated over it.

import { type Batch, type Column, type Datum, batchRows, genericColumn } from '#common';
import type { PhysicalWindow } from '#planner';
import { again } from '../contract.ts';
import { type HashKey, type KeyHasher, isSameKey, keyHasher } from '../rows/key-hash.ts';
import { RowStore } from '../rows/row-store.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';
import { type ColumnMaker, compileColumn } from './simple-operators.ts';
import { type WindowCallRunner, compileWindowCall } from './window-call.ts';
import { WindowFrames } from './window-frames.ts';

export class WindowOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly input: Operator;
  private readonly inputWidth: number;
  private readonly partitionMakers: readonly ColumnMaker[];
  private readonly partitionHash: KeyHasher;
  private readonly orderMakers: readonly ColumnMaker[];
  private readonly argumentMakers: readonly ColumnMaker[];
  private readonly calls: readonly WindowCallRunner[];
  private readonly frames: WindowFrames;
  private readonly store: RowStore;
  /** Input that has been read but belongs to a later partition. */
  private pending: Batch | undefined = undefined;
  private pendingKeys: readonly HashKey[] = [];
  private pendingRow = 0;
  private partitionKey: HashKey | undefined = undefined;
  private inputDone = false;
  private results: Datum[][] | undefined = undefined;
  private computed = 0;
  private emitted = 0;

  constructor(node: PhysicalWindow, runtime: Runtime) {
    this.runtime = runtime;
    this.input = runtime.buildOperator(node.input);
    this.inputWidth = node.input.types.length;
    this.partitionMakers = node.partitionBy.map((key) => compileColumn(key, runtime));
    this.partitionHash = keyHasher(node.partitionBy.map((key) => key.type.oid));
    this.orderMakers = node.orderBy.map((key) => compileColumn(key.expression, runtime));
    const makers: ColumnMaker[] = [];
    const firstArgument = this.inputWidth + node.orderBy.length;
    this.calls = node.calls.map((call) => {
      const base = firstArgument + makers.length;
      for (const argument of call.arguments) makers.push(compileColumn(argument, runtime));
      if (call.filter !== undefined) makers.push(compileColumn(call.filter, runtime));
      return compileWindowCall({ call, frame: node.frame }, base, runtime);
    });
    this.argumentMakers = makers;
    this.store = new RowStore(firstArgument + makers.length);
    this.frames = new WindowFrames(node, this.inputWidth, this.store, runtime);
  }

  open(): void {
    this.close();
    this.input.open();
    this.inputDone = false;
  }

  next(): Pulled {
    for (;;) {
      if (this.results === undefined) {
        const read = this.readPartition();
        if (read === again) return again;
        if (this.store.length === 0) return undefined;
        this.startPartition();
      }
      if (this.computed < this.store.length) {
        this.compute();
        if (this.runtime.pause()) return again;
        continue;
      }
      const batch = this.nextOutput();
      if (batch !== undefined) return batch;
      this.finishPartition();
    }
  }

  close(): void {
    this.input.close();
    this.store.clear();
    this.pending = undefined;
    this.partitionKey = undefined;
    this.results = undefined;
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
    const columns = [...batch.columns];
    for (const maker of this.orderMakers) columns.push(maker(batch));
    for (const maker of this.argumentMakers) columns.push(maker(batch));
    this.pending = { length: batch.length, columns };
    this.pendingRow = 0;
    const partition = this.partitionMakers.map((maker) => maker(batch));
    const keys: HashKey[] = [];
    const values: Datum[] = partition.map(() => null);
    for (let row = 0; row < batch.length; row++) {
      for (let i = 0; i < partition.length; i++) values[i] = readColumn(partition[i], row);
      keys.push(partition.length === 0 ? true : this.partitionHash(values));
    }
    this.pendingKeys = keys;
  }

  /** Moves rows of the current partition to the store; true when the partition is complete. */
  private takePending(batch: Batch): boolean {
    while (this.pendingRow < batch.length) {
      const key = this.pendingKeys[this.pendingRow]!;
      if (this.partitionKey === undefined) this.partitionKey = key;
      else if (!isSameKey(this.partitionKey, key)) return true;
      this.store.appendRow(batch.columns, this.pendingRow);
      this.pendingRow++;
    }
    this.pending = undefined;
    this.runtime.checkUnspillable(this, this.store.bytes);
    return false;
  }

  private startPartition(): void {
    this.results = this.calls.map(() => []);
    this.computed = 0;
    this.emitted = 0;
    this.frames.startPartition();
    for (const call of this.calls) call.startPartition(this.store, this.frames);
  }

  /** Evaluates the calls for some more rows of the partition. */
  private compute(): void {
    const end = Math.min(this.computed + batchRows, this.store.length);
    for (let row = this.computed; row < end; row++) {
      this.frames.moveTo(row);
      for (let i = 0; i < this.calls.length; i++) this.results![i].push(this.calls[i].evaluate());
      if ((row & 63) === 63) this.runtime.context.interrupt.check();
    }
    this.computed = end;
  }

  private nextOutput(): Batch | undefined {
    if (this.emitted >= this.store.length) return undefined;
    const start = this.emitted;
    const end = Math.min(start + batchRows, this.store.length);
    this.emitted = end;
    const columns: Column[] = [];
    for (let i = 0; i < this.inputWidth; i++)
      columns.push(genericColumn(this.store.columns[i].slice(start, end)));
    for (const result of this.results!) columns.push(genericColumn(result.slice(start, end)));
    return { length: end - start, columns };
  }

  private finishPartition(): void {
    this.store.clear();
    this.partitionKey = undefined;
    this.results = undefined;
  }
}

function readColumn(column: Column, row: number): Datum {
  if (column.nulls !== undefined && column.nulls[row] !== 0) return null;
  const value = column.values[row];
  return column.boolean ? value !== 0 : value;
}
