// The server's clock: wall time in microseconds, and SQL's origin of time.

import { epochDifferenceMicros, type Clock } from '#common';

export class ServerClock {
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Since 1970-01-01 UTC. */
  nowMicros(): number {
    return this.clock.nowMicros();
  }

  toSql(micros: number): number {
    return micros - epochDifferenceMicros;
  }

  /** Since 2000-01-01 UTC, as timestamptz has it. */
  sqlNow(): number {
    return this.toSql(this.clock.nowMicros());
  }
}
