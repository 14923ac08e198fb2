// Time as storage hands it out: never backwards, and every commit after every moment that was ever
// read or handed out before it, so that AS OF a past moment always answers the same.

import type { CommitTimestamp } from '../contract.ts';

export class TimeSource {
  #latest: CommitTimestamp;
  readonly #clock: () => number;

  /** clock: microseconds since 1970. */
  constructor(clock: () => number, lastCommit: CommitTimestamp) {
    this.#clock = clock;
    this.#latest = lastCommit;
  }

  /** At or after everything handed out before. */
  now(): CommitTimestamp {
    const time = this.#clock();
    if (time > this.#latest) this.#latest = time;
    return this.#latest;
  }

  /** After everything handed out before: a commit's timestamp. */
  next(): CommitTimestamp {
    this.#latest = Math.max(this.#clock(), this.#latest + 1);
    return this.#latest;
  }

  /** A commit of the past was replayed. */
  passed(timestamp: CommitTimestamp): void {
    if (timestamp > this.#latest) this.#latest = timestamp;
  }
}
