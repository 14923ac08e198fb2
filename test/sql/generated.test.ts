/**
 * Goal: whatever the query, the rows are PostgreSQL's.
 * Method: a thousand generated queries (seed printed; repeat with QUERY_SEED) over random data with
 * nulls, duplicates, extreme numbers and an empty table run on both servers; rows are compared as
 * multisets, errors by their SQLSTATE.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { startLattice } from '../harness/lattice.ts';
import { postgresBinaries, startPostgres } from '../harness/postgres.ts';
import { QueryGenerator, seededGenerator, setupStatements } from './query-generator.ts';

const queryCount = Number(process.env['QUERY_COUNT'] ?? 1000);

async function answer(client: Client, sql: string): Promise<string> {
  try {
    const result = await rows(client, sql);
    return result
      .map((row) => row.map((value) => value ?? 'NULL').join('\t'))
      .toSorted()
      .join('\n');
  } catch (error) {
    return `error ${(error as { code?: string }).code}`;
  }
}

const skip = postgresBinaries() === undefined ? 'skipped: PostgreSQL 15 is not installed' : false;

test(`${queryCount} generated queries`, { skip, timeout: 240_000 }, async (context) => {
  const seed = Number(process.env['QUERY_SEED'] ?? Date.now() % 1_000_000);
  context.diagnostic(`seed ${seed} (repeat with QUERY_SEED=${seed})`);
  const directory = mkdtempSync(join(tmpdir(), 'lattice-generated-'));
  const lattice = await startLattice(directory);
  const postgres = await startPostgres(join(directory, 'postgres'));
  const ours = await connect(lattice.port);
  const theirs = await connect(postgres.port);
  try {
    const random = seededGenerator(seed);
    for (const statement of setupStatements(random)) {
      await ours.query(statement);
      await theirs.query(statement);
    }
    await theirs.query('ANALYZE');
    const generator = new QueryGenerator(random);
    for (let count = 0; count < queryCount; count++) {
      const sql = generator.query();
      assert.equal(
        await answer(ours, sql),
        await answer(theirs, sql),
        `seed ${seed}, query ${count}: ${sql}`,
      );
    }
  } finally {
    await ours.end();
    await theirs.end();
    await lattice.stop();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});
