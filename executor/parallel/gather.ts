// The coordinator's end of a part that several threads run: its own share of the rows, and batches of the
// helpers as they arrive, in any order.
//
// Nobody is waited for who has not begun: the coordinator takes morsels as long as there are any, so a helper
// whose thread is busy costs nothing. When its own share is through, it lets nobody join any more, and waits
// for those who have, since what they took is theirs.

import type { PhysicalGather } from '#planner';
import { again } from '../contract.ts';
import { gatherWaitMs } from '../limits.ts';
import type { Operator, Pulled } from '../operators/operator.ts';
import type { Runtime } from '../runtime.ts';
import { decodeBatch } from '../threads/value-transfer.ts';
import { HandedInput } from './handed-input.ts';
import { mergeMeasurements, noteThreads } from './merge-measurements.ts';
import { SplitBatches } from './split-batches.ts';
import type { Team, TeamRun } from './team.ts';

export class GatherOperator implements Operator {
  private readonly node: PhysicalGather;
  private readonly runtime: Runtime;
  private readonly handed: readonly HandedInput[];
  private readonly split = new SplitBatches();
  /** Of the handed inputs, the one that is read. */
  private position = 0;
  private reading = false;
  private ended = true;
  private run: TeamRun | undefined = undefined;
  /** Helpers that have joined; undefined while more may. */
  private joined: number | undefined = undefined;

  constructor(node: PhysicalGather, runtime: Runtime) {
    this.node = node;
    this.runtime = runtime;
    this.handed = node.handed.map(
      (handed) => new HandedInput(runtime.buildOperator(handed), handed.types.length),
    );
  }

  open(): void {
    this.close();
    this.split.clear();
    this.ended = false;
    this.reading = false;
    this.position = 0;
    this.joined = undefined;
  }

  next(): Pulled {
    return this.split.next(() => this.nextLarge());
  }

  nextLarge(): Pulled {
    if (this.ended) return undefined;
    if (this.run === undefined && this.prepare() === again) return again;
    const run = this.run!;
    for (;;) {
      const seen = run.control.signals;
      this.team.poll();
      const arrived = run.take();
      if (arrived !== undefined)
        return decodeBatch(arrived, this.team.fragment(this.node.fragment));
      if (this.joined === undefined) {
        const pulled = run.own.next();
        if (pulled !== undefined) return pulled;
        this.ownEnded(run);
      } else if (run.ended === this.joined) {
        this.finish(run);
        return undefined;
      } else {
        this.runtime.context.interrupt.check();
        run.control.waitForSignal(seen, gatherWaitMs);
        return again;
      }
    }
  }

  close(): void {
    this.ended = true;
    this.run?.close();
    this.run = undefined;
    for (const input of this.handed) input.close();
  }

  /** Computes what all threads receive, one input after the other, and begins the run. */
  private prepare(): typeof again | undefined {
    while (this.position < this.handed.length) {
      const input = this.handed[this.position];
      if (!this.reading) {
        this.reading = true;
        input.open();
      }
      if (input.read() === again) return again;
      this.reading = false;
      this.position++;
    }
    const instrument = this.runtime.measurements !== undefined;
    const rows = this.handed.map((input) => input.rows);
    this.run = this.team.begin(this.node, rows, instrument);
    return undefined;
  }

  private get team(): Team {
    return this.runtime.context.parallel!.team!;
  }

  private ownEnded(run: TeamRun): void {
    this.joined = run.control.closeJoining();
    // The share of rows that this thread has read speaks for the others.
    for (const [id, fraction] of run.own.observed ?? [])
      (this.runtime.observed ??= new Map()).set(id, fraction);
    const { measurements } = this.runtime;
    if (measurements === undefined) return;
    mergeMeasurements(measurements, run.own.measurements!);
    noteThreads(measurements, this.node.shownAs, this.joined + 1);
  }

  private finish(run: TeamRun): void {
    const { measurements } = this.runtime;
    if (measurements !== undefined)
      for (const measured of run.measurements) mergeMeasurements(measurements, measured);
    this.close();
  }
}
