// What this server and PostgreSQL have in common: both are loaded by psql and queried by one client.

import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, type Client } from '../../../test/harness/client.ts';
import { tableFile } from '../generator/write-tables.ts';
import { indexesAndForeignKeys, tables } from '../schema.ts';
import type { OlapResult, OpenOptions } from './system.ts';

const run = promisify(execFile);

/** Types of columns that are compared as floats: float4 and float8. */
const floatOids = new Set([700, 701]);

export async function openClient(port: number, timeoutSeconds: number): Promise<Client> {
  const client = await connect(port);
  await client.query(`SET statement_timeout = '${timeoutSeconds}s'`);
  return client;
}

export async function timedQuery(client: Client, sql: string): Promise<OlapResult> {
  const start = performance.now();
  const result = await client.query({ text: sql, rowMode: 'array' });
  return {
    rows: result.rows as (string | null)[][],
    floatColumns: result.fields.map((field) => floatOids.has(field.dataTypeID)),
    milliseconds: performance.now() - start,
  };
}

/** Loads the tables unless the directory's mark says that they are there; answers seconds. */
export async function loadOnce(port: number, options: OpenOptions): Promise<number | undefined> {
  const mark = join(options.directory, 'loaded');
  if (existsSync(mark)) return undefined;
  const start = performance.now();
  for (const table of tables) {
    await psql(
      port,
      `CREATE TABLE ${table.name} (${table.columns}, PRIMARY KEY (${table.primaryKey}))`,
    );
    await psql(port, `\\copy ${table.name} FROM '${tableFile(options.tables, table.name)}'`);
  }
  for (const statement of indexesAndForeignKeys) await psql(port, statement);
  await psql(port, 'VACUUM');
  await psql(port, 'ANALYZE');
  await psql(port, 'CHECKPOINT');
  const seconds = (performance.now() - start) / 1000;
  writeFileSync(mark, `${seconds}\n`);
  return seconds;
}

async function psql(port: number, command: string): Promise<void> {
  const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', 'postgres'];
  await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...connection, '-c', command]);
}

/** Of lineitem, as the server's size functions say. */
export async function lineitemSizes(
  client: Client,
): Promise<{ readonly rows: number; readonly withIndexes: number }> {
  const { rows } = await timedQuery(
    client,
    `SELECT pg_table_size('lineitem'), pg_total_relation_size('lineitem')`,
  );
  return { rows: Number(rows[0][0]), withIndexes: Number(rows[0][1]) };
}
