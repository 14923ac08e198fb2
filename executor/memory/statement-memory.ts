// Bytes that a running plan holds, by operator, against the statement's budget and the server's. Operators
// say what they hold after each batch; so a budget may be passed by what one batch adds.

import { databaseError } from '#common';
import { memoryStepBytes } from '../limits.ts';
import { countBytes, shownBytes } from './server-memory.ts';

export class StatementMemory {
  /** lattice.statement_memory, or a thread's part of it. */
  limitBytes = Infinity;
  private readonly held = new Map<object, number>();
  private total = 0;
  /** What the server's budget knows of. */
  private counted = 0;

  /** The operator holds so many bytes from now on; 53200 past a budget. */
  hold(owner: object, bytes: number): void {
    const before = this.held.get(owner) ?? 0;
    if (bytes === before) return;
    this.held.set(owner, bytes);
    this.total += bytes - before;
    if (this.total > this.limitBytes && bytes > before) throw this.overBudget();
    // Whole steps, so that what is given back is what was taken.
    const change = Math.trunc((this.total - this.counted) / memoryStepBytes) * memoryStepBytes;
    if (change === 0) return;
    this.counted += change;
    countBytes(change);
  }

  letGo(owner: object): void {
    if (this.held.has(owner)) this.hold(owner, 0);
  }

  /** The plan has ended, or starts anew. */
  release(): void {
    if (this.held.size === 0) return;
    this.held.clear();
    this.total = 0;
    if (this.counted !== 0) countBytes(-this.counted);
    this.counted = 0;
  }

  private overBudget(): Error {
    return databaseError('outOfMemory', 'out of memory', {
      detail: `The statement needs more than ${shownBytes(this.limitBytes)} (lattice.statement_memory), and what it holds cannot go to disk.`,
      hint: 'Raise lattice.statement_memory, or work on fewer rows at once.',
    });
  }
}
