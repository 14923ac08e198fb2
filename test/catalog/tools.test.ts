/**
 * Goal: the catalog queries of graphical tools and of libraries' introspection get PostgreSQL's answers.
 * Method: psql runs the scripts in tools/ on both servers over sample-schema.sql; all that it prints is
 * compared. On a database of 2,000 tables each of the queries must take the server less than 200 ms of
 * processor time, which other work on the machine does not change.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { connect } from '../harness/client.ts';
import { testPostgres, testServer } from '../harness/test-server.ts';

const scripts = readdirSync(join(import.meta.dirname, 'tools'));
const lattice = await testServer();
const postgres = await testPostgres();

before(() => {
  if (postgres.missing !== false) return;
  for (const { port } of [postgres, lattice])
    psql(port, join(import.meta.dirname, 'sample-schema.sql'));
});

/** What psql prints, errors included, without the name of the file. */
function psql(port: number, file: string): string[] {
  const args = ['-X', '-a', '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-f', file];
  const command = ['psql', ...args, 'postgres'].map((word) => `'${word}'`).join(' ');
  const printed = execFileSync('sh', ['-c', `${command} 2>&1`], { encoding: 'utf8' });
  return printed.split('\n').map((line) => line.replace(/^psql:\S+ /, '').trimEnd());
}

/** Processor time of a process: user and system time of /proc/pid/stat, in ticks of 10 ms. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

for (const script of scripts) {
  test(`${script} is answered as by PostgreSQL`, { skip: postgres.missing }, () => {
    const file = join(import.meta.dirname, 'tools', script);
    assert.deepEqual(psql(lattice.port, file), psql(postgres.port, file));
  });
}

test(
  'with 2,000 tables a query takes less than 200 ms',
  { skip: postgres.missing, timeout: 120_000 },
  async () => {
    const client = await connect(lattice.port);
    for (let block = 0; block < 20; block++) {
      const tables = Array.from({ length: 100 }, (_, index) => {
        const name = `many_${block * 100 + index}`;
        return `CREATE TABLE ${name} (id serial PRIMARY KEY, a int, b text NOT NULL DEFAULT 'x', UNIQUE (a, b))`;
      });
      await client.query(tables.join(';'));
    }
    const slow: string[] = [];
    for (const script of scripts) {
      const text = readFileSync(join(import.meta.dirname, 'tools', script), 'utf8');
      for (const query of text
        .split('\n')
        .filter((line) => !line.startsWith('--') && line !== '')) {
        let best = Infinity;
        for (let run = 0; run < 3 && best > 200; run++) {
          const start = processorMs(lattice.process.pid);
          await client.query(query);
          best = Math.min(best, processorMs(lattice.process.pid) - start);
        }
        if (best > 200) slow.push(`${Math.round(best)} ms: ${query.slice(0, 100)}`);
      }
    }
    await client.end();
    assert.deepEqual(slow, []);
  },
);
