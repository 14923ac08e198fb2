// Transactions and snapshots as SQL names them (manual, 9.27.10 and 9.27.5): ids that were asked for and how
// their transactions ended, pg_current_snapshot(), and snapshots that one session exports and others import.
//
// A transaction has its id from its beginning, others think of it as assigned once it was asked for or the
// transaction has written. Only ids that were asked for are remembered, up to a limit; of older ones nothing
// is known, as PostgreSQL forgets them too.

import { databaseError, type Datum, notSupported } from '#common';
import type { Transaction } from '#storage';
import { transactionOutcomesMax } from '../limits.ts';
import type { Server } from '../server.ts';
import type { Session } from './session.ts';

interface ExportedSnapshot {
  readonly database: number;
  /** Keeps the snapshot's versions until the exporting transaction ends. */
  readonly holder: Transaction;
}

/** Of the server. */
export class TransactionRecords {
  /** Ended transactions whose ids were asked for. */
  readonly committed = new Map<number, boolean>();
  readonly snapshots = new Map<string, ExportedSnapshot>();

  ended(id: number, committed: boolean): void {
    this.committed.set(id, committed);
    if (this.committed.size <= transactionOutcomesMax) return;
    for (const oldest of this.committed.keys()) {
      this.committed.delete(oldest);
      return;
    }
  }
}

/** Of a transaction whose id, or snapshot, was asked for. */
export class TransactionRecord {
  private readonly records: TransactionRecords;
  readonly id: number;
  private isIdKnown = false;
  private readonly exported: string[] = [];

  constructor(records: TransactionRecords, id: number) {
    this.records = records;
    this.id = id;
  }

  get hasKnownId(): boolean {
    return this.isIdKnown;
  }

  askId(): number {
    this.isIdKnown = true;
    return this.id;
  }

  export(prefix: string, snapshot: ExportedSnapshot): string {
    const identifier = `${prefix}-${this.exported.length + 1}`;
    this.exported.push(identifier);
    this.records.snapshots.set(identifier, snapshot);
    return identifier;
  }

  ended(committed: boolean): void {
    if (this.isIdKnown) this.records.ended(this.id, committed);
    for (const identifier of this.exported) {
      this.records.snapshots.get(identifier)?.holder.rollback();
      this.records.snapshots.delete(identifier);
    }
  }
}

function assignedId(session: Session): number | null {
  const transaction = session.block.active;
  if (transaction === undefined) return null;
  const isAssigned = transaction.hasWrites || session.record?.hasKnownId === true;
  return isAssigned ? transaction.id : null;
}

/** An id that no transaction has had, nor will have. */
function nextId({ storage }: Server): number {
  return storage.begin({ isolation: 'read committed', readOnly: true, momentary: true }).id;
}

function runningTransactions({ sessions, preparedTransactions }: Server): Transaction[] {
  const running = [...preparedTransactions.all()].map(({ transaction }) => transaction);
  for (const { block } of sessions.all())
    if (block.active !== undefined) running.push(block.active);
  return running;
}

const shownSnapshots = new WeakMap<
  Transaction,
  { readonly timestamp: number; readonly text: string }
>();

/** Exact while nothing has been committed since the snapshot was taken; then the text is kept for it. */
function currentSnapshot(session: Session): string {
  const own = session.block.require();
  const shown = shownSnapshots.get(own);
  const timestamp = own.snapshotTimestamp;
  if (shown?.timestamp === timestamp) return shown.text;
  if (own.isolation !== 'read committed' && own.isOvertaken)
    throw notSupported('pg_current_snapshot() after others have committed since the snapshot');
  const running = runningTransactions(session.server)
    .map(({ id }) => id)
    .toSorted((left, right) => left - right);
  const xmax = nextId(session.server);
  const text = `${running[0] ?? xmax}:${xmax}:${running.join(',')}`;
  shownSnapshots.set(own, { timestamp, text });
  return text;
}

/** PostgreSQL's two ids that stand for "before everything". */
const alwaysCommitted = 2;

function transactionStatus(session: Session, [asked]: readonly Datum[]): Datum {
  const id = Number(asked);
  if (id === 0) return null;
  if (id <= alwaysCommitted) return 'committed';
  const { records } = session.server;
  const committed = records.committed.get(id);
  if (committed !== undefined) return committed ? 'committed' : 'aborted';
  if (runningTransactions(session.server).some((each) => each.id === id)) return 'in progress';
  if (BigInt(asked as number) < BigInt(nextId(session.server))) return null;
  throw databaseError('invalidParameterValue', `transaction ID ${Number(asked)} is in the future`);
}

function exportSnapshot(session: Session): string {
  const own = session.block.require();
  const holder = session.server.storage.begin({ isolation: 'repeatable read', readOnly: true });
  holder.adoptSnapshot(own.snapshotTimestamp);
  const prefix = [session.processId, own.id]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('-');
  return session.ownRecord().export(prefix, { database: session.database.descriptor.oid, holder });
}

/** SET TRANSACTION SNAPSHOT */
export function importSnapshot(session: Session, identifier: string): void {
  const { block, server } = session;
  const transaction = block.require();
  if (block.hadStatement || transaction.hasWrites || assignedId(session) !== null) {
    throw databaseError(
      'activeSqlTransaction',
      'SET TRANSACTION SNAPSHOT must be called before any query',
    );
  }
  if (transaction.isolation === 'read committed') {
    throw databaseError(
      'featureNotSupported',
      'a snapshot-importing transaction must have isolation level SERIALIZABLE or REPEATABLE READ',
    );
  }
  const snapshot = server.records.snapshots.get(identifier);
  if (snapshot === undefined) {
    throw databaseError('invalidParameterValue', `invalid snapshot identifier: "${identifier}"`);
  }
  if (snapshot.database !== session.database.descriptor.oid) {
    throw databaseError(
      'featureNotSupported',
      'cannot import a snapshot from a different database',
    );
  }
  if (transaction.isolation === 'serializable' && !transaction.readOnly)
    throw notSupported('SET TRANSACTION SNAPSHOT in a serializable transaction that may write');
  transaction.adoptSnapshot(snapshot.holder.snapshotTimestamp);
  block.hadStatement = true;
}

type SnapshotFunction = (session: Session, args: readonly Datum[]) => Datum;

const currentId: SnapshotFunction = (session) => session.ownRecord().askId();

export const snapshotFunctions: readonly (readonly [string, SnapshotFunction])[] = [
  ['pg_current_xact_id', currentId],
  ['txid_current', currentId],
  ['pg_current_xact_id_if_assigned', assignedId],
  ['txid_current_if_assigned', assignedId],
  ['pg_current_snapshot', currentSnapshot],
  ['txid_current_snapshot', currentSnapshot],
  ['pg_xact_status', transactionStatus],
  ['txid_status', transactionStatus],
  ['pg_export_snapshot', exportSnapshot],
];
