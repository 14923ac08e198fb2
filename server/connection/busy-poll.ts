// Waiting for the next request without going to sleep. A processor that has gone to sleep takes longer to
// wake up than a short statement takes to run, and it comes back with cold caches; so while one client asks
// request after request, the event loop looks for the next one over and over for a moment, as a mutex spins
// before it parks. Several clients keep the loop awake by themselves, and their replies are better written
// together (flush-queue.ts), so there it sleeps.
//
// A processor is spent on this only where one is idle: for no longer than the window after a request, only
// after two requests of one connection in quick succession, only while the client and every executor thread
// that works have processors of their own, and not for a while after the system took the processor away.
// After a look in vain that many more requests are let pass without one, twice as many each time.

import { availableParallelism } from 'node:os';

/** A look at the sockets takes microseconds; after this long the system ran something else meanwhile. */
const takenAwayMs = 1;
const pauseMs = 5;
const letPassMax = 16;
/** Asleep, a reply takes longer, and the next request with it. */
const gapOverWindow = 2;

export interface BusyPollOptions {
  /** How long a request is waited for; 0: not at all. */
  readonly windowMs: number;
  /** How many executor threads run statements. */
  readonly busyThreads: () => number;
  readonly processors?: number;
  readonly now?: () => number;
  readonly soon?: (look: () => void) => void;
}

export class BusyPoll {
  private readonly options: Required<BusyPollOptions>;
  /** The connection that asked last, when (0: another one asked before), … */
  private last: object | undefined;
  private lastAt = 0;
  private lookedAt = 0;
  private polling = false;
  private pausedUntil = 0;
  private letPass = 0;
  private letPassNext = 1;

  constructor(options: BusyPollOptions) {
    this.options = {
      processors: availableParallelism(),
      now: () => performance.now(),
      soon: setImmediate,
      ...options,
    };
  }

  /** A connection has handled what came, as far as that goes at once. */
  handled(connection: object): void {
    if (connection !== this.last) {
      this.last = connection;
      this.lastAt = 0;
      return;
    }
    const { windowMs, now } = this.options;
    if (windowMs === 0) return;
    const time = now();
    const gap = time - this.lastAt;
    this.lastAt = time;
    if (this.polling) this.letPassNext = 1;
    else if (gap <= windowMs * gapOverWindow) this.start(time);
  }

  /** The connection is gone. */
  forget(connection: object): void {
    if (connection !== this.last) return;
    this.last = undefined;
    this.lastAt = 0;
  }

  private start(time: number): void {
    if (this.letPass > 0) {
      this.letPass--;
      return;
    }
    const { busyThreads, processors, soon } = this.options;
    if (time < this.pausedUntil || busyThreads() + 2 > processors) return;
    this.polling = true;
    this.lookedAt = time;
    soon(this.look);
  }

  private readonly look = (): void => {
    const { windowMs, now, soon } = this.options;
    const time = now();
    const { lastAt, lookedAt } = this;
    this.lookedAt = time;
    this.polling = false;
    if (lastAt === 0) return;
    if (lastAt <= lookedAt && time - lookedAt > takenAwayMs) {
      this.pausedUntil = time + pauseMs;
    } else if (time - lastAt > windowMs) {
      this.letPass = this.letPassNext;
      this.letPassNext = Math.min(2 * this.letPassNext, letPassMax);
    } else {
      this.polling = true;
      soon(this.look);
    }
  };
}
