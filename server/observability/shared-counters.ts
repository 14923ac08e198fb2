// Counters of the whole server as pg_stat_wal and its kin show them: what storage has counted since the
// counters of a kind were reset.

import type { StorageStatistics } from '#storage';

export const sharedKinds = ['archiver', 'bgwriter', 'wal', 'recovery_prefetch'] as const;
export type SharedKind = (typeof sharedKinds)[number];

interface Reset {
  readonly atMicros: number;
  readonly statistics: StorageStatistics;
}

export class SharedCounters {
  private readonly read: () => StorageStatistics;
  private readonly resets = new Map<string, Reset>();
  private readonly start: Reset;

  constructor(read: () => StorageStatistics, startedAtMicros: number) {
    this.read = read;
    this.start = { atMicros: startedAtMicros, statistics: read() };
  }

  /** How much a number has grown since the kind was reset. */
  since(kind: SharedKind, name: keyof StorageStatistics): number {
    return this.read()[name] - (this.resets.get(kind) ?? this.start).statistics[name];
  }

  /** In microseconds; `kind` is one of the above, or a name of pg_stat_slru. */
  resetAt(kind: string): number {
    return (this.resets.get(kind) ?? this.start).atMicros;
  }

  reset(kind: string, atMicros: number): void {
    this.resets.set(kind, { atMicros, statistics: this.read() });
  }
}
