// Files of the server by SQL (manual, 9.27.9): pg_read_file(), pg_ls_dir() and their kin. Only what is in or
// below the data directory can be named, also through symbolic links, and only by superusers and
// pg_read_server_files (privileges.ts); some lists are for pg_monitor too.

import { isUtf8 } from 'node:buffer';
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import {
  databaseError,
  type DatabaseError,
  type Datum,
  epochDifferenceMicros,
  RecordValue,
  TypeOid,
} from '#common';
import { serverFileBytesMax } from '../../limits.ts';
import type { Session } from '../session.ts';
import { fileError, isFileError } from '../commands/server-files.ts';
import { type Row, textOf } from './row.ts';

/** An error of the file system as PostgreSQL names it. */
function namedError(error: unknown, doing: string): unknown {
  return isFileError(error) ? fileError(error, doing) : error;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith('../'));
}

/** The path of a file that may be read. 42501 */
function permittedPath({ server }: Session, name: string): string {
  const directory = resolve(server.configuration.dataDirectory);
  const path = resolve(directory, name);
  const refused = (): DatabaseError =>
    databaseError(
      'insufficientPrivilege',
      isAbsolute(name)
        ? 'absolute path not allowed'
        : 'path must be in or below the data directory',
    );
  if (!isInside(directory, path)) throw refused();
  try {
    if (!isInside(realpathSync(directory), realpathSync(path))) throw refused();
  } catch (error) {
    // Whoever opens it says that it is not there.
    if (!isMissing(error)) throw namedError(error, `could not open file "${name}" for reading`);
  }
  return path;
}

/** From a place on, or from the end for a negative one; `length` undefined: to the end. */
function readBytes(
  path: string,
  name: string,
  part: { readonly offset: number; readonly length: number | undefined },
): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw namedError(error, `could not open file "${name}" for reading`);
  }
  try {
    const facts = fstatSync(file);
    if (facts.isDirectory())
      throw databaseError('wrongObjectType', `could not read file "${name}": Is a directory`);
    const from = part.offset < 0 ? Math.max(facts.size + part.offset, 0) : part.offset;
    const wanted = Math.min(part.length ?? Infinity, Math.max(facts.size - from, 0));
    if (wanted > serverFileBytesMax)
      throw databaseError('programLimitExceeded', 'file length too large');
    const bytes = Buffer.alloc(wanted);
    const count = readSync(file, bytes, 0, wanted, from);
    return bytes.subarray(0, count);
  } catch (error) {
    throw namedError(error, `could not read file "${name}"`);
  } finally {
    closeSync(file);
  }
}

/** The arguments are (name), (name, offset, length) or these and "missing is fine". */
function readFile(session: Session, args: readonly Datum[]): Buffer | null {
  const name = textOf(args[0]);
  const path = permittedPath(session, name);
  const isWhole = args.length === 1;
  const length = isWhole ? undefined : Number(args[2]);
  if (length !== undefined && length < 0)
    throw databaseError('invalidParameterValue', 'requested length cannot be negative');
  try {
    return readBytes(path, name, { offset: isWhole ? 0 : Number(args[1]), length });
  } catch (error) {
    if (args[3] === true && isUndefined(error)) return null;
    throw error;
  }
}

function isUndefined(error: unknown): boolean {
  return error instanceof Error && 'sqlState' in error && error.sqlState === '58P01';
}

/** 22021 for bytes that are not the database's encoding. */
function readText(session: Session, args: readonly Datum[]): Datum {
  const bytes = readFile(session, args);
  if (bytes === null) return null;
  if (!isUtf8(bytes) || bytes.includes(0)) {
    const message = 'invalid byte sequence for encoding "UTF8"';
    throw databaseError('characterNotInRepertoire', message);
  }
  return bytes.toString('utf8');
}

/** In whole seconds. */
function sqlTime(milliseconds: number): number {
  return Math.trunc(milliseconds / 1000) * 1_000_000 - epochDifferenceMicros;
}

const statTypes = [
  TypeOid.int8,
  TypeOid.timestamptz,
  TypeOid.timestamptz,
  TypeOid.timestamptz,
  TypeOid.timestamptz,
  TypeOid.bool,
];

function statFile(session: Session, [name, missingOk]: readonly Datum[]): Datum {
  const path = permittedPath(session, textOf(name));
  try {
    const facts = statSync(path);
    const times = [facts.atimeMs, facts.mtimeMs, facts.ctimeMs].map(sqlTime);
    return new RecordValue(statTypes, [facts.size, ...times, null, facts.isDirectory()]);
  } catch (error) {
    if (missingOk === true && isMissing(error)) return null;
    throw namedError(error, `could not stat file "${textOf(name)}"`);
  }
}

function listed(path: string, name: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throw namedError(error, `could not open directory "${name}"`);
  }
}

function listDirectory(
  session: Session,
  [name, missingOk, withDots]: readonly Datum[],
): readonly Row[] {
  const shown = textOf(name);
  const path = permittedPath(session, shown);
  let names: string[];
  try {
    names = listed(path, shown);
  } catch (error) {
    if (missingOk === true && isUndefined(error)) return [];
    throw error;
  }
  const dots = withDots === true ? ['.', '..'] : [];
  return [...dots, ...names].map((each) => ({ pg_ls_dir: each }));
}

/** Name, size and time of the files in a directory of the server's; hidden ones and directories are left out. */
function filesIn({ server }: Session, folder: string): Row[] {
  const directory = join(resolve(server.configuration.dataDirectory), folder);
  const rows: Row[] = [];
  for (const name of listed(directory, folder)) {
    if (name.startsWith('.')) continue;
    try {
      const facts = statSync(join(directory, name));
      if (!facts.isFile()) continue;
      rows.push({ name, size: facts.size, modification: sqlTime(facts.mtimeMs) });
    } catch (error) {
      // Removed meanwhile.
      if (!isMissing(error)) throw error;
    }
  }
  return rows;
}

const logFolder = 'log';
const spillFolder = 'spill';

function temporaryFiles(session: Session, [space]: readonly Datum[]): Row[] {
  const builtin = space === undefined || space === 1663 || space === 1664;
  if (!builtin && session.catalog().entryByOid('tablespace', Number(space)) === undefined)
    throw databaseError('undefinedObject', `tablespace with OID ${Number(space)} does not exist`);
  return builtin && space !== 1664 ? filesIn(session, spillFolder) : [];
}

type Rows = (session: Session, args: readonly Datum[]) => readonly Row[];

export const fileSets: Readonly<Record<string, Rows>> = {
  pg_ls_dir: listDirectory,
  pg_ls_waldir: (session) => filesIn(session, logFolder),
  pg_ls_tmpdir: temporaryFiles,
  /** Messages go to standard error; nothing collects them into files. */
  pg_ls_logdir() {
    throw databaseError(
      'undefinedFile',
      'could not open directory "log": No such file or directory',
    );
  },
  pg_ls_archive_statusdir: () => [],
  pg_ls_logicalsnapdir: () => [],
  pg_ls_logicalmapdir: () => [],
  pg_ls_replslotdir(_session, [slot]) {
    throw databaseError('undefinedObject', `replication slot "${textOf(slot)}" does not exist`);
  },
};

type FileFunction = (session: Session, args: readonly Datum[]) => Datum;

export const fileFunctions: Readonly<Record<string, FileFunction>> = {
  pg_read_file: readText,
  pg_read_binary_file: readFile,
  pg_stat_file: statFile,
};
