// PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED.

import type { TransactionStmt } from '@pgsql/types';
import { databaseError } from '#common';
import type { PreparedTransaction } from '#storage';
import type { CommandResult } from '../command.ts';
import { noticeOf } from '../notice.ts';
import type { Session } from '../session.ts';

/** PostgreSQL's GIDSIZE, less the end mark. */
const identifierBytesMax = 199;

export function prepareTransaction(session: Session, statement: TransactionStmt): CommandResult {
  const { block, server } = session;
  const identifier = statement.gid ?? '';
  if (!block.inBlock) {
    session.notice(noticeOf('WARNING', '25P01', 'there is no transaction in progress'));
    return 'ROLLBACK';
  }
  if (block.isFailed) {
    block.rollback();
    return 'ROLLBACK';
  }
  try {
    if (Buffer.byteLength(identifier) > identifierBytesMax) {
      throw databaseError(
        'invalidParameterValue',
        `transaction identifier "${identifier}" is too long`,
      );
    }
    checkPreparable(session);
    const transaction = block.beforePrepare();
    const position = server.preparedTransactions.prepare(transaction, {
      identifier,
      owner: session.currentUser.oid,
      database: session.database.descriptor.oid,
      preparedAt: server.clock.nowMicros(),
    });
    block.prepared();
    session.requireSync(position);
  } catch (error) {
    block.rollback();
    throw error;
  }
  return 'PREPARE TRANSACTION';
}

function checkPreparable(session: Session): void {
  const { server, block, cursors } = session;
  if (server.channels.isPending(session)) {
    throw notSupportedInPrepared('executed LISTEN, UNLISTEN, or NOTIFY');
  }
  if (cursors.toMaterialize().length > 0)
    throw notSupportedInPrepared('created a cursor WITH HOLD');
  const catalog = session.catalog();
  for (const oid of block.require().lockedTables()) {
    const relation = catalog.relationByOid(oid);
    if (relation !== undefined && 'persistence' in relation && relation.persistence === 'temporary')
      throw notSupportedInPrepared('operated on temporary objects');
  }
  const countMax = Number(session.settings.require('max_prepared_transactions'));
  if (server.preparedTransactions.count >= countMax) {
    throw databaseError('outOfMemory', 'maximum number of prepared transactions reached', {
      hint: `Increase max_prepared_transactions (currently ${countMax}).`,
    });
  }
}

function notSupportedInPrepared(what: string): Error {
  return databaseError('featureNotSupported', `cannot PREPARE a transaction that has ${what}`);
}

export function finishPrepared(session: Session, statement: TransactionStmt): CommandResult {
  const commits = statement.kind === 'TRANS_STMT_COMMIT_PREPARED';
  const tag = commits ? 'COMMIT PREPARED' : 'ROLLBACK PREPARED';
  if (session.inTransactionBlock) {
    throw databaseError('activeSqlTransaction', `${tag} cannot run inside a transaction block`);
  }
  const prepared = findPrepared(session, statement.gid ?? '');
  const { preparedTransactions } = session.server;
  const position = commits
    ? preparedTransactions.commit(prepared)
    : preparedTransactions.rollback(prepared);
  session.requireSync(position);
  return tag;
}

function findPrepared(session: Session, identifier: string): PreparedTransaction {
  const prepared = session.server.preparedTransactions.find(identifier);
  if (prepared === undefined) {
    throw databaseError(
      'undefinedObject',
      `prepared transaction with identifier "${identifier}" does not exist`,
    );
  }
  const { currentUser, database } = session;
  if (!currentUser.superuser && currentUser.oid !== prepared.owner) {
    throw databaseError(
      'insufficientPrivilege',
      'permission denied to finish prepared transaction',
      { hint: 'Must be superuser or the user that prepared the transaction.' },
    );
  }
  if (prepared.database !== database.descriptor.oid) {
    throw notSupportedHere();
  }
  return prepared;
}

function notSupportedHere(): Error {
  return databaseError('featureNotSupported', 'prepared transaction belongs to another database', {
    hint: 'Connect to the database where the transaction was prepared to finish it.',
  });
}
