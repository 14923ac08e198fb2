// A PostgreSQL client for tests (node-postgres), with results as text unless asked otherwise.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export type Client = pg.Client;

/** Every value arrives as the server's text, so that nothing is hidden by conversion. */
const rawTypes = { getTypeParser: () => (value: unknown) => value };

export async function connect(port: number, options: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    types: rawTypes,
    ...options,
  });
  // A server that is killed on purpose ends connections; queries in flight are rejected as well.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Rows as arrays of text or null. */
export async function rows(
  client: pg.Client,
  sql: string,
  values?: unknown[],
): Promise<(string | null)[][]> {
  const result = await client.query({ text: sql, values, rowMode: 'array' });
  return result.rows as (string | null)[][];
}

/** Until some session waits for a lock, as pg_locks shows it. */
export async function untilLockWait(client: pg.Client): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const [[waiting]] = await rows(client, 'SELECT count(*) FROM pg_locks WHERE NOT granted');
    if (waiting !== '0') return;
    await sleep(5);
  }
  throw new Error('no session waits for a lock');
}
