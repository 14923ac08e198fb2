// CREATE CONVERSION: a function between two encodings. The server's encoding is UTF-8, so conversions are
// kept and shown, and used by nobody.

import type { CreateConversionStmt } from '@pgsql/types';
import { databaseError, type DatabaseError, encodingId, encodingName, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import { stringsOf } from '#planner';
import { checkWritableSchema, type DdlStatement } from '../statement.ts';
import { addEntry } from './alter-entries.ts';
import { requireFunction } from './entry-references.ts';

const asciiEncoding = 0;
const { int4, cstring, internal, bool } = TypeOid;

export function createConversion(ddl: DdlStatement, statement: CreateConversionStmt): string {
  const parts = stringsOf(statement.conversion_name);
  const schema = ddl.creationSchema(parts.at(-2));
  const name = parts.at(-1) ?? '';
  checkWritableSchema(schema, name);
  const from = requireEncoding(statement.for_encoding_name ?? '', 'source');
  const to = requireEncoding(statement.to_encoding_name ?? '', 'destination');
  if (from === asciiEncoding || to === asciiEncoding)
    throw invalid('encoding conversion to or from "SQL_ASCII" is not supported');
  const functionParts = stringsOf(statement.func_name);
  const functionOid = requireFunction(ddl, functionParts, [
    int4,
    int4,
    cstring,
    internal,
    int4,
    bool,
  ]);
  if (functionRegistry.functionByOid(functionOid)?.resultType !== int4) {
    throw invalid(
      `encoding conversion function ${functionParts.join('.')} must return type integer`,
    );
  }
  const isDefault = statement.def === true;
  if (isDefault) refuseSecondDefault(ddl, schema.oid, { from, to });
  addEntry(ddl, {
    name,
    schema,
    definition: { class: 'conversion', from, to, functionOid, isDefault },
    uses: [{ oid: functionOid }],
  });
  return 'CREATE CONVERSION';
}

function invalid(message: string): DatabaseError {
  return databaseError('invalidObjectDefinition', message);
}

function requireEncoding(name: string, role: 'source' | 'destination'): number {
  const found = encodingId(name);
  if (found >= 0) return found;
  throw databaseError('undefinedObject', `${role} encoding "${name}" does not exist`);
}

function refuseSecondDefault(
  ddl: DdlStatement,
  schemaOid: number,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  for (const other of ddl.catalog.allEntries('conversion')) {
    const { definition } = other;
    if (!definition.isDefault || other.schemaOid !== schemaOid) continue;
    if (definition.from !== from || definition.to !== to) continue;
    throw databaseError(
      'duplicateObject',
      `default conversion for ${encodingName(from)} to ${encodingName(to)} already exists`,
    );
  }
}
