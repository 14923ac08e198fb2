// pg_locks and pg_blocking_pids(): who holds and who waits for tables, transactions and advisory names.
// A wait for a row shows as PostgreSQL's: a wait for the transaction that holds the row.

import { tableLockName, type Transaction } from '#storage';
import { advisoryName } from '../advisory-locks.ts';
import type { Session } from '../session.ts';
import type { Row } from './row.ts';

interface Owner {
  readonly pid: number | null;
  readonly database: number;
}

/** Session or prepared transaction behind each transaction. */
function ownersOf({ server }: Session): Map<Transaction, Owner> {
  const owners = new Map<Transaction, Owner>();
  for (const session of server.sessions.all()) {
    const { active } = session.block;
    const database = session.database.descriptor.oid;
    if (active !== undefined) owners.set(active, { pid: session.processId, database });
  }
  for (const { transaction, database } of server.preparedTransactions.all())
    owners.set(transaction, { pid: null, database });
  return owners;
}

export function lockRows(session: Session): Row[] {
  const owners = ownersOf(session);
  return [...tableRows(session, owners), ...transactionRows(owners), ...advisoryRows(session)];
}

function lockRow(
  owner: { readonly pid: number | null; readonly transaction: number },
  lock: { readonly mode: string; readonly granted: boolean },
  what: Row,
): Row {
  return {
    virtualtransaction: `${owner.pid ?? -1}/${owner.transaction}`,
    pid: owner.pid,
    mode: lock.mode,
    granted: lock.granted,
    fastpath: false,
    waitstart: null,
    ...what,
  };
}

function tableRows(session: Session, owners: ReadonlyMap<Transaction, Owner>): Row[] {
  const rows: Row[] = [];
  for (const { oid, mode, transaction, granted } of session.server.storage.tableLocks()) {
    const owner = owners.get(transaction);
    if (owner === undefined) continue;
    rows.push(
      lockRow(
        { pid: owner.pid, transaction: transaction.id },
        { mode: tableLockName(mode), granted },
        { locktype: 'relation', database: owner.database, relation: oid },
      ),
    );
  }
  return rows;
}

function transactionRows(owners: ReadonlyMap<Transaction, Owner>): Row[] {
  const rows: Row[] = [];
  for (const [transaction, { pid }] of owners) {
    const owner = { pid, transaction: transaction.id };
    const own = { mode: 'ExclusiveLock', granted: true };
    const virtualxid = `${pid ?? -1}/${transaction.id}`;
    if (pid !== null) rows.push(lockRow(owner, own, { locktype: 'virtualxid', virtualxid }));
    if (transaction.hasWrites)
      rows.push(lockRow(owner, own, { locktype: 'transactionid', transactionid: transaction.id }));
    for (const blocker of transaction.rowBlockers()) {
      rows.push(
        lockRow(
          owner,
          { mode: 'ShareLock', granted: false },
          { locktype: 'transactionid', transactionid: blocker.id },
        ),
      );
    }
  }
  return rows;
}

function advisoryRows({ server }: Session): Row[] {
  const sessions = new Map([...server.sessions.all()].map((each) => [each.lockHolder, each]));
  const rows: Row[] = [];
  for (const { key, mode, holder, granted } of server.advisoryLocks.listing()) {
    const session = sessions.get(holder);
    const { database, classId, objectId, objectSubId } = advisoryName(key);
    rows.push(
      lockRow(
        { pid: session?.processId ?? null, transaction: holder.transaction?.id ?? 0 },
        { mode: mode === 'shared' ? 'ShareLock' : 'ExclusiveLock', granted },
        {
          locktype: 'advisory',
          database,
          classid: classId,
          objid: objectId,
          objsubid: objectSubId,
        },
      ),
    );
  }
  return rows;
}

/** Process ids that a session's wait depends on; 0 stands for a prepared transaction. */
export function blockingPids(session: Session, processId: number): number[] {
  const waiting = session.server.sessions.get(processId)?.block.active;
  if (waiting === undefined) return [];
  const owners = ownersOf(session);
  return [...new Set([...waiting.blockers()].map((each) => owners.get(each)?.pid ?? 0))];
}
