/**
 * Goal: psql's backslash commands show what they show on PostgreSQL.
 * Method: psql runs the commands of psql-commands.txt on both servers over sample-schema.sql; what it
 * prints is compared. Left out is what tells of the machine (sizes, connections) and what is not here.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type LatticeProcess, startLattice } from '../harness/lattice.ts';
import { postgresBinaries, type RunningPostgres, startPostgres } from '../harness/postgres.ts';

const skip = postgresBinaries() === undefined ? 'skipped: PostgreSQL 15 is not installed' : false;
const directory = mkdtempSync(join(tmpdir(), 'lattice-psql-'));
const commands = readFileSync(join(import.meta.dirname, 'psql-commands.txt'), 'utf8')
  .trim()
  .split('\n');
let lattice: LatticeProcess | undefined;
let postgres: RunningPostgres | undefined;

before(async () => {
  if (skip !== false) return;
  postgres = await startPostgres(join(directory, 'postgres'));
  lattice = await startLattice(join(directory, 'lattice'));
  for (const { port } of [postgres, lattice]) {
    const script = join(import.meta.dirname, 'sample-schema.sql');
    execFileSync('psql', [...connection(port), '-q', '-f', script], { stdio: 'ignore' });
  }
});

after(async () => {
  await lattice?.stop();
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
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

test('every command prints what it prints on PostgreSQL', { skip }, () => {
  const ours = shown(lattice!.port);
  const theirs = shown(postgres!.port);
  for (const command of commands) assert.equal(ours.get(command), theirs.get(command), command);
});

test('\\d of one table takes less than 50 ms', { skip }, () => {
  const psql = (command: string): number => {
    const start = performance.now();
    execFileSync('psql', [...connection(lattice!.port), '-c', command], { stdio: 'ignore' });
    return performance.now() - start;
  };
  const bare = Math.min(...[1, 2, 3].map(() => psql('\\echo')));
  const described = Math.min(...[1, 2, 3, 4, 5].map(() => psql('\\d store.item')));
  assert.ok(described - bare < 50, `${described - bare} ms`);
});
