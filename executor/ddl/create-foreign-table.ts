// CREATE FOREIGN TABLE: a table with a server and without rows.

import type { CreateForeignTableStmt } from '@pgsql/types';
import type { UtilityWork } from './contract.ts';
import { createTable } from './create-table.ts';
import { usableServer, validatorOf } from './entries/foreign-data.ts';
import { changedOptions, validateOptions } from './entries/generic-options.ts';
import type { DdlStatement } from './statement.ts';

export function* createForeignTable(
  ddl: DdlStatement,
  statement: CreateForeignTableStmt,
): UtilityWork {
  const server = usableServer(ddl, statement.servername ?? '');
  const options = changedOptions({}, statement.options);
  validateOptions(validatorOf(ddl, server), options, 'table');
  yield* createTable(ddl, statement.base!, { server: server.oid, options });
  return 'CREATE FOREIGN TABLE';
}
