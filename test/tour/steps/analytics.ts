// Many rows: bulk writes, files, column segments, and what EXPLAIN shows.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stage } from '../stage.ts';

export async function copy(stage: Stage): Promise<void> {
  await stage.show(
    'CREATE TABLE reading (bike_id int, at timestamptz, km numeric(8, 1), PRIMARY KEY (bike_id, at))',
  );
  await stage.show(`INSERT INTO reading
SELECT 1 + g % 3, timestamptz '2024-01-01' + g * interval '10 minutes', round(g * 0.37, 1)
FROM generate_series(0, 49999) g`);
  const rows =
    await stage.show(`SELECT date_trunc('month', at)::date AS month, count(*), max(km) AS km
FROM reading WHERE bike_id = 2 GROUP BY 1 ORDER BY 1 LIMIT 3`);
  assert.equal(rows[0]?.[1], '1488');
}

export async function files(stage: Stage): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-tour-files-'));
  try {
    const file = join(directory, 'reading.parquet');
    await stage.show(`COPY reading TO '${file}' (FORMAT parquet)`);
    const [[count]] = await stage.show(`SELECT count(*), max(km)
FROM read_parquet('${file}') AS f (bike_id int, km numeric)`);
    assert.equal(count, '50000');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export async function columnSegments(stage: Stage): Promise<void> {
  await stage.show('ALTER TABLE reading SET (columnar = on)');
  await stage.show('VACUUM reading');
  await stage.show('UPDATE reading SET km = km + 1000 WHERE bike_id = 2 AND km > 18499');
  const columns = await stage.show(`SELECT attname, row_count, changed_keys, column_bytes, encodings
FROM lattice_segments WHERE tablename = 'reading'`);
  assert.equal(columns.length, 3);
  const [[greatest]] = await stage.show('SELECT max(km) FROM reading');
  assert.ok(Number(greatest) > 19499);
}

export async function explain(stage: Stage): Promise<void> {
  const lines = await stage.show(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)
SELECT date_trunc('month', at)::date AS month, count(*), avg(km) FROM reading WHERE km > 18000 GROUP BY 1`);
  assert.match(lines.join('\n'), /Blocks: read=\d+ pruned=[1-9]/);
}

export async function prepared(stage: Stage): Promise<void> {
  await stage.show(`PREPARE due_until (date) AS
SELECT id, due, state FROM repair WHERE due <= $1 AND state <> 'done' ORDER BY id`);
  const rows = await stage.show("EXECUTE due_until('2024-05-03')");
  assert.equal(rows.length, 3);
  await stage.quietly(
    'BEGIN; DECLARE all_readings CURSOR FOR SELECT bike_id, km FROM reading ORDER BY km DESC',
  );
  await stage.show('FETCH 3 FROM all_readings');
  await stage.quietly('COMMIT');
}
