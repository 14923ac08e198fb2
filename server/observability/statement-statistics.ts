// What pg_stat_statements shows: how often each statement ran, for how long and over how many rows. Nothing
// is counted while no database has the extension. Statements that differ in constants only are one; a cached
// statement keeps the entry that it counts in, so an execution costs a few additions.
//
// Bounded: past `statementsMax` entries, or their texts past `statementTextBytesMax`, those that have not run
// for the longest time go, a twentieth at a time.

import { createHash } from 'node:crypto';
import { fingerprint } from '#planner';
import { statementTextBytesMax } from '../limits.ts';
import type { CachedStatement } from '../session/plan-cache.ts';

/** Who ran the statement, and where. */
export interface StatementPlace {
  readonly user: number;
  readonly database: number;
}

export class StatementEntry {
  readonly user: number;
  readonly database: number;
  readonly queryId: bigint;
  readonly text: string;
  calls = 0;
  rows = 0;
  totalMs = 0;
  minMs = 0;
  maxMs = 0;
  meanMs = 0;
  /** Sum of squared differences from the mean (Welford's method). */
  squares = 0;
  lastUse = 0;
  isGone = false;

  constructor({ user, database }: StatementPlace, queryId: bigint, text: string) {
    this.user = user;
    this.database = database;
    this.queryId = queryId;
    this.text = text;
  }

  add(milliseconds: number, rows: number): void {
    this.calls++;
    this.rows += rows;
    this.totalMs += milliseconds;
    if (this.calls === 1 || milliseconds < this.minMs) this.minMs = milliseconds;
    if (milliseconds > this.maxMs) this.maxMs = milliseconds;
    const difference = milliseconds - this.meanMs;
    this.meanMs += difference / this.calls;
    this.squares += difference * (milliseconds - this.meanMs);
  }

  get deviationMs(): number {
    return Math.sqrt(this.squares / this.calls);
  }
}

export interface ResetFilter extends StatementPlace {
  readonly queryId: bigint;
}

export class StatementStatistics {
  /** Some database has the extension. */
  isTracking = false;
  /** How often entries have had to go. */
  evictions = 0;
  /** Microseconds since 1970. */
  resetAt: number;
  private readonly tracked = new Set<number>();
  private readonly entries = new Map<string, StatementEntry>();
  private readonly statementsMax: number;
  private textBytes = 0;
  private uses = 0;

  constructor(statementsMax: number, startedAt: number) {
    this.statementsMax = statementsMax;
    this.resetAt = startedAt;
  }

  /** The database has the extension; `databases` are those that there are. */
  track(database: number, databases: readonly number[]): void {
    this.tracked.add(database);
    this.forgetOthers(databases);
  }

  forget(database: number, databases: readonly number[]): void {
    this.tracked.delete(database);
    this.forgetOthers(databases);
  }

  private forgetOthers(databases: readonly number[]): void {
    for (const each of this.tracked) if (!databases.includes(each)) this.tracked.delete(each);
    this.isTracking = this.tracked.size > 0;
  }

  all(): Iterable<StatementEntry> {
    return this.entries.values();
  }

  count(
    statement: CachedStatement,
    place: StatementPlace,
    execution: { readonly milliseconds: number; readonly rows: number },
  ): void {
    let entry = statement.counted;
    const isKnown = entry !== undefined && !entry.isGone && entry.user === place.user;
    if (!isKnown || entry!.database !== place.database) {
      entry = this.entryOf(statement, place);
      statement.counted = entry;
    }
    entry!.lastUse = ++this.uses;
    entry!.add(execution.milliseconds, execution.rows);
  }

  private entryOf(statement: CachedStatement, place: StatementPlace): StatementEntry {
    const { text, queryId } = identityOf(statement);
    const key = `${place.user} ${place.database} ${queryId}`;
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = new StatementEntry(place, queryId, text);
      this.textBytes += text.length;
      this.entries.set(key, entry);
      if (this.entries.size > this.statementsMax || this.textBytes > statementTextBytesMax)
        this.evict();
    }
    return entry;
  }

  private evict(): void {
    const byUse = [...this.entries].sort(([, left], [, right]) => left.lastUse - right.lastUse);
    // The one that was made last has not been used yet.
    const old = byUse.filter(([, { lastUse }]) => lastUse > 0);
    for (const [key] of old.slice(0, Math.max(1, Math.ceil(old.length / 20)))) this.remove(key);
    this.evictions++;
  }

  private remove(key: string): void {
    const entry = this.entries.get(key)!;
    entry.isGone = true;
    this.textBytes -= entry.text.length;
    this.entries.delete(key);
  }

  /** Zero stands for any user, database or statement. */
  reset({ user, database, queryId }: ResetFilter, now: number): void {
    for (const [key, entry] of this.entries) {
      const isMeant =
        (user === 0 || entry.user === user) &&
        (database === 0 || entry.database === database) &&
        (queryId === 0n || entry.queryId === queryId);
      if (isMeant) this.remove(key);
    }
    if (user !== 0 || database !== 0 || queryId !== 0n) return;
    this.evictions = 0;
    this.resetAt = now;
  }
}

/** Texts with lifted literals are kept as they came; of several statements in one text each has its part. */
export function statementText({ parsed, text, literals }: CachedStatement): string {
  return literals === undefined ? parsed.sql.slice(parsed.start, parsed.end) : text;
}

function identityOf(statement: CachedStatement): { text: string; queryId: bigint } {
  const text = statementText(statement);
  const isQuery = statement.isQuery || statement.node === 'CreateTableAsStmt';
  const print = fingerprint(text, isQuery);
  return { text: print.text, queryId: hashOf(print.canonical) };
}

/** pg_stat_activity.query_id and EXPLAIN's query identifier. */
export function queryIdOf(text: string): bigint {
  const isQuery = /^\s*(?:select|insert|update|delete|merge|with|values|table)\b/i.test(text);
  return hashOf(fingerprint(text, isQuery).canonical);
}

function hashOf(canonical: string): bigint {
  const hash = createHash('sha1').update(canonical).digest().readBigInt64BE(0);
  return hash === 0n ? 1n : hash;
}
