// The cursors of a session, by name.

import { databaseError } from '#common';
import type { Cursor } from './cursor.ts';
import type { Portal } from './portal.ts';

export class Cursors {
  private readonly byName = new Map<string, Cursor>();
  private opened = 0;
  private readonly openedAs = new WeakMap<Cursor, number>();

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
    this.openedAs.set(cursor, this.opened++);
  }

  /** A savepoint's mark. */
  mark(): number {
    return this.opened;
  }

  /** Cursors do not outlive the part of the transaction that opened them. */
  rollbackTo(mark: number): void {
    for (const [name, cursor] of this.byName)
      if ((this.openedAs.get(cursor) ?? 0) >= mark) this.close(name);
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
