/**
 * Goal: comparisons under ICU's collations, nondeterministic ones among them, are the same on every path through the
 * executor: no path goes by bytes.
 * Method: generated queries (seed printed; repeat with TEST_SEED, more with PATH_COUNT) over texts that differ in
 * case and accents, on every path of paths.ts, over tables that are rows only and over tables with column segments.
 * PostgreSQL's answer is the measure where it is installed, the interpreter's over rows elsewhere.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Client, connect } from '../harness/client.ts';
import { startLattice } from '../harness/lattice.ts';
import { postgresBinaries, startPostgres } from '../harness/postgres.ts';
import { testSeed } from '../harness/seeds.ts';
import { answer } from './answer.ts';
import { collatedTables, CollationQueries } from './collation-generator.ts';
import { openPath, paths } from './paths.ts';
import { seededGenerator } from './query-generator.ts';

const queryCount = Number(process.env['PATH_COUNT'] ?? 150);
const secondsMax = Number(process.env['PATH_SECONDS'] ?? 45);
const failuresMax = Number(process.env['PATH_FAILURES'] ?? 1);
const modes = { rows: 'off', segments: 'on' } as const;

/** The same tables in a schema for each form of storage. */
async function fill(
  client: Client,
  statements: readonly string[],
  columnar: string,
): Promise<void> {
  for (const statement of statements) await client.query(statement);
  for (const table of ['t', 'u']) {
    await client.query(`ALTER TABLE ${table} SET (columnar = ${columnar})`);
    await client.query(`VACUUM ${table}`);
  }
}

test(`${queryCount} queries over collated texts`, { timeout: 240_000 }, async (context) => {
  const seed = testSeed(context);
  const directory = mkdtempSync(join(tmpdir(), 'lattice-collations-'));
  const lattice = await startLattice(directory, { configuration: 'executor_threads: 3\n' });
  const postgres =
    postgresBinaries() === undefined ? undefined : await startPostgres(join(directory, 'postgres'));
  const clients: { readonly name: string; readonly client: Client; readonly mayFail: boolean }[] =
    [];
  try {
    const measure = postgres && (await connect(postgres.port));
    const random = seededGenerator(seed);
    const statements = collatedTables(random);
    for (const statement of statements) await measure?.query(statement);
    for (const [schema, columnar] of Object.entries(modes)) {
      const setup = await connect(lattice.port);
      await setup.query(`CREATE SCHEMA ${schema}`);
      await setup.query(`SET search_path = ${schema}`);
      await fill(setup, statements, columnar);
      await setup.end();
      for (const path of paths) {
        const client = await openPath(lattice.port, path, schema);
        const name = `${path.name}, ${schema}`;
        clients.push({ name, client, mayFail: path.littleMemory === true });
      }
    }
    const generator = new CollationQueries(random);
    const failures: string[] = [];
    const end = performance.now() + secondsMax * 1000;
    let count = 0;
    for (; count < queryCount && failures.length < failuresMax; count++) {
      if (performance.now() > end) break;
      const sql = generator.query();
      const expected = await answer(measure ?? clients[0].client, sql);
      for (const { name, client, mayFail } of clients) {
        const found = await answer(client, sql);
        if (found === expected || (mayFail && found === 'error 53200')) continue;
        failures.push(`${name}: seed ${seed}, query ${count}: ${sql}\n${found}\n---\n${expected}`);
      }
    }
    context.diagnostic(`${count} queries ran`);
    assert.deepEqual(failures, []);
    await measure?.end();
  } finally {
    for (const { client } of clients) await client.end();
    await lattice.stop();
    await postgres?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});
