// What pg_stat_database counts of each database, since the server started or the counters were reset.
// Sessions keep the object of their database, so that counting is an addition.

export class DatabaseUse {
  commits = 0;
  rollbacks = 0;
  deadlocks = 0;
  sessions = 0;
  /** Of sessions that have ended. */
  sessionMs = 0;
  activeMs = 0;
  sessionsAbandoned = 0;
  sessionsFatal = 0;
  sessionsKilled = 0;
  /** 0: never. */
  resetAtMicros = 0;

  reset(nowMicros: number): void {
    Object.assign(this, new DatabaseUse());
    this.resetAtMicros = nowMicros;
  }
}

export class DatabaseUses {
  private readonly byDatabase = new Map<number, DatabaseUse>();

  of(databaseOid: number): DatabaseUse {
    let use = this.byDatabase.get(databaseOid);
    if (use === undefined) this.byDatabase.set(databaseOid, (use = new DatabaseUse()));
    return use;
  }

  /** The database has been dropped. */
  forget(databaseOid: number): void {
    this.byDatabase.delete(databaseOid);
  }
}
