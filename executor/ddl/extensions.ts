// CREATE EXTENSION: plpgsql is said to be there, as dumps ask for it, and so are the extensions whose
// functions are built in; nothing else can be loaded.

import type { CreateExtensionStmt } from '@pgsql/types';
import { databaseError } from '#common';
import type { DdlStatement } from './statement.ts';

/** What the common ones would bring that is not here. */
const missing: Readonly<Record<string, string>> = {
  citext: 'The type citext is not there; lower() in an index serves comparisons.',
  pg_trgm: 'Trigram similarity and its index classes are not there.',
  hstore: 'The type hstore is not there; jsonb is.',
  vector: 'The type vector and its index methods are not there.',
  btree_gist: 'Exclusion constraints compare scalar columns with = without it.',
};

/** Their functions are built in (functions/facts/extensions.ts). */
const builtIn = new Set(['pgcrypto', 'uuid-ossp']);

export function createExtension(ddl: DdlStatement, statement: CreateExtensionStmt): string {
  const name = statement.extname ?? '';
  if (builtIn.has(name)) return 'CREATE EXTENSION';
  if (name !== 'plpgsql') {
    throw databaseError('featureNotSupported', `extension "${name}" is not available`, {
      ...(missing[name] === undefined ? {} : { detail: missing[name] }),
    });
  }
  if (statement.if_not_exists !== true) {
    throw databaseError('duplicateObject', `extension "${name}" already exists`);
  }
  ddl.notice(`extension "${name}" already exists, skipping`, '42710');
  return 'CREATE EXTENSION';
}
