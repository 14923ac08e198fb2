// npm run bench:adaptive: statements whose estimates are wrong by far, because conditions on several columns say the same,
// with and without planning their rest anew (lattice.adaptive), in alternation. Feedback is off, so each run is a first one.
// Options: --rows N (1,000,000).

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, connect } from '../../test/harness/client.ts';
import { startLattice } from '../../test/harness/lattice.ts';

const rounds = 5;
const rowsOption = process.argv.indexOf('--rows');
const rows = rowsOption === -1 ? 1_000_000 : Number(process.argv[rowsOption + 1]);

const statements: Readonly<Record<string, string>> = {
  'one row expected, thousands come: looked up in tables without an index': `
    SELECT i.kind, count(*), sum(n.grade) FROM facts f
    JOIN items i ON i.id = f.item JOIN notes n ON n.fact = f.id
    WHERE f.a = 4 AND f.b = 4 AND f.c = 4 GROUP BY i.kind ORDER BY 1`,
  'one row expected, thousands come: looked up by key': `
    SELECT i.kind, count(*), sum(g.size) FROM facts f
    JOIN items i ON i.id = f.item JOIN large g ON g.id = f.id
    WHERE f.a = 4 AND f.b = 4 AND f.c = 4 GROUP BY i.kind ORDER BY 1`,
  'the build side of a hash join, a hundred times the estimate': `
    SELECT i.kind, count(*), sum(n.grade) FROM facts f
    JOIN items i ON i.id = f.item JOIN notes n ON n.fact = f.id
    WHERE f.a < 50 AND f.b < 50 AND f.c < 50 AND f.a + 0 = f.b GROUP BY i.kind ORDER BY 1`,
};

async function fill(client: Client): Promise<void> {
  for (const sql of [
    'CREATE TABLE facts (id integer PRIMARY KEY, a integer, b integer, c integer, item integer)',
    `INSERT INTO facts SELECT i, i % 200, i % 200, i % 200, i % 5000 FROM generate_series(1, ${rows}) i`,
    'CREATE TABLE items (id integer PRIMARY KEY, kind integer)',
    'INSERT INTO items SELECT i, i % 10 FROM generate_series(0, 4999) i',
    'CREATE TABLE notes (fact integer, grade integer)',
    `INSERT INTO notes SELECT i * 2, i % 3 FROM generate_series(1, ${rows / 20}) i`,
    'CREATE TABLE large (id integer PRIMARY KEY, size integer)',
    `INSERT INTO large SELECT i, i % 100 FROM generate_series(1, ${rows}) i`,
    'VACUUM ANALYZE',
    'SET lattice.plan_feedback = off',
  ])
    await client.query(sql);
}

async function timed(client: Client, sql: string, adaptive: boolean): Promise<number> {
  await client.query(`SET lattice.adaptive = ${adaptive ? 'on' : 'off'}`);
  const start = performance.now();
  await client.query(sql);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}

const directory = mkdtempSync(join(tmpdir(), 'lattice-adaptive-'));
const lattice = await startLattice(directory);
const client = await connect(lattice.port);
try {
  await fill(client);
  console.log('| statement | without | with | ratio |\n| --- | --- | --- | --- |');
  for (const [name, sql] of Object.entries(statements)) {
    const times = { on: [] as number[], off: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      times.off.push(await timed(client, sql, false));
      times.on.push(await timed(client, sql, true));
    }
    const [without, anew] = [median(times.off), median(times.on)];
    console.log(
      `| ${name} | ${without.toFixed(0)} ms | ${anew.toFixed(0)} ms | ${(without / anew).toFixed(1)} |`,
    );
  }
} finally {
  await client.end();
  await lattice.stop();
  rmSync(directory, { recursive: true, force: true });
}
