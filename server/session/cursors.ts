// SQL cursors: DECLARE, FETCH, MOVE, CLOSE. A cursor reads its query as it is asked; one declared
// SCROLL keeps the rows that it has read, and one declared WITH HOLD keeps all of them past the
// transaction's end.

import { databaseError, type Datum } from '#common';
import type { LogPosition } from '#storage';
import type { FieldDescription } from '../protocol/messages.ts';
import type { Portal } from './portal.ts';
import { CollectedRows, type RowTarget } from './row-target.ts';
import type { FetchOutcome } from './query-execution.ts';

export interface CursorOptions {
  readonly name: string;
  readonly portal: Portal;
  readonly scroll: boolean;
  readonly hold: boolean;
  readonly createdAt: number;
}

/** What a cursor reads from: a running query. */
export interface RowSupply {
  open(): Promise<void>;
  fetch(target: RowTarget, maxRows: number): FetchOutcome | Promise<FetchOutcome>;
  close(): void;
}

/** Reading that may have to wait: yields what is to be awaited. A routine's cursor never does. */
export type Steps<Result> = Generator<Promise<void>, Result>;

async function awaited<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    // An error ends the reading; its generators have nothing to clean up.
    await step.value;
  }
}

export class Cursor {
  readonly options: CursorOptions;
  private readonly execution: RowSupply;
  /** Rows read so far; kept from the start when scrolling, otherwise only the current one. */
  private rows: Datum[][] = [];
  /** Position of rows[0] in the result, from 1. */
  private firstRow = 1;
  /** The row that the cursor stands on: 0 before the first, lastRow + 1 after the last. */
  position = 0;
  private exhausted = false;
  /** All rows are in memory. */
  private materialized = false;
  /** Its transaction has committed: it lives until it is closed. */
  held = false;
  dependsOn: LogPosition = 0;

  constructor(options: CursorOptions, execution: RowSupply) {
    this.options = options;
    this.execution = execution;
  }

  get fields(): readonly FieldDescription[] {
    return this.options.portal.fields() ?? [];
  }

  get mustMaterialize(): boolean {
    return this.options.hold && !this.materialized;
  }

  private get keepsRows(): boolean {
    return this.options.scroll || this.options.hold;
  }

  private get lastRead(): number {
    return this.firstRow + this.rows.length - 1;
  }

  /** Reads on until row `target` is known or the end is reached. */
  private *readTo(target: number): Steps<void> {
    while (!this.exhausted && this.lastRead < target) {
      const collected = new CollectedRows();
      const wanted = target === Infinity ? 1024 : Math.min(target - this.lastRead, 1024);
      const fetched = this.execution.fetch(collected, wanted);
      let outcome: FetchOutcome = 'suspended';
      if (typeof fetched === 'string') outcome = fetched;
      else {
        yield fetched.then((settled) => {
          outcome = settled;
        });
      }
      this.dependsOn = Math.max(this.dependsOn, collected.dependsOn);
      if (
        target !== Infinity &&
        !this.keepsRows &&
        this.rows.length > 0 &&
        collected.collected.length > 0
      ) {
        this.firstRow = this.lastRead + 1;
        this.rows = [];
      }
      this.rows.push(...collected.collected);
      if (outcome === 'done') this.exhausted = true;
    }
  }

  /** Fixes the snapshot: rows are those of the moment of DECLARE, whenever they are fetched. */
  open(): Promise<void> {
    return this.execution.open();
  }

  /** Reads everything, so that the cursor outlives its transaction. */
  materialize(): Promise<void> {
    return awaited(this.materializing());
  }

  *materializing(): Steps<void> {
    if (this.materialized) return;
    yield* this.readTo(Infinity);
    this.execution.close();
    this.materialized = true;
  }

  /** FORWARD count (Infinity: all); negative counts go backward. Returns the rows passed over. */
  move(count: number): Promise<Datum[][]> {
    return awaited(this.moving(count));
  }

  *moving(count: number): Steps<Datum[][]> {
    if (count < 0) return this.moveBackward(-count);
    if (count === 0) return this.current();
    const passed: Datum[][] = [];
    while (passed.length < count) {
      const step = Math.min(count - passed.length, 1024);
      yield* this.readTo(this.position + step);
      const available = Math.min(this.lastRead - this.position, step);
      for (let row = 0; row < available; row++)
        passed.push(this.rows[this.position + 1 + row - this.firstRow]);
      this.position += available;
      if (available < step) {
        if (this.exhausted && passed.length < count) this.position = this.lastRead + 1;
        break;
      }
    }
    return passed;
  }

  private moveBackward(count: number): Datum[][] {
    this.requireScroll();
    const passed: Datum[][] = [];
    while (passed.length < count && this.position > 1) {
      this.position--;
      passed.push(this.rows[this.position - this.firstRow]);
    }
    if (passed.length < count) this.position = 0;
    return passed;
  }

  /** FETCH 0 and RELATIVE 0: the current row again. */
  private current(): Datum[][] {
    const row = this.rows[this.position - this.firstRow];
    return row === undefined || this.position > this.lastRead ? [] : [row];
  }

  /** FETCH ABSOLUTE: negative counts from the end. */
  absolute(target: number): Promise<Datum[][]> {
    return awaited(this.movingTo(target));
  }

  *movingTo(target: number): Steps<Datum[][]> {
    if (target < 0) {
      yield* this.readTo(Infinity);
      return yield* this.movingTo(Math.max(this.lastRead + 1 + target, 0));
    }
    if (target < this.position) this.requireScroll();
    yield* this.readTo(target);
    this.position = Math.min(target, this.lastRead + 1);
    return this.current();
  }

  relative(count: number): Promise<Datum[][]> {
    return this.absolute(Math.max(this.position + count, 0));
  }

  requireScroll(): void {
    if (!this.options.scroll) {
      throw databaseError('objectNotInPrerequisiteState', 'cursor can only scan forward', {
        hint: 'Declare it with SCROLL option to enable backward scan.',
      });
    }
  }

  close(): void {
    this.execution.close();
    this.options.portal.close();
    this.rows = [];
    this.exhausted = true;
  }
}

export class Cursors {
  private readonly byName = new Map<string, Cursor>();

  get(name: string): Cursor | undefined {
    return this.byName.get(name);
  }

  require(name: string): Cursor {
    const cursor = this.byName.get(name);
    if (cursor === undefined) {
      throw databaseError('invalidCursorName', `cursor "${name}" does not exist`);
    }
    return cursor;
  }

  portal(name: string): Portal | undefined {
    return this.byName.get(name)?.options.portal;
  }

  add(cursor: Cursor): void {
    if (this.byName.has(cursor.options.name)) {
      throw databaseError('duplicateCursor', `cursor "${cursor.options.name}" already exists`);
    }
    this.byName.set(cursor.options.name, cursor);
  }

  close(name: string): void {
    this.require(name).close();
    this.byName.delete(name);
  }

  all(): Iterable<Cursor> {
    return this.byName.values();
  }

  /** Cursors WITH HOLD that must be read to their end before a commit. */
  toMaterialize(): Cursor[] {
    return [...this.byName.values()].filter((cursor) => cursor.mustMaterialize);
  }

  /** Reads on to the end what the session's own writes must not change. */
  async materializeAll(): Promise<void> {
    for (const cursor of this.byName.values()) await cursor.materialize();
  }

  get isEmpty(): boolean {
    return this.byName.size === 0;
  }

  transactionEnded(committed: boolean): void {
    for (const [name, cursor] of this.byName) {
      if (committed && cursor.options.hold) cursor.held = true;
      if (cursor.held) continue;
      cursor.close();
      this.byName.delete(name);
    }
  }

  closeAll(): void {
    for (const cursor of this.byName.values()) cursor.close();
    this.byName.clear();
  }
}
