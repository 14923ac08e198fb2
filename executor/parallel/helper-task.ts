// A statement's helper in its thread: runs the fragments that the coordinator asks for, a slice at a time,
// each on the helper's own view of the statement's snapshot.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

import type { PhysicalPlan } from '#planner';
import { type SnapshotReader, openSharedSnapshot } from '#storage';
import type { TablePart } from '../compile/shared-table.ts';
import { again } from '../contract.ts';
import { type MeasuredExecution, executePlan } from '../execute-plan.ts';
import { threadBatchesAhead } from '../limits.ts';
import { MainThreadNeeded } from '../threads/main-thread-needed.ts';
import type { HelpMessage } from '../threads/protocol.ts';
import { StatementStopped, threadContext } from '../threads/thread-context.ts';
import { ThreadInterrupt } from '../threads/thread-interrupt.ts';
import type { ThreadTask } from '../threads/thread-task.ts';
import { encodeBatch, encodeError } from '../threads/value-transfer.ts';
import type { FromHelper, ToHelper } from './contract.ts';
import { LineShare } from './line-share.ts';
import { RunControl } from './run-control.ts';
import { TableExchange } from './table-exchange.ts';

type Begin = Extract<ToHelper, { readonly kind: 'begin' }>;

export interface HelperListener {
  /** There is something to run. */
  wake(): void;
  /** It has ended by itself. */
  left(): void;
}

interface HelperRun {
  readonly id: number;
  readonly control: RunControl;
  readonly execution: MeasuredExecution;
  readonly plan: PhysicalPlan;
  readonly exchange: TableExchange;
  readonly interrupt: ThreadInterrupt;
  credits: number;
}

export class HelperTask implements ThreadTask {
  readonly id: number;
  heapGrowth = 0;
  private readonly listener: HelperListener;
  private readonly help: HelpMessage;
  private readonly fragments: readonly PhysicalPlan[];
  private readonly port: MessagePort;
  private readonly runs = new Map<number, HelperRun>();
  private reader: SnapshotReader | undefined = undefined;

  constructor(help: HelpMessage, fragments: readonly PhysicalPlan[], listener: HelperListener) {
    this.listener = listener;
    this.id = help.id;
    this.help = help;
    this.fragments = fragments;
    this.port = help.port;
    // At once: the longer one waits, the more the pages have moved on since the coordinator opened its view.
    this.openReader();
    this.port.on('message', (message: ToHelper) => {
      this.receive(message);
      listener.wake();
    });
  }

  get isRunnable(): boolean {
    for (const run of this.runs.values()) if (run.credits > 0) return true;
    return false;
  }

  /** Credit comes by the coordinator's port. */
  addCredits(): void {}

  runSlice(): boolean {
    for (const run of this.runs.values()) {
      if (run.credits <= 0) continue;
      // To the end of the line, unless its coordinator has left meanwhile.
      const isAlive = this.guarded(run.id, run.control, () => this.advance(run));
      const isKnown = this.runs.delete(run.id);
      if (isAlive && isKnown) this.runs.set(run.id, run);
      else run.execution.close();
      break;
    }
    return true;
  }

  /** Ends all its runs with an error from outside. */
  fail(error: Error): void {
    for (const run of this.runs.values()) {
      this.guarded(run.id, run.control, () => {
        throw error;
      });
      run.execution.close();
    }
    this.close();
    this.listener.left();
  }

  close(): void {
    for (const run of this.runs.values()) run.execution.close();
    this.runs.clear();
    this.reader?.close();
    this.reader = undefined;
    this.port.close();
  }

  /** Takes what has arrived without leaving the thread's turn. */
  private poll(): void {
    for (
      let received = receiveMessageOnPort(this.port);
      received !== undefined;
      received = receiveMessageOnPort(this.port)
    )
      this.receive(received.message as ToHelper);
  }

  private receive(message: ToHelper): void {
    const run = this.runs.get(message.run);
    switch (message.kind) {
      case 'begin':
        this.begin(message);
        return;
      case 'credit':
        if (run !== undefined) run.credits += message.batches;
        return;
      case 'table':
        run?.exchange.receiveTable(message.line, message.table);
        return;
      case 'leave':
        run?.execution.close();
        this.runs.delete(message.run);
    }
  }

  private begin(message: Begin): void {
    const control = new RunControl(message.control);
    this.guarded(message.run, control, () => {
      if (!this.hasVersion(message.version) || !control.join()) return false;
      const { help } = this;
      const interrupt = new ThreadInterrupt(help.stopWord, control.words);
      const { run: id, lines } = message;
      const shares = Array.from(
        { length: lines },
        (_value, line) => new LineShare(control, line, help.slot),
      );
      const exchange = new TableExchange({
        control,
        shares,
        send: (line, part) =>
          this.send(control, { kind: 'part', run: id, line, part }, memoryOf(part)),
        poll: () => this.poll(),
      });
      const context = threadContext({
        start: help,
        reader: this.reader!,
        interrupt,
        notice: (severity, text) =>
          this.send(control, { kind: 'notice', run: message.run, severity, message: text }),
        parallel: {
          threads: help.threads,
          shares,
          exchange,
          handed: message.handed,
        },
      });
      const plan = this.fragments[message.fragment];
      const { instrument } = message;
      this.runs.set(message.run, {
        id: message.run,
        control,
        execution: executePlan(plan, context, { instrument, largeBatches: true }),
        plan,
        exchange,
        interrupt,
        credits: threadBatchesAhead,
      });
      return true;
    });
  }

  /** Does its reader cut tables as the coordinator's does? If the pages have moved on, it looks again. */
  private hasVersion(version: number): boolean {
    if (this.reader === undefined) return false;
    if (this.reader.version === version) return true;
    if (this.runs.size > 0) return false;
    this.reader.close();
    this.openReader();
    return this.reader?.version === version;
  }

  /** Who cannot read does not take part; whatever is wrong, the coordinator meets it as well. */
  private openReader(): void {
    try {
      this.reader = openSharedSnapshot(this.help.snapshot);
    } catch {
      this.reader = undefined;
    }
  }

  /** true while there is more. */
  private advance(run: HelperRun): boolean {
    run.interrupt.newSlice();
    while (run.credits > 0) {
      run.interrupt.check();
      const pulled = run.execution.next();
      if (pulled === again) return true;
      if (pulled === undefined) {
        const { measurements } = run.execution;
        this.send(run.control, { kind: 'end', run: run.id, measurements });
        return false;
      }
      const transfer: ArrayBuffer[] = [];
      const batch = encodeBatch(pulled, run.plan.resultOrdinals, transfer, true);
      run.credits--;
      this.send(run.control, { kind: 'batch', run: run.id, batch }, transfer);
      if (run.interrupt.sliceOver()) return true;
    }
    return true;
  }

  private send(control: RunControl, message: FromHelper, transfer: ArrayBuffer[] = []): void {
    this.port.postMessage(message, transfer);
    control.signal();
  }

  private guarded(run: number, control: RunControl, step: () => boolean): boolean {
    try {
      return step();
    } catch (error) {
      if (error instanceof StatementStopped) return false;
      if (error instanceof MainThreadNeeded) this.send(control, { kind: 'mainThreadNeeded', run });
      else this.send(control, { kind: 'failed', run, error: encodeError(error) });
      return false;
    }
  }
}

/** What goes with the message instead of being copied. */
function memoryOf({ columns, keys }: TablePart): ArrayBuffer[] {
  const arrays = columns.flatMap(({ values, nulls }) =>
    nulls === undefined ? [values] : [values, nulls],
  );
  return [...arrays, ...keys].map(({ buffer }) => buffer as ArrayBuffer);
}
