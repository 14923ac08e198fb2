/**
 * Goal: pg_dump and pg_restore 15 run against this server: what they take out of it is what they take
 * out of PostgreSQL, and it goes into both with every row.
 * Method: sample databases are loaded into both servers and dumped as text, which must be equal; a
 * dump in the custom format is restored into both, and the rows are compared.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../harness/client.ts';
import { testPostgres, testServer } from '../harness/test-server.ts';
import { postgresBinaries } from '../harness/postgres.ts';

const samples = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
const lattice = await testServer();
const postgres = await testPostgres();

function run(program: string, port: number, args: readonly string[]): string {
  const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  return execFileSync(join(postgresBinaries() ?? '', program), [...connection, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function createDatabase(name: string): Promise<void> {
  for (const { port } of [lattice, postgres]) {
    const client = await connect(port);
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
  }
}

/** Its lines in order, as tables are read in another one; without comments, which name versions, and the marks of newer releases, which are random. */
function dump(port: number, database: string, options: readonly string[] = []): string[] {
  return run('pg_dump', port, [...options, database])
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('--') && !/^\\(un)?restrict/.test(line))
    .toSorted();
}

const inserted = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith('INSERT'));

interface Sample {
  readonly name: string;
  readonly database: string;
  readonly file: string;
  /** The script makes the database itself. */
  readonly creates: boolean;
}

const databases: readonly Sample[] = [
  {
    name: 'the sample schema',
    database: 'sample',
    file: join(import.meta.dirname, 'sample-schema.sql'),
    creates: false,
  },
  {
    name: 'Northwind',
    database: 'northwind',
    file: join(samples, 'northwind.sql'),
    creates: false,
  },
  {
    name: 'Chinook',
    database: 'chinook_serial',
    file: join(samples, 'chinook.sql'),
    creates: true,
  },
];

for (const { name, database, file, creates } of databases) {
  const missing = existsSync(file)
    ? postgres.missing
    : `skipped: ${name} is not beside the project`;
  test(`${name} is dumped and restored`, { skip: missing, timeout: 120_000 }, async () => {
    if (!creates) await createDatabase(database);
    for (const { port } of [lattice, postgres])
      run('psql', port, ['-X', '-q', '-d', creates ? 'postgres' : database, '-f', file]);
    // Views are written as they were given here, and as they were understood there.
    const options =
      name === 'the sample schema' ? ['--table', 'store.i*', '--table', 'store.k*'] : [];
    assert.deepEqual(dump(lattice.port, database, options), dump(postgres.port, database, options));

    const archive = join(lattice.directory, `${database}.dump`);
    run('pg_dump', lattice.port, ['-Fc', '-f', archive, database]);
    await createDatabase(`${database}_restored`);
    for (const { port } of [lattice, postgres]) {
      run('pg_restore', port, ['--exit-on-error', '-d', `${database}_restored`, archive]);
      const inserts = ['--data-only', '--column-inserts'];
      const restored = inserted(dump(port, `${database}_restored`, inserts));
      assert.deepEqual(restored, inserted(dump(lattice.port, database, inserts)));
      assert.ok(restored.length > 0);
    }
  });
}
