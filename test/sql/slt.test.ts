/**
 * Goal: SQL behaves as the files under test/slt say, and for the part of the dialect that is
 * PostgreSQL's, as a real PostgreSQL 15 does.
 * Method: every file runs against this server in a database of its own, and against PostgreSQL where one
 * is installed; the same expectations hold for both.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../harness/client.ts';
import { testPostgres, testServer } from '../harness/test-server.ts';
import { parseSlt, runSlt, type ServerName } from './slt.ts';

const files = globSync('*.slt', { cwd: join(import.meta.dirname, '..', 'slt') }).toSorted();
const lattice = await testServer();
const postgres = await testPostgres({
  shared_preload_libraries: 'pg_stat_statements',
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
  test(`${file} on PostgreSQL`, { skip: postgres.missing }, async () => {
    assert.deepEqual(await differences(postgres.port, file, 'postgres'), []);
  });
}
