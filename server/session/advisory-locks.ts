// pg_advisory_lock() and its family: what is locked (the database and one bigint or two integers), and
// which of the functions does what. The locks themselves are storage's.

import type { Datum } from '#common';
import type { AdvisoryMode, AdvisoryScope } from '#storage';
import type { Session } from './session.ts';

/** As pg_locks shows the name: objsubid 1 for one bigint, 2 for two integers. */
export interface AdvisoryName {
  readonly database: number;
  readonly classId: number;
  readonly objectId: number;
  readonly objectSubId: number;
}

export function advisoryKey(session: Session, args: readonly Datum[]): string {
  const database = session.database.descriptor.oid;
  if (args.length === 2) return [database, unsigned(args[0]), unsigned(args[1]), 2].join(',');
  const name = BigInt.asUintN(64, BigInt(args[0] as number | bigint));
  return [database, name >> 32n, name & 0xffffffffn, 1].join(',');
}

export function advisoryName(key: string): AdvisoryName {
  const [database, classId, objectId, objectSubId] = key.split(',').map(Number);
  return { database, classId, objectId, objectSubId };
}

function unsigned(value: Datum): number {
  return Number(value) >>> 0;
}

type AdvisoryFunction = (session: Session, args: readonly Datum[]) => Datum;

function locking(mode: AdvisoryMode, scope: AdvisoryScope, isTry: boolean): AdvisoryFunction {
  return (session, args) => {
    const request = { key: advisoryKey(session, args), mode, scope };
    const policy = isTry ? 'skip' : 'wait';
    const granted = session.server.advisoryLocks.acquire(session.lockHolder, request, policy);
    return isTry ? granted : '';
  };
}

function unlocking(mode: AdvisoryMode): AdvisoryFunction {
  return (session, args) => {
    const { advisoryLocks } = session.server;
    const released = advisoryLocks.release(session.lockHolder, advisoryKey(session, args), mode);
    if (!released) {
      const modeName = mode === 'shared' ? 'ShareLock' : 'ExclusiveLock';
      session.functions.notice('WARNING', `you don't own a lock of type ${modeName}`);
    }
    return released;
  };
}

export const advisoryFunctions: readonly (readonly [string, AdvisoryFunction])[] = [
  ['pg_advisory_lock', locking('exclusive', 'session', false)],
  ['pg_advisory_lock_shared', locking('shared', 'session', false)],
  ['pg_advisory_xact_lock', locking('exclusive', 'transaction', false)],
  ['pg_advisory_xact_lock_shared', locking('shared', 'transaction', false)],
  ['pg_try_advisory_lock', locking('exclusive', 'session', true)],
  ['pg_try_advisory_lock_shared', locking('shared', 'session', true)],
  ['pg_try_advisory_xact_lock', locking('exclusive', 'transaction', true)],
  ['pg_try_advisory_xact_lock_shared', locking('shared', 'transaction', true)],
  ['pg_advisory_unlock', unlocking('exclusive')],
  ['pg_advisory_unlock_shared', unlocking('shared')],
  [
    'pg_advisory_unlock_all',
    (session): Datum => {
      session.server.advisoryLocks.releaseSession(session.lockHolder);
      return '';
    },
  ],
];
