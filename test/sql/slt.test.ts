/**
 * Goal: SQL behaves as the files under test/slt say, and for the part of the dialect that is
 * PostgreSQL's, as a real PostgreSQL 15 does.
 * Method: every file runs against this server in a database of its own, and against PostgreSQL where one
 * is installed; the same expectations hold for both.
 */
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from '../harness/client.ts';
import { type LatticeProcess, startLattice } from '../harness/lattice.ts';
import { postgresBinaries, type RunningPostgres, startPostgres } from '../harness/postgres.ts';
import { parseSlt, runSlt, type ServerName } from './slt.ts';

const directory = mkdtempSync(join(tmpdir(), 'lattice-slt-'));
const hasPostgres = postgresBinaries() !== undefined;
const files = globSync('*.slt', { cwd: join(import.meta.dirname, '..', 'slt') }).toSorted();
let lattice: LatticeProcess;
let postgres: RunningPostgres | undefined;

before(async () => {
  lattice = await startLattice(directory);
  if (hasPostgres)
    postgres = await startPostgres(join(directory, 'postgres'), {
      shared_preload_libraries: 'pg_stat_statements',
    });
});

after(async () => {
  await lattice.stop();
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function differences(port: number, file: string, server: ServerName): Promise<string[]> {
  const database = `slt_${basename(file, '.slt').replaceAll('-', '_')}`;
  const admin = await connect(port);
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.end();
  const client = await connect(port, { database });
  try {
    const records = parseSlt(readFileSync(join(import.meta.dirname, '..', 'slt', file), 'utf8'));
    return await runSlt(client, records, server);
  } finally {
    await client.end();
  }
}

for (const file of files) {
  test(`${file} on this server`, async () => {
    assert.deepEqual(await differences(lattice.port, file, 'lattice'), []);
  });
  const skip = hasPostgres ? false : 'skipped: PostgreSQL 15 is not installed';
  test(`${file} on PostgreSQL`, { skip }, async () => {
    assert.ok(postgres !== undefined);
    assert.deepEqual(await differences(postgres.port, file, 'postgres'), []);
  });
}
