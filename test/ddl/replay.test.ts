/**
 * Goal: definitions of tables, views, sequences, indexes and roles behave as in PostgreSQL 15: results,
 * command tags, notices, every error with its SQLSTATE, detail, hint and place, and what psql's \d shows.
 * Method: psql runs the scripts beside this file on both servers, and what it prints is compared line
 * by line. What is meant to differ is not in the scripts.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { testPostgres, testServer } from '../harness/test-server.ts';
import { postgresBinaries } from '../harness/postgres.ts';

const lattice = await testServer();
const postgres = await testPostgres();

function psql(port: number, args: readonly string[]): string {
  const psqlBinary = join(postgresBinaries() ?? '', 'psql');
  const connection = ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  const command = [psqlBinary, ...connection, ...args].map((word) => `'${word}'`).join(' ');
  return execFileSync('sh', ['-c', `${command} 2>&1 || true`], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
}

/** What psql prints for a script, without what names the server's source lines or the file. */
function run(port: number, script: string): string[] {
  const database = script.replace('.sql', '');
  psql(port, ['-q', '-d', 'postgres', '-c', `CREATE DATABASE ${database}`]);
  const settings = ['-a', '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=never'];
  const printed = psql(port, [
    ...settings,
    '-d',
    database,
    '-f',
    join(import.meta.dirname, script),
  ]);
  return printed
    .split('\n')
    .filter((line) => !/^(psql:\S+ )?LOCATION: /.test(line))
    .map((line) => line.replace(/^psql:\S+ /, '').trimEnd());
}

const scripts = [
  'tables.sql',
  'objects.sql',
  'details.sql',
  'privileges.sql',
  'enums.sql',
  'domains.sql',
  'composites.sql',
  'ranges.sql',
  'event_triggers.sql',
  'foreign_data.sql',
  'operators.sql',
  'publications.sql',
  'partitions.sql',
  'materialized.sql',
  'view_writes.sql',
  'keys.sql',
];
for (const script of scripts) {
  test(`${script} prints what it prints on PostgreSQL`, { skip: postgres.missing }, () => {
    const expected = run(postgres.port, script);
    const actual = run(lattice.port, script);
    assert.deepEqual(actual, expected);
    assert.ok(expected.length > 100);
  });
}
