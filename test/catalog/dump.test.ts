/**
 * Goal: pg_dump and pg_restore 15 run against this server: what they take out of it is what they take
 * out of PostgreSQL, and it goes into both with every row.
 * Method: sample databases are loaded into both servers and dumped as text, which must be equal; a
 * dump in the custom format is restored into both, and the rows are compared.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from '../harness/client.ts';
import { type LatticeProcess, startLattice } from '../harness/lattice.ts';
import { postgresBinaries, type RunningPostgres, startPostgres } from '../harness/postgres.ts';

const skip = postgresBinaries() === undefined ? 'skipped: PostgreSQL 15 is not installed' : false;
const directory = mkdtempSync(join(tmpdir(), 'lattice-dump-'));
const samples = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
let lattice: LatticeProcess;
let postgres: RunningPostgres;

before(async () => {
  if (skip !== false) return;
  postgres = await startPostgres(join(directory, 'postgres'));
  lattice = await startLattice(join(directory, 'lattice'));
});

after(async () => {
  if (skip !== false) return;
  await lattice.stop();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
});

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
  const missing = existsSync(file) ? skip : `skipped: ${name} is not beside the project`;
  test(`${name} is dumped and restored`, { skip: missing, timeout: 120_000 }, async () => {
    if (!creates) await createDatabase(database);
    for (const { port } of [lattice, postgres])
      run('psql', port, ['-X', '-q', '-d', creates ? 'postgres' : database, '-f', file]);
    // Views are written as they were given here, and as they were understood there.
    const options =
      name === 'the sample schema' ? ['--table', 'store.i*', '--table', 'store.k*'] : [];
    assert.deepEqual(dump(lattice.port, database, options), dump(postgres.port, database, options));

    const archive = join(directory, `${database}.dump`);
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
