/**
 * Goal: psql's backslash commands show what they show on PostgreSQL.
 * Method: psql runs the commands of psql-commands.txt on both servers over sample-schema.sql; what it
 * prints is compared. Left out is what tells of the machine (sizes, connections) and what is not here.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { testPostgres, testServer } from '../harness/test-server.ts';

const commands = readFileSync(join(import.meta.dirname, 'psql-commands.txt'), 'utf8')
  .trim()
  .split('\n');
const lattice = await testServer();
const postgres = await testPostgres();

before(() => {
  if (postgres.missing !== false) return;
  for (const { port } of [postgres, lattice]) {
    const script = join(import.meta.dirname, 'sample-schema.sql');
    execFileSync('psql', [...connection(port), '-q', '-f', script], { stdio: 'ignore' });
  }
});

function connection(port: number): string[] {
  return ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', 'postgres'];
}

/** What each command prints. */
function shown(port: number): Map<string, string> {
  const mark = (index: number): string => `=== ${index}`;
  const lines = commands.flatMap((command, index) => [`\\echo ${mark(index)}`, command]);
  const printed = execFileSync('psql', [...connection(port), '-f', '-'], {
    input: ['SET search_path = store, public;', ...lines].join('\n'),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const parts = printed.split(/^=== \d+\n/m).slice(1);
  return new Map(commands.map((command, index) => [command, parts[index]]));
}

test('every command prints what it prints on PostgreSQL', { skip: postgres.missing }, () => {
  const ours = shown(lattice.port);
  const theirs = shown(postgres.port);
  for (const command of commands) assert.equal(ours.get(command), theirs.get(command), command);
});

test('\\d of one table takes less than 50 ms', { skip: postgres.missing }, () => {
  const psql = (command: string): number => {
    const start = performance.now();
    execFileSync('psql', [...connection(lattice.port), '-c', command], { stdio: 'ignore' });
    return performance.now() - start;
  };
  const bare = Math.min(...[1, 2, 3].map(() => psql('\\echo')));
  const described = Math.min(...[1, 2, 3, 4, 5].map(() => psql('\\d store.item')));
  assert.ok(described - bare < 50, `${described - bare} ms`);
});
