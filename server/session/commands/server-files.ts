// Files of the server that statements read and write: who may, which, and what their errors are called.

import { statSync, type Stats } from 'node:fs';
import { isAbsolute } from 'node:path';
import {
  databaseError,
  notSupported,
  type DatabaseError,
  type ErrorFields,
  type SqlStateName,
} from '#common';
import { hasPrivilegesOf, PredefinedRole } from '#planner';
import type { Session } from '../session.ts';

export function mayReadFiles(session: Session): boolean {
  return hasPrivilegesOf(
    session.catalog(),
    session.currentUser.oid,
    PredefinedRole.readServerFiles,
  );
}

/** 42501, 42602. */
export function checkFile(session: Session, file: string, isFrom: boolean): void {
  const role = isFrom ? PredefinedRole.readServerFiles : PredefinedRole.writeServerFiles;
  if (!hasPrivilegesOf(session.catalog(), session.currentUser.oid, role)) {
    const [name, doing] = isFrom
      ? ['pg_read_server_files', 'COPY from']
      : ['pg_write_server_files', 'COPY to'];
    const message = `must be superuser or have privileges of the ${name} role to ${doing} a file`;
    throw databaseError('insufficientPrivilege', message, {
      hint: "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.",
    });
  }
  if (!isAbsolute(file))
    throw databaseError('invalidName', 'relative path not allowed for COPY to file');
}

export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** What the file system says, in the words and with the codes of PostgreSQL. */
const reasons: Readonly<Record<string, readonly [string, SqlStateName]>> = {
  ENOENT: ['No such file or directory', 'undefinedFile'],
  ENOTDIR: ['Not a directory', 'wrongObjectType'],
  EISDIR: ['Is a directory', 'wrongObjectType'],
  EACCES: ['Permission denied', 'insufficientPrivilege'],
  EPERM: ['Operation not permitted', 'insufficientPrivilege'],
  EROFS: ['Read-only file system', 'insufficientPrivilege'],
  ENOSPC: ['No space left on device', 'diskFull'],
  EMFILE: ['Too many open files', 'insufficientResources'],
  ENFILE: ['Too many open files in system', 'insufficientResources'],
  ELOOP: ['Too many levels of symbolic links', 'ioError'],
  ENAMETOOLONG: ['File name too long', 'ioError'],
};

/** `what` was done in vain, such as 'could not open file "x" for reading'. */
export function fileError(
  error: NodeJS.ErrnoException,
  what: string,
  fields: ErrorFields = {},
): DatabaseError {
  const [reason, condition] = reasons[error.code ?? ''] ?? [error.message, 'ioError'];
  return databaseError(condition, `${what}: ${reason}`, fields);
}

/** A file that COPY cannot open. */
export function copyFileError(
  error: NodeJS.ErrnoException,
  direction: 'reading' | 'writing',
  file: string,
): DatabaseError {
  const [command, verb] = direction === 'reading' ? ['COPY FROM', 'read'] : ['COPY TO', 'write'];
  const hint = `${command} instructs the server process to ${verb} a file. You may want a client-side facility such as psql's \\copy.`;
  const isHinted = error.code === 'ENOENT' || error.code === 'EACCES';
  return fileError(
    error,
    `could not open file "${file}" for ${direction}`,
    isHinted ? { hint } : {},
  );
}

/**
 * 42809 for a directory, 0A000 for a pipe or a socket: to open one waits for whoever is at its other end, and
 * a thread of the process with it. What cannot be looked at is left to whoever opens it.
 */
export function checkKind(file: string): void {
  const facts = factsOf(file);
  if (facts === undefined) return;
  if (facts.isDirectory()) throw databaseError('wrongObjectType', `"${file}" is a directory`);
  if (facts.isFIFO() || facts.isSocket())
    throw notSupported('reading and writing pipes and sockets of the server');
}

function factsOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (isFileError(error)) return undefined;
    throw error;
  }
}
