// Goal: all 22 queries of TPC-H give PostgreSQL's results, with the specification's values and with
// varied ones. Method: both servers load the same small data set.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { postgresBinaries } from '../../test/harness/postgres.ts';
import { resultDifference } from './compare-results.ts';
import { RandomStream } from './generator/random-stream.ts';
import { writeTables } from './generator/write-tables.ts';
import { queries } from './queries/index.ts';
import { openLattice } from './systems/lattice-system.ts';
import { openPostgres } from './systems/postgres-system.ts';
import type { OlapSystem } from './systems/system.ts';

const scale = 0.01;
const skip = postgresBinaries() === undefined ? 'PostgreSQL 15 is not installed' : false;

let directory: string;
let ours: OlapSystem;
let postgres: OlapSystem;

before(async () => {
  if (skip !== false) return;
  directory = mkdtempSync(join(tmpdir(), 'lattice-tpch-'));
  const tables = join(directory, 'tables');
  writeTables(tables, scale);
  const options = { tables, threads: 2, timeoutSeconds: 60 };
  [{ system: ours }, { system: postgres }] = await Promise.all([
    openLattice({ ...options, directory: join(directory, 'ours') }),
    openPostgres({ ...options, directory: join(directory, 'postgres') }),
  ]);
});

after(async () => {
  if (skip !== false) return;
  await Promise.all([ours.stop(), postgres.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

for (const [index, query] of queries.entries()) {
  test(`${query.name} gives PostgreSQL's result`, { skip }, async () => {
    const random = new RandomStream(index);
    for (const sql of [query.validationSql(scale), query.variedSql(random, scale)])
      assert.equal(resultDifference(await postgres.run(sql), await ours.run(sql)), undefined, sql);
  });
}
