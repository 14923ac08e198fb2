// What a gather node does whatever becomes of the rows: it computes what all threads receive, begins the run, works on the
// coordinator's own share, and ends the run.
//
// Nobody is waited for who has not begun: the coordinator takes morsels as long as there are any, so a helper
// whose thread is busy costs nothing. When its own share is through, it lets nobody join any more, and waits
// for those who have, since what they took is theirs.

import type { PhysicalGather } from '#planner';
import { again } from '../contract.ts';
import { gatherWaitMs } from '../limits.ts';
import type { Pulled } from '../operators/operator.ts';
import type { Runtime } from '../runtime.ts';
import { HandedInput } from './handed-input.ts';
import { mergeMeasurements, noteThreads } from './merge-measurements.ts';
import type { Team, TeamRun } from './team.ts';

export class GatheredRun {
  private readonly node: PhysicalGather;
  private readonly runtime: Runtime;
  private readonly handed: readonly HandedInput[];
  /** Of the handed inputs, the one that is read. */
  private position = 0;
  private reading = false;
  private run: TeamRun | undefined = undefined;
  /** Helpers that have joined; undefined while more may. */
  joined: number | undefined = undefined;

  constructor(node: PhysicalGather, runtime: Runtime) {
    this.node = node;
    this.runtime = runtime;
    this.handed = node.handed.map(
      (handed) => new HandedInput(runtime.buildOperator(handed), handed.types.length),
    );
  }

  open(): void {
    this.close();
    this.reading = false;
    this.position = 0;
    this.joined = undefined;
  }

  get team(): Team {
    return this.runtime.context.parallel!.team!;
  }

  /** Computes what all threads receive, one input after the other, and begins the run. */
  begin(): TeamRun | typeof again {
    if (this.run !== undefined) return this.run;
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
    return this.run;
  }

  /** The coordinator's own rows; at their end nobody may join any more. */
  pullOwn(run: TeamRun): Pulled {
    const pulled = run.own.next();
    if (pulled !== undefined) return pulled;
    this.closeJoining(run);
    // The share of rows that this thread has read speaks for the others.
    for (const [id, fraction] of run.own.observed ?? [])
      (this.runtime.observed ??= new Map()).set(id, fraction);
    const { measurements } = this.runtime;
    if (measurements !== undefined) mergeMeasurements(measurements, run.own.measurements!);
    return undefined;
  }

  /** How many have joined. */
  closeJoining(run: TeamRun): number {
    if (this.joined !== undefined) return this.joined;
    this.joined = run.control.closeJoining();
    const { measurements } = this.runtime;
    if (measurements !== undefined) noteThreads(measurements, this.node.shownAs, this.joined + 1);
    return this.joined;
  }

  /** For more than the messages that were seen. */
  wait(run: TeamRun, seen: number): typeof again {
    this.runtime.context.interrupt.check();
    run.control.waitForSignal(seen, gatherWaitMs);
    return again;
  }

  /** All rows have been read. */
  finish(run: TeamRun): void {
    const { measurements } = this.runtime;
    if (measurements !== undefined)
      for (const measured of run.measurements) mergeMeasurements(measurements, measured);
    this.close();
  }

  close(): void {
    this.run?.close();
    this.run = undefined;
    for (const input of this.handed) input.close();
  }
}
