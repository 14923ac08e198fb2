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
    const results = new Array<Datum>(rows.rows.length).fill(null);
    const readers = this.columns.map((column) => rows.reader(column));
    let first = 0;
    for (const end of rows.partitionEnds) {
      const places = rows.order.subarray(first, end);
      this.load(places, readers);
      this.frames.startPartition();
      this.runner.startPartition(this.store, this.frames);
      for (let row = 0; row < places.length; row++) {
        this.frames.moveTo(row);
        results[places[row]] = this.runner.evaluate();
        if ((row & 63) === 63) rows.poll();
      }
      first = end;
      rows.poll();
    }
    this.store.clear();
    this.shape.runtime.letGo(this);
    return vectorOf(this.call.type.oid, results);
  }

  private load(places: Int32Array, readers: readonly ((place: number) => Datum)[]): void {
    const { store } = this;
    store.clear();
    const values: Datum[] = readers.map(() => null);
    for (let row = 0; row < places.length; row++) {
      for (let i = 0; i < readers.length; i++) values[i] = readers[i](places[row]);
      store.appendValues(values);
      if (row % batchRows !== 0) continue;
      this.shape.runtime.context.interrupt.check();
      this.shape.runtime.checkUnspillable(this, store.bytes);
    }
  }
}
