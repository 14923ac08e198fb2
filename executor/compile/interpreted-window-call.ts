// A window call over typed columns as the interpreter runs it (operators/window-call.ts): for calls and frames
// that no kernel takes, for values that have no representation as numbers, and for partitions on disk.

import type { Datum, Expression } from '#common';
import { type WindowCallRunner, compileWindowCall } from '../operators/window-call.ts';
import { WindowFrames } from '../operators/window-frames.ts';
import type { PositionedRows } from '../rows/positioned-rows.ts';
import type { WindowCall } from './window-kernels.ts';
import type { WindowShape } from './window-rows.ts';

export class InterpretedWindowCall {
  readonly call: WindowCall;
  /** What the columns of its rows are. */
  readonly columns: readonly Expression[];
  private readonly frames: WindowFrames;
  private readonly runner: WindowCallRunner;

  constructor({ node, runtime }: WindowShape, call: WindowCall) {
    this.call = call;
    this.columns = [
      ...node.orderBy.map(({ expression }) => expression),
      ...call.arguments,
      ...(call.filter === undefined ? [] : [call.filter]),
    ];
    this.frames = new WindowFrames(node, 0, runtime);
    const { frame } = node;
    this.runner = compileWindowCall({ call, frame }, node.orderBy.length, runtime);
  }

  startPartition(rows: PositionedRows): void {
    this.frames.startPartition(rows);
    this.runner.startPartition(rows, this.frames);
  }

  /** Rows of the partition are visited in order. */
  evaluate(row: number): Datum {
    this.frames.moveTo(row);
    return this.runner.evaluate();
  }
}
