// read_csv, read_json and read_parquet of a session: who may read files of the server.

import { databaseError, type Datum } from '#common';
import { fileRows } from '#executor';
import type { FileRequest, FileTables, notYet } from '#functions';
import { checkKind, fileError, isFileError, mayReadFiles } from './commands/server-files.ts';
import { isAbsolute } from 'node:path';
import type { Session } from './session.ts';

export class SessionFileTables implements FileTables {
  private readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  /** 42501, 42602, and what fileRows() says. */
  *rows(request: FileRequest): Generator<readonly Datum[] | typeof notYet> {
    if (!mayReadFiles(this.session)) {
      throw databaseError(
        'insufficientPrivilege',
        'must be superuser or have privileges of the pg_read_server_files role to read a file of the server',
      );
    }
    if (!isAbsolute(request.path))
      throw databaseError('invalidName', 'relative path not allowed for a file of the server');
    checkKind(request.path);
    try {
      yield* fileRows(request, this.session.functions);
    } catch (error) {
      throw isFileError(error)
        ? fileError(error, `could not open file "${request.path}" for reading`)
        : error;
    }
  }
}
