// The steps of the tour, in order. Each shows one capability on the sample of a bicycle workshop, and
// checks what it shows.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stage } from './stage.ts';

export interface Step {
  readonly title: string;
  readonly text: string;
  run(stage: Stage): Promise<void>;
}

async function createTables(stage: Stage): Promise<void> {
  await stage.show(`CREATE TABLE customer (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  email text UNIQUE,
  contact jsonb NOT NULL DEFAULT '{}')`);
  await stage.show(`CREATE TABLE bike (
  id serial PRIMARY KEY,
  customer_id int NOT NULL REFERENCES customer ON DELETE CASCADE,
  model text NOT NULL,
  gears int CHECK (gears BETWEEN 1 AND 30),
  colours text[] NOT NULL DEFAULT '{}')`);
  await stage.show(`CREATE TABLE part (
  number text PRIMARY KEY,
  name text NOT NULL,
  price numeric(8, 2) NOT NULL CHECK (price >= 0),
  stock int NOT NULL DEFAULT 0)`);
  await stage.show(`CREATE TABLE repair (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  bike_id int NOT NULL REFERENCES bike,
  part_number text REFERENCES part,
  due date NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'working', 'done')),
  hours numeric(4, 1) NOT NULL)`);
  await stage.show("CREATE INDEX repair_due ON repair (due) WHERE state <> 'done'");
  await stage.quietly(`INSERT INTO customer (name, email, contact) VALUES
    ('Ada Brandt', 'ada@example.org', '{"phone": ["030 1234"], "newsletter": true}'),
    ('Bruno Costa', 'bruno@example.org', '{"phone": ["0171 55", "030 99"]}'),
    ('Chiyo Mori', NULL, '{"newsletter": false}')`);
  await stage.quietly(`INSERT INTO bike (customer_id, model, gears, colours) VALUES
    (1, 'Tourer', 21, '{green,black}'), (1, 'Folding', 3, '{red}'), (2, 'Racer', 22, '{blue,white}')`);
  await stage.quietly(`INSERT INTO part VALUES
    ('CH-11', 'chain', 24.90, 7), ('BR-02', 'brake pad', 6.50, 40), ('TY-28', 'tyre 28 inch', 31.00, 4)`);
  await stage.quietly(`INSERT INTO repair (bike_id, part_number, due, hours) VALUES
    (1, 'CH-11', '2024-05-02', 1.5), (1, 'BR-02', '2024-05-02', 0.5), (2, 'TY-28', '2024-05-03', 1.0),
    (3, 'BR-02', '2024-05-04', 0.5), (3, NULL, '2024-05-06', 3.0)`);
  await stage.fails(
    '23514',
    "INSERT INTO bike (customer_id, model, gears) VALUES (1, 'Rocket', 99)",
  );
  await stage.fails(
    '23503',
    "INSERT INTO bike (customer_id, model, gears) VALUES (77, 'Tandem', 8)",
  );
}

async function queries(stage: Stage): Promise<void> {
  await stage.show(`SELECT c.name, b.model, count(r.id) AS repairs, sum(r.hours) AS hours,
  sum(p.price) FILTER (WHERE p.price > 10) AS dear_parts
FROM customer c LEFT JOIN bike b ON b.customer_id = c.id
  LEFT JOIN repair r ON r.bike_id = b.id LEFT JOIN part p ON p.number = r.part_number
GROUP BY c.id, c.name, b.model ORDER BY hours DESC NULLS LAST, c.name`);
  const days = await stage.show(`WITH RECURSIVE day(d) AS (
  SELECT date '2024-05-02' UNION ALL SELECT d + 1 FROM day WHERE d < '2024-05-06')
SELECT d, coalesce(sum(hours), 0) AS hours, sum(sum(hours)) OVER (ORDER BY d) AS so_far
FROM day LEFT JOIN repair ON due = d GROUP BY d ORDER BY d`);
  assert.equal(days.at(-1)?.[2], '6.5');
}

async function upsert(stage: Stage): Promise<void> {
  const rows =
    await stage.show(`INSERT INTO part VALUES ('CH-11', 'chain', 24.90, 5), ('BE-01', 'bell', 4.20, 9)
ON CONFLICT (number) DO UPDATE SET stock = part.stock + excluded.stock
RETURNING number, stock`);
  assert.deepEqual(rows, [
    ['CH-11', '12'],
    ['BE-01', '9'],
  ]);
}

async function transactions(stage: Stage): Promise<void> {
  await stage.show(
    "BEGIN; UPDATE part SET stock = stock - 1 WHERE number = 'TY-28' RETURNING stock",
  );
  await stage.show("SAVEPOINT before_mistake; DELETE FROM part WHERE name = 'bell'");
  await stage.fails('22012', 'SELECT hours / 0 FROM repair');
  await stage.show('ROLLBACK TO before_mistake; ALTER TABLE part ADD COLUMN shelf text');
  await stage.show('ROLLBACK');
  const rows = await stage.show('SELECT * FROM part ORDER BY number');
  assert.equal(rows.length, 4);
  assert.equal(rows[0]?.length, 4);
}

async function queue(stage: Stage): Promise<void> {
  const take = `SELECT id, bike_id, hours FROM repair WHERE state = 'waiting'
ORDER BY due, id LIMIT 2 FOR UPDATE SKIP LOCKED`;
  await stage.quietly('BEGIN', { as: 'mechanic_1' });
  await stage.quietly('BEGIN', { as: 'mechanic_2' });
  const first = await stage.show(take, { as: 'mechanic_1' });
  const second = await stage.show(take, { as: 'mechanic_2' });
  assert.deepEqual(
    [...first, ...second].map(([id]) => id),
    ['1', '2', '3', '4'],
  );
  await stage.show("UPDATE repair SET state = 'working' WHERE id IN (1, 2); COMMIT", {
    as: 'mechanic_1',
  });
  await stage.show('ROLLBACK', { as: 'mechanic_2' });
}

async function serializable(stage: Stage): Promise<void> {
  const begin = 'BEGIN ISOLATION LEVEL SERIALIZABLE';
  const check = "SELECT count(*) AS working FROM repair WHERE state = 'working'";
  for (const as of ['mechanic_1', 'mechanic_2']) {
    await stage.quietly(begin, { as });
    await stage.show(check, { as });
  }
  await stage.show("UPDATE repair SET state = 'working' WHERE id = 3", { as: 'mechanic_1' });
  await stage.show("UPDATE repair SET state = 'working' WHERE id = 4", { as: 'mechanic_2' });
  await stage.show('COMMIT', { as: 'mechanic_1' });
  await stage.fails('40001', 'COMMIT', { as: 'mechanic_2' });
}

async function timeTravel(stage: Stage): Promise<void> {
  const [[before]] = await stage.show('SELECT clock_timestamp() AS before');
  await stage.show("UPDATE part SET price = price * 1.10 WHERE name LIKE 'brake%'");
  await stage.show("DELETE FROM part WHERE number = 'BE-01'");
  await stage.show('SELECT number, price FROM part ORDER BY number');
  const past = await stage.show(
    `SELECT number, price FROM part FOR SYSTEM_TIME AS OF '${before}' ORDER BY number`,
  );
  assert.deepEqual(past[1], ['BR-02', '6.50']);
  const versions = await stage.show(`SELECT number, price, _tx_from, _tx_to
FROM part FOR SYSTEM_TIME FROM '${before}' TO 'infinity'
WHERE number IN ('BR-02', 'BE-01') ORDER BY number, _tx_from`);
  assert.equal(versions.filter(([number]) => number === 'BR-02').length, 2);
}

async function documents(stage: Stage): Promise<void> {
  await stage.show(`SELECT name, contact -> 'phone' ->> 0 AS phone, contact @> '{"newsletter": true}' AS news
FROM customer ORDER BY id`);
  const colours = await stage.show(`SELECT colour, array_agg(model ORDER BY model) AS bikes
FROM bike, unnest(colours) AS colour WHERE NOT 'red' = ANY (colours) GROUP BY colour ORDER BY colour`);
  assert.equal(colours.length, 4);
}

async function copy(stage: Stage): Promise<void> {
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

async function columnSegments(stage: Stage): Promise<void> {
  await stage.show('ALTER TABLE reading SET (columnar = on)');
  await stage.show('VACUUM reading');
  await stage.show('UPDATE reading SET km = km + 1000 WHERE bike_id = 2 AND km > 18499');
  const columns = await stage.show(`SELECT attname, row_count, changed_keys, column_bytes, encodings
FROM lattice_segments WHERE tablename = 'reading'`);
  assert.equal(columns.length, 3);
  const [[greatest]] = await stage.show('SELECT max(km) FROM reading');
  assert.ok(Number(greatest) > 19499);
}

async function files(stage: Stage): Promise<void> {
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

async function explain(stage: Stage): Promise<void> {
  const rows = await stage.show(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)
SELECT b.model, max(r.km) FROM reading r JOIN bike b ON b.id = r.bike_id WHERE r.bike_id = 2 GROUP BY b.model`);
  assert.ok(rows.length > 2);
}

async function prepared(stage: Stage): Promise<void> {
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

async function notifications(stage: Stage): Promise<void> {
  await stage.show('LISTEN workshop', { as: 'counter' });
  await stage.show("NOTIFY workshop, 'bike 1 is ready'");
  await stage.quietly('SELECT 1', { as: 'counter' });
}

async function recovery(stage: Stage): Promise<void> {
  await stage.show("UPDATE repair SET state = 'done' WHERE bike_id = 1 RETURNING id, state");
  await stage.crash();
  const rows = await stage.show(
    "SELECT id, state, hours FROM repair WHERE state = 'done' ORDER BY id",
  );
  assert.equal(rows.length, 2);
}

export const steps: readonly Step[] = [
  {
    title: 'Tables and constraints',
    text: 'PostgreSQL’s DDL: identity, serial, foreign keys, checks, partial indexes. Violations name what they violate.',
    run: createTables,
  },
  {
    title: 'Joins, recursive queries, windows',
    text: 'The parser is PostgreSQL’s own grammar; results are the same, row by row.',
    run: queries,
  },
  { title: 'Upsert', text: 'ON CONFLICT … RETURNING.', run: upsert },
  {
    title: 'Transactions and savepoints',
    text: 'An error fails the block until a savepoint; DDL is part of the transaction.',
    run: transactions,
  },
  {
    title: 'A queue with row locks',
    text: 'Two mechanics take work at the same time; neither waits, neither gets the other’s.',
    run: queue,
  },
  {
    title: 'SERIALIZABLE',
    text: 'Each sees two repairs at work and adds one, which no serial order allows: one must try again.',
    run: serializable,
  },
  {
    title: 'Time travel',
    text: 'Every table keeps its past: AS OF, FROM … TO, and the pseudo-columns _tx_from and _tx_to.',
    run: timeTravel,
  },
  { title: 'jsonb and arrays', text: '', run: documents },
  { title: 'Fifty thousand readings', text: 'Bulk writes, dates, grouping.', run: copy },
  { title: 'Out to Parquet, and back as a table', text: '', run: files },
  {
    title: 'The same table, by columns',
    text: 'Column segments beside the rows: small, read by long scans, and never stale.',
    run: columnSegments,
  },
  {
    title: 'EXPLAIN ANALYZE',
    text: 'What the planner chose and what each step did.',
    run: explain,
  },
  { title: 'Prepared statements and cursors', text: '', run: prepared },
  { title: 'LISTEN and NOTIFY', text: '', run: notifications },
  {
    title: 'Crash and recovery',
    text: 'A commit that was answered is on disk: kill -9 does not lose it.',
    run: recovery,
  },
];
