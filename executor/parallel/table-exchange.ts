// How the threads of a run build tables together: each stores the rows of the morsels that it takes, and
// when a line's rows are all stored, the coordinator puts the parts together and hands the table to everybody.
// Who cannot go on (too much memory, keys that cannot be told apart across threads) fails the line: then the
// coordinator runs the node alone, without parts, and helpers have no rows.

import type { SharedTable, TablePart } from '../compile/shared-table.ts';
import { gatherWaitMs } from '../limits.ts';
import type { LineShare } from './line-share.ts';
import type { RunControl } from './run-control.ts';

export interface TableExchangeOptions {
  readonly control: RunControl;
  readonly shares: readonly LineShare[];
  /** Of a helper: to its coordinator. */
  readonly send?: (line: number, part: TablePart) => void;
  /** Of a coordinator: to all its helpers. */
  readonly publish?: (line: number, table: SharedTable) => void;
  /** Takes the messages that have arrived. */
  readonly poll: () => void;
}

export class TableExchange {
  readonly isCoordinator: boolean;
  private readonly options: TableExchangeOptions;
  /** By line, of the coordinator. */
  private readonly parts = new Map<number, TablePart[]>();
  /** By line, of a helper. */
  private readonly tables = new Map<number, SharedTable>();

  constructor(options: TableExchangeOptions) {
    this.options = options;
    this.isCoordinator = options.publish !== undefined;
  }

  /** This thread is through with its share of the line; `part`: what it has stored. */
  arrive(line: number, part?: TablePart): void {
    const { control, shares, send } = this.options;
    const share = shares[line];
    const { hasEntered, hasArrived } = share;
    if (hasArrived) return;
    share.hasArrived = true;
    if (part !== undefined && hasEntered) {
      if (send === undefined) this.receivePart(line, part);
      else send(line, part);
    }
    control.arrive(line, hasEntered);
  }

  fail(line: number): void {
    this.options.control.fail(line);
    this.arrive(line);
  }
  hasFailed(line: number): boolean {
    return this.options.control.hasFailed(line);
  }

  isComplete(line: number): boolean {
    return this.options.control.isComplete(line);
  }

  /** What all threads have stored; undefined while some are at it. */
  partsOf(line: number): readonly TablePart[] | undefined {
    if (!this.isComplete(line)) return undefined;
    this.options.poll();
    const parts = this.parts.get(line) ?? [];
    this.parts.delete(line);
    return parts;
  }

  publish(line: number, table: SharedTable): void {
    const { control, publish } = this.options;
    publish!(line, table);
    control.signal();
  }

  /** What the coordinator has made of the parts; undefined until it has. */
  tableOf(line: number): SharedTable | undefined {
    if (!this.isComplete(line)) return undefined;
    this.options.poll();
    return this.tables.get(line);
  }

  /** Sleeps until something has happened, or for a moment. */
  wait(isOver: () => boolean): void {
    const { control } = this.options;
    const seen = control.signals;
    if (!isOver()) control.waitForSignal(seen, gatherWaitMs);
  }

  receivePart(line: number, part: TablePart): void {
    const known = this.parts.get(line);
    if (known === undefined) this.parts.set(line, [part]);
    else known.push(part);
  }

  receiveTable(line: number, table: SharedTable): void {
    this.tables.set(line, table);
  }
}
