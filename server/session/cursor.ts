// One SQL cursor: DECLARE, FETCH, MOVE, CLOSE. It reads its query as it is asked; one declared
// SCROLL keeps the rows that it has read, and one declared WITH HOLD keeps all of them past the
// transaction's end.

import {
  databaseError,
  type Datum,
  keyWithin,
  rowKeyPrefix,
  type TableDescriptor,
  tableOfKey,
} from '#common';
import type { RowPlace } from '#executor';
import type { Key, LogPosition } from '#storage';
import type { FieldDescription } from '../protocol/messages.ts';
import { cursorBytesMax } from '../limits.ts';
import { type CursorKeys, noCursorKeys } from './cursor-plan.ts';
import type { Portal } from './portal.ts';
import { CollectedRows, type RowTarget } from './row-target.ts';
import type { FetchOutcome } from './query-execution.ts';

/** Back over all rows, over those that it still has in memory, or not at all. */
export type ScrollAbility = 'all' | 'recent' | 'none';

export interface CursorOptions {
  readonly name: string;
  readonly portal: Portal;
  readonly scroll: ScrollAbility;
  readonly hold: boolean;
  readonly keys?: CursorKeys;
  readonly createdAt: number;
}

/** What a value costs beside its text. */
const datumBytes = 24;

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
  /** The keys behind each row, parallel to rows; empty when there are none. */
  private keys: Datum[][] = [];
  /** Position of rows[0] in the result, from 1. */
  private firstRow = 1;
  /** The row that the cursor stands on: 0 before the first, lastRow + 1 after the last. */
  position = 0;
  private exhausted = false;
  /** Bytes of the rows, roughly, where they may become too many to keep. */
  private bytes = 0;
  /** Rows have been dropped that it could have scrolled back to. */
  private hasForgotten = false;
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
    const { scroll, hold } = this.options;
    return hold || scroll === 'all' || (scroll === 'recent' && this.bytes <= cursorBytesMax);
  }

  get isOnRow(): boolean {
    return this.position > 0 && this.position <= this.lastRead;
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
        this.hasForgotten = true;
        this.firstRow = this.lastRead + 1;
        this.rows = [];
        this.keys = [];
      }
      this.keep(collected.collected);
      if (outcome === 'done') this.exhausted = true;
    }
  }

  private keep(rows: readonly Datum[][]): void {
    const { count } = this.options.keys ?? noCursorKeys;
    const isCounted = this.options.scroll === 'recent' && !this.options.hold;
    for (const row of rows) {
      if (isCounted) this.bytes += rowBytes(row);
      if (count > 0) this.keys.push(row.splice(row.length - count));
      this.rows.push(row);
    }
  }

  /** WHERE CURRENT OF: the key of the row that it stands on, if that is one of the table. 24000. */
  currentKey(table: TableDescriptor): Key | undefined {
    const { name } = this.options;
    if (this.held) throw invalidState(`cursor "${name}" is held from a previous transaction`);
    const { usable, locked } = this.options.keys ?? noCursorKeys;
    const found = usable.filter(({ key: { members, tableOid } }) =>
      members === undefined ? tableOid === table.oid : members.includes(table.oid),
    );
    if (found.length !== 1) throw noSingleKey(name, table, { locked, count: found.length });
    if (!this.isOnRow) throw invalidState(`cursor "${name}" is not positioned on a row`);
    const [{ at, key: source }] = found;
    const key = (this.keys[this.position - this.firstRow]?.[at] ?? undefined) as Key | undefined;
    if (key === undefined || source.members === undefined) return key;
    return tableOfKey(key) === table.oid ? keyWithin(key) : undefined;
  }

  /** The row that it stands on has another key now. */
  rowMoved(from: RowPlace, to: RowPlace): void {
    const current = this.keys[this.position - this.firstRow];
    if (current === undefined) return;
    for (const { at, key } of (this.options.keys ?? noCursorKeys).usable) {
      const isTagged = key.members !== undefined;
      if (!isTagged && key.tableOid !== from.tableOid) continue;
      const raw = (place: RowPlace): Key =>
        isTagged ? rowKeyPrefix(place.tableOid) + place.key : place.key;
      if (current[at] === raw(from)) current[at] = raw(to);
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
    this.requireScroll(this.position - count);
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
      this.requireScroll();
      yield* this.readTo(Infinity);
      return yield* this.movingTo(Math.max(this.lastRead + 1 + target, 0));
    }
    if (target < this.position || (target === this.position && target > 0))
      this.requireScroll(target);
    yield* this.readTo(target);
    this.position = Math.min(target, this.lastRead + 1);
    return this.current();
  }

  relative(count: number): Promise<Datum[][]> {
    return this.absolute(Math.max(this.position + count, 0));
  }

  /** It may go back to the row of this position. 55000. */
  requireScroll(first = 0): void {
    if (this.options.scroll === 'none' || (this.hasForgotten && first < this.firstRow)) {
      throw databaseError('objectNotInPrerequisiteState', 'cursor can only scan forward', {
        hint: 'Declare it with SCROLL option to enable backward scan.',
      });
    }
  }

  close(): void {
    this.execution.close();
    this.options.portal.close();
    this.rows = [];
    this.keys = [];
    this.exhausted = true;
  }
}

function rowBytes(row: readonly Datum[]): number {
  let bytes = datumBytes * row.length;
  for (const value of row)
    if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length;
  return bytes;
}

function invalidState(message: string): Error {
  return databaseError('invalidCursorState', message);
}

/** PostgreSQL's execCurrentOf(): the row locks of a query say what it stands on, if it has any. */
function noSingleKey(
  cursor: string,
  table: TableDescriptor,
  { locked, count }: { readonly locked: boolean; readonly count: number },
): Error {
  if (!locked)
    return invalidState(
      `cursor "${cursor}" is not a simply updatable scan of table "${table.name}"`,
    );
  return invalidState(
    count === 0
      ? `cursor "${cursor}" does not have a FOR UPDATE/SHARE reference to table "${table.name}"`
      : `cursor "${cursor}" has multiple FOR UPDATE/SHARE references to table "${table.name}"`,
  );
}
