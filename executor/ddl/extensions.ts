// CREATE EXTENSION: plpgsql is said to be there, as dumps ask for it; nothing else can be loaded.

import type { CreateExtensionStmt } from '@pgsql/types';
import { databaseError } from '#common';
import type { DdlStatement } from './statement.ts';

export function createExtension(ddl: DdlStatement, statement: CreateExtensionStmt): string {
  const name = statement.extname ?? '';
  if (name !== 'plpgsql') {
    throw databaseError('featureNotSupported', `extension "${name}" is not available`);
  }
  if (statement.if_not_exists !== true) {
    throw databaseError('duplicateObject', `extension "${name}" already exists`);
  }
  ddl.notice(`extension "${name}" already exists, skipping`, '42710');
  return 'CREATE EXTENSION';
}
