// A statement's threads as its coordinator sees them: the helpers' ports, and the runs that are under way.
// Messages are taken from the ports without leaving the thread's turn, because a gather runs in the middle
// of the operators around it.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

import type { FunctionContext } from '#functions';
import type { PhysicalGather, PhysicalPlan } from '#planner';
import type { SharedTable } from '../compile/shared-table.ts';
import type { MeasuredExecution } from '../execute-plan.ts';
import { threadBatchesAhead } from '../limits.ts';
import type { NodeMeasurement } from '../measurement.ts';
import { MainThreadNeeded } from '../threads/main-thread-needed.ts';
import type { TransferredBatch } from '../threads/protocol.ts';
import { decodeError } from '../threads/value-transfer.ts';
import type { FromHelper, HandedRows, ParallelContext, ToHelper } from './contract.ts';
import { LineShare } from './line-share.ts';
import { RunControl } from './run-control.ts';
import { TableExchange } from './table-exchange.ts';

export interface TeamOptions {
  /** Of the coordinator, among all threads of the statement. */
  readonly slot: number;
  readonly ports: readonly MessagePort[];
  /** Of the coordinator's reader. */
  readonly version: number;
  readonly fragments: readonly PhysicalPlan[];
  /** Runs a fragment in the coordinator's thread, over its share of the rows. */
  readonly execute: (
    fragment: PhysicalPlan,
    parallel: ParallelContext,
    instrument: boolean,
  ) => MeasuredExecution;
  readonly functions: FunctionContext;
}

export class Team {
  readonly threads: number;
  private readonly options: TeamOptions;
  private readonly runs = new Map<number, TeamRun>();
  private lastRun = 0;

  constructor(options: TeamOptions) {
    this.options = options;
    this.threads = options.ports.length + 1;
  }

  fragment(ordinal: number): PhysicalPlan {
    return this.options.fragments[ordinal];
  }

  /** Runs a fragment, and asks the helpers to do so if what is handed to them could be kept. */
  begin(
    { fragment, lines }: PhysicalGather,
    handed: readonly HandedRows[],
    instrument: boolean,
  ): TeamRun {
    const { slot, ports, version, fragments } = this.options;
    const control = RunControl.create(this.threads, lines);
    const run = ++this.lastRun;
    const begin = { kind: 'begin', run, fragment, control: control.words, lines, version } as const;
    if (areKept(handed)) for (const port of ports) post(port, { ...begin, handed, instrument });
    const shares = Array.from({ length: lines }, (_v, line) => new LineShare(control, line, slot));
    const publish = (line: number, table: SharedTable): void => {
      for (const port of ports) post(port, { kind: 'table', run, line, table });
    };
    const poll = (): void => this.poll();
    const exchange = new TableExchange({ control, shares, publish, poll });
    const parallel = { threads: this.threads, shares, exchange, handed };
    const own = this.options.execute(fragments[fragment], parallel, instrument);
    const made = new TeamRun(this, { id: run, control, own, exchange });
    this.runs.set(run, made);
    return made;
  }

  get functions(): FunctionContext {
    return this.options.functions;
  }

  /** Hands out what the helpers have said. */
  poll(): void {
    for (const port of this.options.ports) {
      for (
        let received = receiveMessageOnPort(port);
        received !== undefined;
        received = receiveMessageOnPort(port)
      ) {
        const message = received.message as FromHelper;
        this.runs.get(message.run)?.receive(message, port);
      }
    }
  }

  forget(run: TeamRun): void {
    this.runs.delete(run.id);
    for (const port of this.options.ports) post(port, { kind: 'leave', run: run.id });
  }

  close(): void {
    for (const run of this.runs.values()) run.control.stop();
    this.runs.clear();
    for (const port of this.options.ports) port.close();
  }
}

export interface Arrived {
  readonly batch: TransferredBatch;
  readonly port: MessagePort;
}

export class TeamRun {
  readonly id: number;
  readonly control: RunControl;
  /** The coordinator's part. */
  readonly own: MeasuredExecution;
  readonly measurements: ReadonlyMap<number, NodeMeasurement>[] = [];
  /** Helpers that are through. */
  readonly ended = new Set<MessagePort>();
  private readonly team: Team;
  private readonly exchange: TableExchange;
  private arrived: Arrived[] = [];
  private position = 0;
  private readonly read = new Map<MessagePort, number>();

  constructor(
    team: Team,
    parts: {
      readonly id: number;
      readonly control: RunControl;
      readonly own: MeasuredExecution;
      readonly exchange: TableExchange;
    },
  ) {
    this.team = team;
    this.id = parts.id;
    this.control = parts.control;
    this.own = parts.own;
    this.exchange = parts.exchange;
  }

  receive(message: FromHelper, port: MessagePort): void {
    switch (message.kind) {
      case 'batch':
        this.arrived.push({ batch: message.batch, port });
        return;
      case 'part':
        this.exchange.receivePart(message.line, message.part);
        return;
      case 'notice':
        this.team.functions.notice(message.severity, message.message);
        return;
      case 'end':
        this.ended.add(port);
        if (message.measurements !== undefined) this.measurements.push(message.measurements);
        return;
      case 'failed':
        throw decodeError(message.error);
      case 'mainThreadNeeded':
        throw new MainThreadNeeded();
    }
  }

  /** A batch that a helper has sent, and which helper. */
  take(): Arrived | undefined {
    if (this.position === this.arrived.length) return undefined;
    const arrived = this.arrived[this.position++];
    if (this.position === this.arrived.length) {
      this.arrived = [];
      this.position = 0;
    }
    return arrived;
  }

  /** A batch of the helper has been read, so it may send another one. */
  noteRead(port: MessagePort): void {
    const read = (this.read.get(port) ?? 0) + 1;
    const isEnough = read * 2 >= threadBatchesAhead;
    if (isEnough) post(port, { kind: 'credit', run: this.id, batches: read });
    this.read.set(port, isEnough ? 0 : read);
  }

  close(): void {
    this.own.close();
    this.control.stop();
    this.team.forget(this);
  }
}

function areKept(
  handed: readonly HandedRows[],
): handed is readonly (readonly TransferredBatch[])[] {
  return handed.every((rows) => Array.isArray(rows));
}

function post(port: MessagePort, message: ToHelper): void {
  port.postMessage(message);
}
