/**
 * Goal: databases that exist load unmodified, and queries such as applications send give the rows that
 * PostgreSQL gives.
 * Method: psql loads Northwind and Chinook with ON_ERROR_STOP=1 into this server and, where installed,
 * into a real PostgreSQL 15; the queries of sample-queries.ts run on both and the rows are compared.
 * The data are not part of the repository: without ../shared/data the test says that it was skipped.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, rows } from '../harness/client.ts';
import { testPostgres, testServer } from '../harness/test-server.ts';
import { chinookQueries, northwindQueries } from './sample-queries.ts';

const data = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
const hasPsql = (() => {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const skip = !existsSync(data)
  ? 'skipped: the sample databases are not beside the project'
  : hasPsql
    ? false
    : 'skipped: psql is not installed';
const lattice = await testServer();
const postgres = await testPostgres();
const skipCompare = skip === false ? postgres.missing : skip;

function psql(port: number, database: string, file: string): void {
  const args = [
    '-X',
    '-q',
    '-v',
    'ON_ERROR_STOP=1',
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-U',
    'postgres',
    '-d',
    database,
    '-f',
    file,
  ];
  execFileSync('psql', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
}

async function load(port: number): Promise<void> {
  const client = await connect(port);
  await client.query('CREATE DATABASE northwind');
  await client.end();
  psql(port, 'northwind', join(data, 'northwind.sql'));
  psql(port, 'postgres', join(data, 'chinook.sql'));
}

test('Northwind and Chinook load unmodified', { skip }, async () => {
  await load(lattice.port);
  const client = await connect(lattice.port, { database: 'northwind' });
  assert.deepEqual(await rows(client, 'SELECT count(*) FROM orders'), [['830']]);
  await client.end();
});

for (const [database, queries] of [
  ['northwind', northwindQueries],
  ['chinook_serial', chinookQueries],
] as const) {
  test(
    `${queries.length} queries over ${database} give PostgreSQL's rows`,
    { skip: skipCompare },
    async () => {
      if (database === 'northwind') await load(postgres.port);
      const ours = await connect(lattice.port, { database });
      const theirs = await connect(postgres.port, { database });
      for (const sql of queries) {
        assert.deepEqual(await rows(ours, sql), await rows(theirs, sql), sql);
      }
      await ours.end();
      await theirs.end();
    },
  );
}
