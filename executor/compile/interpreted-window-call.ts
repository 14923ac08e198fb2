// A window call over typed columns as the interpreter runs it (operators/window-call.ts): for calls and frames
// that no kernel takes, and for values that have no representation as numbers.

import { type Datum, type Expression, type Vector, batchRows } from '#common';
import { type WindowCallRunner, compileWindowCall } from '../operators/window-call.ts';
import { WindowFrames } from '../operators/window-frames.ts';
import { RowStore } from '../rows/row-store.ts';
import { vectorOf } from './datum-vector.ts';
import type { WindowCall } from './window-kernels.ts';
import type { WindowRows, WindowShape } from './window-rows.ts';

export class InterpretedWindowCall {
  private readonly shape: WindowShape;
  private readonly call: WindowCall;
  private readonly columns: readonly Expression[];
  private readonly store: RowStore;
  private readonly frames: WindowFrames;
  private readonly runner: WindowCallRunner;

  constructor(shape: WindowShape, call: WindowCall) {
    const { node, runtime } = shape;
    this.shape = shape;
    this.call = call;
    this.columns = [
      ...node.orderBy.map(({ expression }) => expression),
      ...call.arguments,
      ...(call.filter === undefined ? [] : [call.filter]),
    ];
    this.store = new RowStore(this.columns.length);
    this.frames = new WindowFrames(node, 0, this.store, runtime);
    const { frame } = node;
    this.runner = compileWindowCall({ call, frame }, node.orderBy.length, runtime);
  }

  evaluate(rows: WindowRows): Vector {
    const results: Datum[] = [];
    const readers = this.columns.map((column) => rows.reader(column));
    let first = 0;
    for (const end of rows.partitionEnds) {
      this.load(readers, first, end);
      this.frames.startPartition();
      this.runner.startPartition(this.store, this.frames);
      for (let row = 0; row < end - first; row++) {
        this.frames.moveTo(row);
        results.push(this.runner.evaluate());
        if ((row & 63) === 63) rows.poll();
      }
      first = end;
      rows.poll();
    }
    this.store.clear();
    this.shape.runtime.letGo(this);
    return vectorOf(this.call.type.oid, results);
  }

  private load(
    readers: readonly ((position: number) => Datum)[],
    first: number,
    end: number,
  ): void {
    const { store } = this;
    const { runtime } = this.shape;
    store.clear();
    const values: Datum[] = readers.map(() => null);
    for (let position = first; position < end; position++) {
      for (let i = 0; i < readers.length; i++) values[i] = readers[i](position);
      store.appendValues(values);
      if (store.length % batchRows !== 0) continue;
      runtime.context.interrupt.check();
      runtime.checkUnspillable(this, store.bytes);
    }
  }
}
