/**
 * Goal: a query has the same rows on every path through the executor.
 * Method: generated queries (seed printed; repeat with TEST_SEED, more with PATH_COUNT, longer with PATH_SECONDS) over random data run
 * interpreted; then in other forms of the whole plan (common parts computed once, groups made below joins), compiled, on an executor thread, shared by several threads, and with so little memory that
 * joins, groups and sorts go to disk, each over tables that are rows only and over tables with column segments.
 * PostgreSQL's answer is the measure where it is installed, the interpreter's over rows elsewhere. A statement
 * with little memory may also answer 53200: array_agg cannot go to disk.
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
import { openPath, paths } from './paths.ts';
import { seededGenerator, setupStatements } from './query-generator.ts';
import { QueryShapes } from './query-shapes.ts';
import { valueStatements } from './query-values.ts';

const queryCount = Number(process.env['PATH_COUNT'] ?? 200);
/** A slow machine runs fewer; how many is printed. */
const secondsMax = Number(process.env['PATH_SECONDS'] ?? 90);
const failuresMax = Number(process.env['PATH_FAILURES'] ?? 1);

/** The tables that the generator knows, once more: in the schemas rows and segments. */
async function copyTables(client: Client): Promise<void> {
  for (const [schema, columnar] of [
    ['rows', 'off'],
    ['segments', 'on'],
  ]) {
    await client.query(`CREATE SCHEMA ${schema}`);
    for (const table of ['r1', 'r2', 'r3', 'r4', 'r5']) {
      await client.query(`CREATE TABLE ${schema}.${table} AS TABLE public.${table}`);
      await client.query(`ALTER TABLE ${schema}.${table} SET (columnar = ${columnar})`);
      await client.query(`VACUUM ${schema}.${table}`);
    }
  }
}

/** Which of equal numerics stands for a group is not defined, so 1.5 and 1.50 are taken for the same. */
function comparable(text: string): string {
  return text.replaceAll(/(\d+\.\d*?)0+\b/g, '$1');
}

test(`${queryCount} generated queries on every path`, { timeout: 240_000 }, async (context) => {
  const seed = testSeed(context);
  const directory = mkdtempSync(join(tmpdir(), 'lattice-paths-'));
  const lattice = await startLattice(directory, { configuration: 'executor_threads: 3\n' });
  const postgres =
    postgresBinaries() === undefined ? undefined : await startPostgres(join(directory, 'postgres'));
  const clients: { readonly name: string; readonly client: Client; readonly mayFail: boolean }[] =
    [];
  try {
    const setup = await connect(lattice.port);
    const measure = postgres && (await connect(postgres.port));
    const random = seededGenerator(seed);
    for (const statement of [...setupStatements(random), ...valueStatements(random)]) {
      await setup.query(statement);
      await measure?.query(statement);
    }
    await copyTables(setup);
    await setup.end();
    for (const path of paths) {
      for (const schema of ['rows', 'segments']) {
        const client = await openPath(lattice.port, path, schema);
        const name = `${path.name}, ${schema}`;
        clients.push({ name, client, mayFail: path.littleMemory === true });
      }
    }
    const generator = new QueryShapes(random);
    const failures: string[] = [];
    const end = performance.now() + secondsMax * 1000;
    let count = 0;
    for (; count < queryCount && failures.length < failuresMax; count++) {
      if (performance.now() > end) break;
      const sql = generator.query();
      const expected = comparable(await answer(measure ?? clients[0].client, sql));
      for (const { name, client, mayFail } of clients) {
        const found = comparable(await answer(client, sql));
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
