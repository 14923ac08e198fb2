// Functions that PostgreSQL does not have. Their oids are above every oid of PostgreSQL and of its users.

import { TypeOid } from '#common';
import type { FunctionSignature } from '../contract.ts';

/** A file of the server as a table: the caller says in a column definition list what its columns are. */
function fileTable(
  oid: number,
  name: string,
  options: {
    readonly names: readonly string[];
    readonly types: readonly number[];
    readonly defaults: readonly string[];
  },
): FunctionSignature {
  return {
    oid,
    name,
    kind: 'function',
    argumentTypes: [TypeOid.text, ...options.types],
    argumentNames: ['file', ...options.names],
    defaultCount: options.defaults.length,
    defaults: options.defaults,
    variadic: 0,
    resultType: TypeOid.record,
    returnsSet: true,
    strict: true,
    volatility: 'volatile',
    outColumns: [],
    implementation: name,
    aggregateKind: undefined,
    directArgumentCount: 0,
  };
}

const none = { names: [], types: [], defaults: [] };

export const extensionFunctions: readonly FunctionSignature[] = [
  fileTable(9_000_001, 'read_csv', {
    names: ['header', 'delimiter', 'null'],
    types: [TypeOid.bool, TypeOid.text, TypeOid.text],
    defaults: ['true', ',', ''],
  }),
  fileTable(9_000_002, 'read_json', none),
  fileTable(9_000_003, 'read_parquet', none),
];
