// Errors that storage raises, in PostgreSQL's words where PostgreSQL has them.

import { type DatabaseError, databaseError } from '#common';
import type { LogPosition } from './contract.ts';

export function diskFull(what: string, cause: unknown): DatabaseError {
  return databaseError('diskFull', `could not extend ${what}: No space left on device`, {
    hint: 'Check free disk space.',
    cause,
  });
}

export function ioFailure(what: string, cause: unknown): DatabaseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return databaseError('ioError', `${what}: ${reason}`, { cause });
}

export function logCorrupted(place: {
  readonly file: string;
  readonly offset: number;
  readonly position: LogPosition;
  readonly reason: string;
}): DatabaseError {
  return databaseError(
    'dataCorrupted',
    `commit log is damaged: ${place.reason} in file "${place.file}" at offset ${place.offset}`,
    {
      detail: `Log position ${place.position} was durable before, so committed data would be lost by going on.`,
      hint: 'Restore the file from a backup. The server does not start on a damaged log.',
    },
  );
}

export function concurrentUpdate(): DatabaseError {
  return databaseError(
    'serializationFailure',
    'could not serialize access due to concurrent update',
  );
}

export function dependencyFailure(): DatabaseError {
  return databaseError(
    'serializationFailure',
    'could not serialize access due to read/write dependencies among transactions',
    {
      detail: 'Reason code: Canceled on commit, a row or range that was read has changed.',
      hint: 'The transaction might succeed if retried.',
    },
  );
}

export function deadlockDetected(detail: string): DatabaseError {
  return databaseError('deadlockDetected', 'deadlock detected', {
    detail,
    hint: 'See server log for query details.',
  });
}

export function lockTimeout(): DatabaseError {
  return databaseError('lockNotAvailable', 'canceling statement due to lock timeout');
}

export function rowLockNotAvailable(relation?: string): DatabaseError {
  const where = relation === undefined ? '' : ` in relation "${relation}"`;
  return databaseError('lockNotAvailable', `could not obtain lock on row${where}`);
}

export function tableLockNotAvailable(): DatabaseError {
  return databaseError('lockNotAvailable', 'could not obtain lock on relation');
}

export function workspaceFull(bytes: number): DatabaseError {
  return databaseError('outOfMemory', 'out of memory', {
    detail: `The transaction holds ${bytes} bytes of uncommitted rows.`,
    hint: 'Commit in smaller parts, or load into an empty table.',
  });
}

export function writesStalled(): DatabaseError {
  return databaseError('outOfMemory', 'out of memory', {
    detail: 'Committed rows wait in memory faster than they can be written to disk.',
  });
}

export function directoryInUse(directory: string, owner: string): DatabaseError {
  return databaseError(
    'objectInUse',
    `data directory "${directory}" is in use by another server${owner}`,
    { hint: 'Stop the other server, or start this one on another directory.' },
  );
}

export function wrongFormat(directory: string, found: string, expected: string): DatabaseError {
  return databaseError(
    'objectNotInPrerequisiteState',
    `data directory "${directory}" has format ${found}, this server reads format ${expected}`,
  );
}
