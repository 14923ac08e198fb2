// CREATE EXTENSION: plpgsql is said to be there, as dumps ask for it; nothing else can be loaded.

import type { CreateExtensionStmt } from '@pgsql/types';
import { databaseError } from '#common';
import type { DdlStatement } from './statement.ts';

/** What the common ones would bring that is not here. */
const missing: Readonly<Record<string, string>> = {
  pgcrypto:
    'gen_random_uuid(), md5() and the sha functions are built in; digest(), hmac(), crypt() and encryption are not there.',
  'uuid-ossp':
    'gen_random_uuid() is built in; the functions uuid_generate_v1() to v5() are not there.',
  citext: 'The type citext is not there; lower() in an index serves comparisons.',
  pg_trgm: 'Trigram similarity and its index classes are not there.',
  hstore: 'The type hstore is not there; jsonb is.',
  vector: 'The type vector and its index methods are not there.',
  btree_gist: 'Exclusion constraints compare scalar columns with = without it.',
};

export function createExtension(ddl: DdlStatement, statement: CreateExtensionStmt): string {
  const name = statement.extname ?? '';
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
