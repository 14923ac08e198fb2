// A session's transaction: BEGIN … COMMIT blocks, implicit transactions around single statements and
// pipelines, savepoints, and the failed state in which only ROLLBACK is accepted.

import { databaseError } from '#common';
import type {
  BeginOptions,
  IsolationLevel,
  LogPosition,
  Savepoint,
  StorageEngine,
  Transaction,
} from '#storage';
import type { TransactionStatus } from '../protocol/messages.ts';
import type { Settings } from './settings/settings.ts';

interface NamedSavepoint {
  readonly name: string;
  readonly storage: Savepoint;
  readonly settingsMark: number;
  readonly deferredMark: number;
  /** Of what its rollback undoes beside storage and settings. */
  readonly marks: readonly number[];
}

/** What belongs to the part of a transaction that made it. */
interface Revertible {
  mark(): number;
  rollbackTo(mark: number): void;
}

/** Checks of deferred constraints: to run at commit or at SET CONSTRAINTS … IMMEDIATE. */
export type DeferredCheck = () => void;

/** lock_timeout may change while the transaction runs, so it is read when a wait begins. */
class TransactionOptions implements BeginOptions {
  readonly isolation: IsolationLevel;
  readonly readOnly: boolean;
  private readonly settings: Settings;

  constructor(settings: Settings, isolation: IsolationLevel, readOnly: boolean) {
    this.settings = settings;
    this.isolation = isolation;
    this.readOnly = readOnly;
  }

  get lockTimeoutMs(): number {
    return this.settings.numbers.lockTimeoutMs;
  }
}

interface TransactionDefaults {
  /** Of the settings. */
  readonly version: number;
  readonly isolation: IsolationLevel;
  readonly readOnly: boolean;
}

export class TransactionBlock {
  private readonly storage: StorageEngine;
  private readonly settings: Settings;
  private readonly revertible: readonly Revertible[];
  private current: Transaction | undefined;
  private defaults: TransactionDefaults | undefined;
  private explicit = false;
  private closed = false;
  private failed = false;
  private savepoints: NamedSavepoint[] = [];
  deferredChecks: DeferredCheck[] = [];
  /** A query has run in this transaction: its isolation level is fixed. */
  hadStatement = false;
  /** Overrides of SET CONSTRAINTS: by constraint oid, or all. */
  readonly constraintModes = new Map<number | 'all', 'deferred' | 'immediate'>();
  /** What is to happen before a transaction commits, after its deferred checks. */
  beforeCommit: (() => void) | undefined;
  private readonly endListeners: ((committed: boolean) => void)[] = [];

  constructor(storage: StorageEngine, settings: Settings, revertible: readonly Revertible[]) {
    this.storage = storage;
    this.settings = settings;
    this.revertible = revertible;
  }

  get status(): TransactionStatus {
    if (this.failed) return 'failed';
    return this.explicit ? 'inTransaction' : 'idle';
  }

  get inBlock(): boolean {
    return this.explicit;
  }

  get isFailed(): boolean {
    return this.failed;
  }

  get active(): Transaction | undefined {
    return this.current;
  }

  /** Nothing has begun, and what begins now need not see what others see of the same transaction. */
  get isUnused(): boolean {
    if (this.current !== undefined || this.explicit) return false;
    return this.transactionDefaults().isolation === 'read committed';
  }

  /** Called when the transaction ends, either way. */
  onEnd(listener: (committed: boolean) => void): void {
    this.endListeners.push(listener);
  }

  /** The transaction to run a statement in; begins an implicit one when there is none. */
  require(): Transaction {
    return this.current ?? this.start();
  }

  private start(): Transaction {
    if (this.closed) throw databaseError('queryCanceled', 'the session has ended');
    const { isolation, readOnly } = this.transactionDefaults();
    this.current = this.storage.begin(new TransactionOptions(this.settings, isolation, readOnly));
    return this.current;
  }

  private transactionDefaults(): TransactionDefaults {
    if (this.defaults?.version !== this.settings.version) this.defaults = this.readDefaults();
    return this.defaults;
  }

  /** What SHOW says of a new transaction, and what one begins with; the same until a parameter changes. */
  private readDefaults(): TransactionDefaults {
    const { settings } = this;
    const level = settings.require('default_transaction_isolation');
    const readOnly = settings.boolean('default_transaction_read_only');
    settings.force('transaction_isolation', level);
    settings.force('transaction_read_only', readOnly ? 'on' : 'off');
    settings.force('transaction_deferrable', settings.require('default_transaction_deferrable'));
    return { version: settings.version, isolation: isolationOf(level), readOnly };
  }

  /** BEGIN. False: there is a block already (a warning). */
  begin(): boolean {
    if (this.explicit) return false;
    this.require();
    this.explicit = true;
    return true;
  }

  /** BEGIN has failed: the transaction is as implicit as before. */
  unbegin(): void {
    this.explicit = false;
  }

  /** SET TRANSACTION, BEGIN ISOLATION LEVEL …: only before the first query (25001). */
  setModes(
    modes: {
      readonly isolation?: IsolationLevel;
      /** What SHOW says, where that is another level than the one that applies. */
      readonly isolationName?: string;
      readonly readOnly?: boolean;
      readonly deferrable?: boolean;
    },
    hadStatement: boolean,
  ): void {
    const transaction = this.require();
    const changes = modes.isolation !== undefined && modes.isolation !== transaction.isolation;
    if (changes && (hadStatement || transaction.hasWrites)) {
      throw databaseError(
        'activeSqlTransaction',
        'SET TRANSACTION ISOLATION LEVEL must be called before any query',
      );
    }
    if (modes.readOnly === false && transaction.readOnly && hadStatement) {
      throw databaseError(
        'activeSqlTransaction',
        'transaction read-write mode must be set before any query',
      );
    }
    const isolation = modes.isolation ?? transaction.isolation;
    const readOnly = modes.readOnly ?? transaction.readOnly;
    if (isolation !== transaction.isolation || readOnly !== transaction.readOnly)
      this.replace(isolation, readOnly);
    this.settings.force('transaction_isolation', modes.isolationName ?? isolation);
    this.settings.force('transaction_read_only', readOnly ? 'on' : 'off');
    if (modes.deferrable !== undefined)
      this.settings.force('transaction_deferrable', modes.deferrable ? 'on' : 'off');
  }

  private replace(isolation: IsolationLevel, readOnly: boolean): void {
    if (this.current!.hasWrites) {
      throw databaseError('activeSqlTransaction', 'transaction mode must be set before any query');
    }
    const before = this.current!;
    before.rollback();
    this.current = this.storage.begin(new TransactionOptions(this.settings, isolation, readOnly));
    // After a query only the access mode can have changed.
    if (this.hadStatement && isolation !== 'read committed')
      this.current.adoptSnapshot(before.snapshotTimestamp);
  }

  /** An error: an implicit transaction is undone, a block waits for ROLLBACK. */
  statementFailed(): void {
    if (this.explicit) this.failed = true;
    else if (this.current !== undefined) this.rollback();
  }

  /** Commits. Returns the log position that a reply must wait for, or undefined when a failed block was rolled back. */
  commit(): LogPosition | undefined {
    const transaction = this.current;
    if (transaction === undefined) {
      this.finish(true);
      return 0;
    }
    if (this.failed) {
      this.rollback();
      return undefined;
    }
    try {
      this.runDeferredChecks();
      this.beforeCommit?.();
      const result = transaction.commit();
      this.finish(true);
      return result.position;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** First half of PREPARE TRANSACTION: what a commit would check; the transaction to prepare. */
  beforePrepare(): Transaction {
    this.runDeferredChecks();
    this.beforeCommit?.();
    return this.require();
  }

  /** Second half: the transaction is no longer this session's. */
  prepared(): void {
    this.finish(true);
  }

  runDeferredChecks(): void {
    while (this.deferredChecks.length > 0) {
      const checks = this.deferredChecks;
      this.deferredChecks = [];
      for (const check of checks) check();
    }
  }

  rollback(): void {
    const transaction = this.current;
    this.current = undefined;
    transaction?.rollback();
    this.finish(false);
  }

  /** The session ends: a statement that still goes on begins no other transaction, which nobody would end. */
  close(): void {
    this.closed = true;
    this.rollback();
  }

  private finish(committed: boolean): void {
    this.current = undefined;
    this.explicit = false;
    this.failed = false;
    this.hadStatement = false;
    if (this.savepoints.length > 0) this.savepoints = [];
    if (this.deferredChecks.length > 0) this.deferredChecks = [];
    if (this.constraintModes.size > 0) this.constraintModes.clear();
    if (committed) this.settings.commit();
    else this.settings.rollback();
    for (const listener of this.endListeners) listener(committed);
  }

  savepoint(name: string): void {
    this.savepoints.push({
      name,
      storage: this.current!.savepoint(),
      settingsMark: this.settings.mark(),
      deferredMark: this.deferredChecks.length,
      marks: this.revertible.map((each) => each.mark()),
    });
  }

  release(name: string): void {
    this.savepoints.length = this.find(name);
  }

  rollbackTo(name: string): void {
    const index = this.find(name);
    const savepoint = this.savepoints[index];
    this.current!.rollbackTo(savepoint.storage);
    this.settings.rollbackTo(savepoint.settingsMark);
    for (const [at, each] of this.revertible.entries()) each.rollbackTo(savepoint.marks[at]);
    this.deferredChecks.length = Math.min(this.deferredChecks.length, savepoint.deferredMark);
    this.savepoints.length = index + 1;
    this.failed = false;
  }

  private find(name: string): number {
    const index = this.savepoints.findLastIndex((savepoint) => savepoint.name === name);
    if (index < 0) {
      throw databaseError('invalidSavepointSpecification', `savepoint "${name}" does not exist`);
    }
    return index;
  }
}

/** READ UNCOMMITTED behaves as READ COMMITTED, as in PostgreSQL. */
export function isolationOf(name: string): IsolationLevel {
  if (name === 'serializable' || name === 'repeatable read') return name;
  return 'read committed';
}
