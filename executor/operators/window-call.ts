// One call over a window: a window function proper, or an aggregate over the frame. When frames only
// grow from the partition's start, an aggregate goes on with its state from row to row; equal frames
// share a result; where the start moves, an aggregate with an inverse takes out the rows that leave
// (as nodeWindowAgg.c does it, since the state may show that); anything else is aggregated anew.

import { type Datum, notSupported } from '#common';
import {
  type AggregateImplementation,
  type MovingAggregate,
  type WindowPartition,
  functionRegistry,
} from '#functions';
import type { PhysicalWindow } from '#planner';
import { isVolatile } from '../expression/volatility.ts';
import { callTypes } from '../expression/calls.ts';
import type { PositionedRows } from '../rows/positioned-rows.ts';
import { rowBytes } from '../rows/value-size.ts';
import type { Runtime } from '../runtime.ts';
import { aggregateImplementation, isResumable } from './aggregate-call.ts';
import type { WindowFrames } from './window-frames.ts';

type Call = PhysicalWindow['calls'][number];

/** Aggregates whose state holds what was fed. */
const collecting: ReadonlySet<string> = new Set([
  ...['array_agg', 'string_agg', 'json_agg', 'jsonb_agg', 'json_object_agg', 'jsonb_object_agg'],
  ...['range_agg', 'xmlagg'],
]);

function isCollecting(functionOid: number): boolean {
  const signature = functionRegistry.functionByOid(functionOid);
  return signature?.routine === undefined && collecting.has(signature?.name ?? '');
}

/** A state says so when it has grown by so much. */
const toldStepBytes = 1 << 16;

export interface WindowCallRunner {
  startPartition(rows: PositionedRows, frames: WindowFrames): void;
  /** For the row that the frames stand on. */
  evaluate(): Datum;
}

/** `base`: the rows' column of the call's first argument; its filter follows the arguments. */
export function compileWindowCall(
  { call, frame }: { readonly call: Call; readonly frame: PhysicalWindow['frame'] },
  base: number,
  runtime: Runtime,
): WindowCallRunner {
  return call.isAggregate
    ? new FrameAggregate(call, frame, base, runtime)
    : new WindowFunction(call, base, runtime);
}

class WindowFunction implements WindowCallRunner, WindowPartition {
  private readonly runtime: Runtime;
  private readonly base: number;
  private readonly implementation: {
    evaluate(window: WindowPartition, context: Runtime['functions']): Datum;
  };
  private rows: PositionedRows | undefined = undefined;
  private frames: WindowFrames | undefined = undefined;

  constructor(call: Call, base: number, runtime: Runtime) {
    this.runtime = runtime;
    this.base = base;
    const implementation = functionRegistry.window(call.functionOid);
    if (implementation === undefined) {
      const name =
        functionRegistry.functionByOid(call.functionOid)?.name ?? String(call.functionOid);
      throw notSupported(`window function ${name}`);
    }
    this.implementation = implementation;
  }

  startPartition(rows: PositionedRows, frames: WindowFrames): void {
    this.rows = rows;
    this.frames = frames;
  }

  evaluate(): Datum {
    return this.implementation.evaluate(this, this.runtime.functions);
  }

  get position(): number {
    return this.frames!.position;
  }
  get rowCount(): number {
    return this.rows!.length;
  }
  get peerStart(): number {
    return this.frames!.peerStart;
  }
  get peerEnd(): number {
    return this.frames!.peerEnd;
  }
  get peerGroup(): number {
    return this.frames!.peerGroup;
  }
  argument(index: number, position: number): Datum {
    return this.rows!.value(this.base + index, position);
  }
  frameRow(index: number): number {
    return this.frames!.frameRow(index);
  }
}

class FrameAggregate implements WindowCallRunner {
  private readonly runtime: Runtime;
  private readonly implementation: AggregateImplementation;
  private readonly resumable: boolean;
  private readonly moving: MovingAggregate | undefined;
  private readonly base: number;
  private readonly argumentCount: number;
  private readonly filterColumn: number | undefined;
  private rows: PositionedRows | undefined = undefined;
  private frames: WindowFrames | undefined = undefined;
  private state: unknown = undefined;
  /** Of a state that grows with its rows. */
  private readonly grows: boolean;
  private stateBytes = 0;
  private toldBytes = 0;
  private result: Datum = null;
  /** The rows that the state has taken in. */
  private start = 0;
  private end = 0;

  constructor(call: Call, frame: PhysicalWindow['frame'], base: number, runtime: Runtime) {
    this.runtime = runtime;
    const implementation = aggregateImplementation(call.functionOid, callTypes(call));
    const moves = frame.start.kind !== 'unboundedPreceding';
    const fed = call.filter === undefined ? call.arguments : [...call.arguments, call.filter];
    this.moving = moves && !fed.some(isVolatile) ? implementation.moving : undefined;
    this.implementation = this.moving ?? implementation;
    this.resumable = implementation.resumable === true || isResumable(call.functionOid);
    this.grows = isCollecting(call.functionOid);
    this.base = base;
    this.argumentCount = call.arguments.length;
    this.filterColumn = call.filter === undefined ? undefined : base + call.arguments.length;
  }

  startPartition(rows: PositionedRows, frames: WindowFrames): void {
    this.rows = rows;
    this.frames = frames;
    this.start = -1;
    this.end = -1;
    this.forgetState();
  }

  evaluate(): Datum {
    const frames = this.frames!;
    const { frameStart, frameEnd } = frames;
    const simple = frames.exclude === 'none';
    if (simple && frameStart === this.start && frameEnd === this.end) return this.result;
    const goesOn =
      simple &&
      this.resumable &&
      frameEnd >= this.end &&
      (frameStart === this.start || this.removeUpTo(frameStart));
    const from = goesOn ? this.end : frameStart;
    if (!goesOn) {
      this.state = this.implementation.create(this.runtime.functions);
      this.forgetState();
    }
    for (let row = from; row < frameEnd; row++) {
      if (simple || frames.inFrame(row)) this.step(row);
      frames.poll();
    }
    this.start = frameStart;
    this.end = frameEnd;
    this.result = this.implementation.finish(this.state, this.runtime.functions);
    return this.result;
  }

  /** Takes the rows before a new start out of the state; false: that cannot be done. */
  private removeUpTo(frameStart: number): boolean {
    const { moving } = this;
    if (moving === undefined || this.start < 0 || frameStart >= this.end) return false;
    for (let row = this.start; row < frameStart; row++) {
      this.frames!.poll();
      const args = this.argumentsOf(row);
      if (args === undefined) continue;
      const removed = moving.remove(this.state, this.runtime.functions, ...args);
      if (removed === undefined) return false;
      this.state = removed.state;
    }
    return frameStart > this.start;
  }

  private step(row: number): void {
    const args = this.argumentsOf(row);
    if (args === undefined) return;
    this.state = this.implementation.step(this.state, this.runtime.functions, ...args);
    if (this.grows) this.grow(rowBytes(args));
  }

  /** A state is not written to disk; 53200 when it is too large. */
  private grow(bytes: number): void {
    this.stateBytes += bytes;
    if (this.stateBytes < this.toldBytes + toldStepBytes) return;
    this.toldBytes = this.stateBytes;
    this.runtime.checkUnspillable(this, this.stateBytes);
  }

  private forgetState(): void {
    this.stateBytes = 0;
    if (this.toldBytes > 0) this.runtime.letGo(this);
    this.toldBytes = 0;
  }

  /** undefined: the row is not fed. */
  private argumentsOf(row: number): Datum[] | undefined {
    const rows = this.rows!;
    if (this.filterColumn !== undefined && rows.value(this.filterColumn, row) !== true)
      return undefined;
    const args: Datum[] = [];
    for (let i = 0; i < this.argumentCount; i++) args.push(rows.value(this.base + i, row));
    return this.implementation.strict && args.includes(null) ? undefined : args;
  }
}
