// Files of the server that COPY reads and writes: who may, and what their errors are called.

import { isAbsolute } from 'node:path';
import { databaseError, type DatabaseError } from '#common';
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

export function fileError(
  error: NodeJS.ErrnoException,
  doing: string,
  file: string,
): DatabaseError {
  const reason = error.code === 'ENOENT' ? 'No such file or directory' : error.message;
  return databaseError(
    error.code === 'ENOSPC' ? 'diskFull' : 'ioError',
    `could not open file "${file}" for ${doing}: ${reason}`,
  );
}

/** A file that was opened cannot be written to its end. */
export function writeError(error: NodeJS.ErrnoException): DatabaseError {
  const isFull = error.code === 'ENOSPC';
  const reason = isFull ? 'No space left on device' : error.message;
  return databaseError(isFull ? 'diskFull' : 'ioError', `could not write to COPY file: ${reason}`);
}
