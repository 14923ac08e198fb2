// A pipeline: rows flow from its inlets through filters, projections and look-ups into one sink, without
// being stored between. An inlet's code is one generated function (inlet-run.ts). Rows that had to be put
// aside on disk, by a look-up (spilled-join.ts) or by the sink, come through again when their turn is.

import { again } from '../contract.ts';
import { type Inlet, InletRun } from './inlet-run.ts';
import type { PipelineState } from './pipeline-state.ts';
import type { PipelineSink } from './sink.ts';
import { SpilledJoin } from './spilled-join.ts';

export class Pipeline {
  readonly sink: PipelineSink;
  readonly joins: readonly SpilledJoin[];
  private readonly main: InletRun;
  private readonly leftOvers: readonly InletRun[];
  private runs: Generator<InletRun | undefined, void> | undefined = undefined;
  private run: InletRun | undefined = undefined;
  private relief: Generator<undefined, void> | undefined = undefined;
  private isFinished = false;
  /** Time spent in it since it was opened. */
  milliseconds = 0;

  constructor([main, ...leftOvers]: readonly Inlet[], sink: PipelineSink, state: PipelineState) {
    this.sink = sink;
    this.main = new InletRun(main, sink, state);
    this.leftOvers = leftOvers.map((inlet) => new InletRun(inlet, sink, state));
    this.joins = main.steps.flatMap((step, i) => {
      if (step.kind !== 'probe' || step.spill === undefined) return [];
      const leftOver = this.leftOvers.find(({ inlet }) => inlet.leftOverOf === step);
      const rest = main.steps.slice(i + 1);
      return [new SpilledJoin({ step, spill: step.spill, rest, leftOver, sink, state })];
    });
  }

  open(): void {
    this.runs = undefined;
    this.run = undefined;
    this.relief = undefined;
    this.isFinished = false;
    this.milliseconds = 0;
  }

  /** Handles a part of a block: true when the pipeline has ended. */
  step(poll: () => void): boolean | typeof again {
    const start = performance.now();
    const outcome = this.advance(poll);
    this.milliseconds += performance.now() - start;
    return outcome;
  }

  /** What takes rows at the moment. */
  get growing(): PipelineSink {
    return this.run?.sink ?? this.sink;
  }

  /** Of rows on their way to disk. */
  get bytes(): number {
    return this.joins.reduce((sum, { options }) => sum + options.spill.store.bytes, 0);
  }

  /** Past the budget: false when nothing here can go to disk. */
  relieve(): boolean {
    this.relief ??= this.growing.relieve?.();
    return this.relief !== undefined;
  }

  private advance(poll: () => void): boolean | typeof again {
    if (this.relief !== undefined) {
      if (this.relief.next().done === true) this.relief = undefined;
      return false;
    }
    this.runs ??= this.inOrder(poll);
    if (this.run === undefined) return this.startNext(poll);
    const outcome = this.run.step();
    for (const { options } of this.joins)
      if (options.step.table.spilled) options.spill.store.writeWhenMany();
    for (const store of this.sink.spills ?? []) store.writeWhenMany();
    if (outcome !== true) return outcome;
    this.run.finished();
    this.run = undefined;
    return false;
  }

  private startNext(poll: () => void): boolean | typeof again {
    const next = this.runs!.next();
    if (next.done === true) {
      if (!this.isFinished) this.sink.finish(poll);
      this.isFinished = true;
      return this.sink.settle?.(poll) === false ? again : true;
    }
    this.run = next.value;
    this.run?.open();
    return false;
  }

  /** Every row passes the look-ups in their order, so what waits at one is complete when its turn comes. */
  private *inOrder(poll: () => void): Generator<InletRun | undefined, void> {
    this.sink.begin();
    for (const join of this.joins) if (join.isSpilled) join.options.spill.store.begin(0);
    yield this.main;
    for (const join of this.joins) {
      if (join.isSpilled) yield* join.replays(poll);
      else if (join.options.leftOver !== undefined) yield join.options.leftOver;
    }
    if (this.sink.replays !== undefined) yield* this.sink.replays();
  }

  close(): void {
    this.main.close();
    for (const inlet of this.leftOvers) inlet.close();
    for (const join of this.joins) join.close();
    this.sink.clear();
    this.runs = undefined;
    this.run = undefined;
    this.relief = undefined;
  }
}
