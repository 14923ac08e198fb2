/**
 * Goal: whatever the statement, rows and effects are PostgreSQL's.
 * Method: generated statements (seed printed; repeat with TEST_SEED, more with QUERY_COUNT) run on both
 * servers. Queries read random data with nulls, duplicates, extreme numbers and an empty table; rows are
 * compared as multisets, types and errors (by SQLSTATE) too, and a statement whose literals
 * the cache makes parameters answers as one whose literals stay. Writes change two tables with constraints, which are
 * compared after each statement.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type Client, connect } from '../harness/client.ts';
import { testSeed } from '../harness/seeds.ts';
import { testPostgres, testServer } from '../harness/test-server.ts';
import { answer } from './answer.ts';
import { seededGenerator, setupStatements } from './query-generator.ts';
import { QueryShapes } from './query-shapes.ts';
import { valueStatements } from './query-values.ts';
import { WriteGenerator, writeState, writeTables } from './write-generator.ts';

const queryCount = Number(process.env['QUERY_COUNT'] ?? 1000);
const writeCount = Number(process.env['WRITE_COUNT'] ?? 400);

const lattice = await testServer();
const postgres = await testPostgres();

interface Servers {
  readonly ours: Client;
  readonly theirs: Client;
  readonly seed: number;
}

/** In a database of its own on both. */
async function withServers(
  context: TestContext,
  database: string,
  run: (servers: Servers) => Promise<void>,
): Promise<void> {
  const seed = testSeed(context);
  const [ours, theirs] = await Promise.all(
    [lattice, postgres].map(async ({ port }) => {
      const client = await connect(port);
      await client.query(`CREATE DATABASE ${database}`);
      await client.end();
      return await connect(port, { database });
    }),
  );
  try {
    await run({ ours, theirs, seed });
  } finally {
    await ours.end();
    await theirs.end();
  }
}

/** Both servers' answers. */
function answers({ ours, theirs }: Servers, sql: string): Promise<[string, string]> {
  return Promise.all([answer(ours, sql), answer(theirs, sql)]);
}

test(
  `${queryCount} generated queries`,
  { skip: postgres.missing, timeout: 240_000 },
  async (context) => {
    await withServers(context, 'queries', async (servers) => {
      const { ours, theirs, seed } = servers;
      const random = seededGenerator(seed);
      for (const statement of [...setupStatements(random), ...valueStatements(random)]) {
        await ours.query(statement);
        await theirs.query(statement);
      }
      await theirs.query('ANALYZE');
      const generator = new QueryShapes(random);
      for (let count = 0; count < queryCount; count++) {
        const sql = generator.query();
        const place = `seed ${seed}, query ${count}: ${sql}`;
        const [found, expected] = await answers(servers, sql);
        assert.equal(found, expected, place);
        // Literals are not lifted out of a text that begins with a bracket.
        if (sql.startsWith('SELECT'))
          assert.equal(await answer(ours, `(${sql})`), expected, `in brackets: ${place}`);
      }
    });
  },
);

test(
  `${writeCount} generated writes`,
  { skip: postgres.missing, timeout: 240_000 },
  async (context) => {
    await withServers(context, 'writes', async (servers) => {
      const { ours, theirs, seed } = servers;
      for (const statement of writeTables) {
        await ours.query(statement);
        await theirs.query(statement);
      }
      const generator = new WriteGenerator(seededGenerator(seed));
      for (let count = 0; count < writeCount; count++) {
        const sql = generator.statement();
        const place = `seed ${seed}, write ${count}: ${sql}`;
        const [found, expected] = await answers(servers, sql);
        assert.equal(found, expected, place);
        for (const state of writeState) {
          const [left, right] = await answers(servers, state);
          assert.equal(left, right, `after ${place}`);
        }
      }
    });
  },
);
