// IF EXISTS: what is not there is a notice, and so is a schema or a type that the name needs.

import { DatabaseError, SqlState } from '#common';
import type { DdlStatement } from '../statement.ts';

const missingStates: ReadonlySet<string> = new Set([
  SqlState.undefinedObject,
  SqlState.undefinedFunction,
  SqlState.undefinedTable,
  SqlState.invalidSchemaName,
]);

/** What `find` gives; undefined, with a notice, when something is missing and may be. */
export function skipMissing<Value>(
  ddl: DdlStatement,
  missingOk: boolean,
  find: () => Value,
): Value | undefined {
  if (!missingOk) return find();
  try {
    return find();
  } catch (error) {
    if (!(error instanceof DatabaseError) || !missingStates.has(error.sqlState)) throw error;
    ddl.notice(`${error.message}, skipping`);
    return undefined;
  }
}
