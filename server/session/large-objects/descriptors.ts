// The large objects that a session has open: descriptors, as numbers from 0, each with a place in its
// object. They live to the end of the transaction; a rollback to a savepoint, or of a statement that
// starts over, closes those that were opened since and brings the others back to where they stood.

import { databaseError } from '#common';
import { type LargeObjects, type Transaction } from '#storage';

/** Bits of lo_open()'s mode (libpq-fs.h). */
export const openMode = { write: 0x20000, read: 0x40000 } as const;
/** Descriptors that one session may have open. */
const descriptorsMax = 65_536;

export interface Descriptor {
  readonly oid: number;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  offset: number;
}

export class Descriptors {
  private open: (Descriptor | undefined)[] = [];

  add(transaction: Transaction, descriptor: Descriptor): number {
    const free = this.open.indexOf(undefined);
    const number = free < 0 ? this.open.length : free;
    if (number >= descriptorsMax)
      throw databaseError('programLimitExceeded', 'too many open large objects');
    this.open[number] = descriptor;
    transaction.onRollback(() => {
      if (this.open[number] === descriptor) this.open[number] = undefined;
    });
    return number;
  }

  /** 42704 */
  get(number: number): Descriptor {
    const found = this.open[number];
    if (found !== undefined) return found;
    throw databaseError('undefinedObject', `invalid large-object descriptor: ${number}`);
  }

  /** 42704 */
  close(transaction: Transaction, number: number): void {
    const closed = this.get(number);
    this.open[number] = undefined;
    transaction.onRollback(() => {
      this.open[number] ??= closed;
    });
  }

  /** The object is gone. */
  closeAllOf(oid: number): void {
    this.open = this.open.map((each) => (each?.oid === oid ? undefined : each));
  }

  move(transaction: Transaction, descriptor: Descriptor, offset: number): void {
    const before = descriptor.offset;
    descriptor.offset = offset;
    transaction.onRollback(() => {
      descriptor.offset = before;
    });
  }

  clear(): void {
    this.open = [];
  }
}

/** What a function works on. */
export interface LargeObjectAccess {
  readonly objects: LargeObjects;
  readonly transaction: Transaction;
  readonly descriptors: Descriptors;
}
