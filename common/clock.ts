// The only place that reads the machine's time. Everything else takes a Clock, so that a simulator
// can pass its own.

export interface Clock {
  /** Microseconds since 1970-01-01 UTC; a safe integer. May step backwards when the machine's clock is set. */
  nowMicros(): number;
  /** Milliseconds from an arbitrary start, never backwards, with fractions. */
  monotonicMs(): number;
  setTimeout(action: () => void, delayMs: number): { cancel(): void };
}

export const systemClock: Clock = {
  nowMicros: () => {
    // Date.now() has milliseconds; performance.timeOrigin + now() has microseconds but drifts from
    // the wall clock when that is adjusted, so it supplies only the digits below the millisecond.
    const fine = Math.round((performance.timeOrigin + performance.now()) * 1000);
    const coarse = Date.now() * 1000;
    return Math.abs(fine - coarse) < 2000 ? fine : coarse;
  },
  monotonicMs: () => performance.now(),
  setTimeout: (action, delayMs) => {
    const timer = setTimeout(action, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Microseconds between 1970-01-01 and 2000-01-01, SQL's timestamp origin. */
export const epochDifferenceMicros = 946_684_800_000_000;
