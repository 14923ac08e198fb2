/**
 * Goal: whatever the statement, rows and effects are PostgreSQL's.
 * Method: generated statements (seed printed; repeat with TEST_SEED, more with QUERY_COUNT) run on both
 * servers. Queries read random data with nulls, duplicates, extreme numbers and an empty table; rows are
 * compared as multisets, types and errors (by SQLSTATE) too, and a statement whose literals
 * the cache makes parameters answers as one whose literals stay. Writes change two tables with constraints, which are
 * compared after each statement.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Client, connect } from '../harness/client.ts';
import { startLattice } from '../harness/lattice.ts';
import { postgresBinaries, startPostgres } from '../harness/postgres.ts';
import { testSeed } from '../harness/seeds.ts';
import { answer } from './answer.ts';
import { seededGenerator, setupStatements } from './query-generator.ts';
import { QueryShapes } from './query-shapes.ts';
import { valueStatements } from './query-values.ts';
import { WriteGenerator, writeState, writeTables } from './write-generator.ts';

const queryCount = Number(process.env['QUERY_COUNT'] ?? 1000);
const writeCount = Number(process.env['WRITE_COUNT'] ?? 400);

const skip = postgresBinaries() === undefined ? 'skipped: PostgreSQL 15 is not installed' : false;

interface Servers {
  readonly ours: Client;
  readonly theirs: Client;
  readonly seed: number;
}

async function withServers(
  context: TestContext,
  run: (servers: Servers) => Promise<void>,
): Promise<void> {
  const seed = testSeed(context);
  const directory = mkdtempSync(join(tmpdir(), 'lattice-generated-'));
  const lattice = await startLattice(directory);
  const postgres = await startPostgres(join(directory, 'postgres'));
  const ours = await connect(lattice.port);
  const theirs = await connect(postgres.port);
  try {
    await run({ ours, theirs, seed });
  } finally {
    await ours.end();
    await theirs.end();
    await lattice.stop();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

test(`${queryCount} generated queries`, { skip, timeout: 240_000 }, async (context) => {
  await withServers(context, async ({ ours, theirs, seed }) => {
    const random = seededGenerator(seed);
    for (const statement of [...setupStatements(random), ...valueStatements(random)]) {
      await ours.query(statement);
      await theirs.query(statement);
    }
    await theirs.query('ANALYZE');
    const generator = new QueryShapes(random);
    for (let count = 0; count < queryCount; count++) {
      const sql = generator.query();
      const expected = await answer(theirs, sql);
      const place = `seed ${seed}, query ${count}: ${sql}`;
      assert.equal(await answer(ours, sql), expected, place);
      // Literals are not lifted out of a text that begins with a bracket.
      if (sql.startsWith('SELECT'))
        assert.equal(await answer(ours, `(${sql})`), expected, `in brackets: ${place}`);
    }
  });
});

test(`${writeCount} generated writes`, { skip, timeout: 240_000 }, async (context) => {
  await withServers(context, async ({ ours, theirs, seed }) => {
    for (const statement of writeTables) {
      await ours.query(statement);
      await theirs.query(statement);
    }
    const generator = new WriteGenerator(seededGenerator(seed));
    for (let count = 0; count < writeCount; count++) {
      const sql = generator.statement();
      const place = `seed ${seed}, write ${count}: ${sql}`;
      assert.equal(await answer(ours, sql), await answer(theirs, sql), place);
      for (const state of writeState) {
        assert.equal(await answer(ours, state), await answer(theirs, state), `after ${place}`);
      }
    }
  });
});
