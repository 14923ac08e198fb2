// Goal: a statement whose estimates prove wrong by far goes on with another plan, from what it has computed; it gives the
// same answer, and handles far fewer rows. Method: conditions that say the same three times, which statistics take for
// independent; rows that all nodes of the plans have handled, from EXPLAIN ANALYZE, with and without; what must
// stay as it is (volatile functions, writes, rows that have been sent). That answers are equal wherever the rest can
// be planned anew is for generated-paths.test.ts.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Client, connect } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const lattice = await testServer({ configuration: 'executor_threads: 1\n' });
let client: Client;

before(async () => {
  client = await connect(lattice.port);
  for (const sql of [
    `CREATE TABLE facts (id integer PRIMARY KEY, a integer, b integer, c integer, item integer)`,
    `INSERT INTO facts SELECT i, i % 40, i % 40, i % 40, i % 500 FROM generate_series(1, 40000) i`,
    `CREATE TABLE items (id integer PRIMARY KEY, name text)`,
    `INSERT INTO items SELECT i, 'item ' || i % 7 FROM generate_series(0, 499) i`,
    `CREATE TABLE notes (fact integer, grade integer)`,
    `INSERT INTO notes SELECT i * 2, i % 3 FROM generate_series(1, 4000) i`,
    'ANALYZE',
    'SET lattice.plan_feedback = off',
  ])
    await client.query(sql);
});

const from = `FROM facts f JOIN items i ON i.id = f.item JOIN notes n ON n.fact = f.id
  WHERE f.a = 4 AND f.b = 4 AND f.c = 4`;
const query = `SELECT i.name, count(*), sum(n.grade) ${from} GROUP BY i.name ORDER BY 1`;

async function explained(sql: string): Promise<string> {
  const { rows } = await client.query(`EXPLAIN (ANALYZE, TIMING OFF) ${sql}`);
  return rows.map((row: object) => String(Object.values(row)[0])).join('\n');
}

/** Rows that the nodes of a plan have made, and those that their filters have removed. */
function handledRows(text: string): number {
  let sum = 0;
  let loops = 1;
  for (const line of text.split('\n')) {
    const made = /actual rows=(\d+) loops=(\d+)/.exec(line);
    if (made !== null) {
      loops = Number(made[2]);
      sum += Number(made[1]) * loops;
    }
    const removed = /Rows Removed by Filter: (\d+)/.exec(line);
    if (removed !== null) sum += Number(removed[1]) * loops;
  }
  return sum;
}

async function rowsOf(sql: string): Promise<string> {
  const { rows } = await client.query(sql);
  return JSON.stringify(rows);
}

for (const [name, settings] of [
  ['in the main thread', { compile_cost_min: -1, thread_cost_min: -1 }],
  ['compiled', { compile_cost_min: 0, thread_cost_min: -1 }],
  ['on an executor thread', { compile_cost_min: -1, thread_cost_min: 0 }],
  ['compiled, on an executor thread', { compile_cost_min: 0, thread_cost_min: 0 }],
] as const) {
  test(`another plan for more rows than expected: ${name}`, async () => {
    for (const [setting, value] of Object.entries(settings))
      await client.query(`SET lattice.${setting} = ${value}`);
    // What takes long in the main thread moves to a thread, and begins anew there.
    await rowsOf(query);
    const text = await explained(query);
    assert.match(text, /Re-planned: 1 after Nested Loop Input \(estimate 1, actual 1,000\)/);
    const answer = await rowsOf(query);
    await client.query('SET lattice.adaptive = off');
    const plain = await explained(query);
    assert.doesNotMatch(plain, /Re-planned/);
    assert.equal(await rowsOf(query), answer);
    await client.query('RESET lattice.adaptive');
    assert.ok(handledRows(text) * 10 < handledRows(plain), `${text}\n${plain}`);
  });
}

test('prepared statements and cursors', async () => {
  const answer = await rowsOf(query);
  const generic = query.replace('f.a = 4', 'f.a = $1').replace('f.b = 4', 'f.b = $2');
  await client.query(`PREPARE anew AS ${generic}`);
  for (let run = 0; run < 3; run++) assert.equal(await rowsOf('EXECUTE anew (4, 4)'), answer);
  assert.equal(await rowsOf('EXECUTE anew (4, 5)'), '[]');
  assert.equal(await rowsOf('EXECUTE anew (4, 4)'), answer);
  await client.query('BEGIN');
  await client.query(`DECLARE rows_of SCROLL CURSOR FOR SELECT n.fact, i.name ${from} ORDER BY 1`);
  const first = await rowsOf('FETCH 2 FROM rows_of');
  const { rows } = await client.query('FETCH ALL FROM rows_of');
  assert.equal(rows.length, 198);
  await client.query('FETCH ABSOLUTE 0 FROM rows_of');
  assert.equal(await rowsOf('FETCH 2 FROM rows_of'), first);
  await client.query('COMMIT');
});

test('computed once: subqueries and WITH queries go along', async () => {
  await client.query('RESET lattice.compile_cost_min');
  await client.query('RESET lattice.thread_cost_min');
  await client.query('SET lattice.replan_factor = 0');
  await client.query('SET lattice.replan_cost_min = 0');
  const sql = `WITH many AS MATERIALIZED (SELECT fact, count(*) AS count FROM notes GROUP BY fact)
    SELECT count(*), (SELECT max(id) FROM items), sum(n.grade) + (SELECT sum(count) FROM many)
    ${from} AND n.grade < (SELECT sum(count) FROM many)`;
  const text = await explained(sql);
  assert.match(text, /Re-planned: 1/);
  assert.equal(/-> {2}Seq Scan on notes {2}\([^\n]*loops=(\d+)/.exec(text)?.[1], '1');
  const answer = await rowsOf(sql);
  await client.query('SET lattice.adaptive = off');
  assert.equal(await rowsOf(sql), answer);
  await client.query('RESET lattice.adaptive');
});

test('what would be seen if it were done twice keeps its plan', async () => {
  assert.doesNotMatch(await explained(`SELECT random(), n.* ${from}`), /Re-planned/);
  assert.doesNotMatch(await explained(`SELECT n.* ${from} FOR UPDATE OF n`), /Re-planned/);
  await client.query('BEGIN');
  const { rows } = await client.query(
    `WITH gone AS (DELETE FROM notes n USING facts f
       WHERE n.fact = f.id AND f.a = 4 AND f.b = 4 AND f.c = 4 RETURNING n.fact)
     SELECT count(*) FROM gone JOIN facts f ON f.id = gone.fact JOIN items i ON i.id = f.item`,
  );
  assert.equal(String(Object.values(rows[0])[0]), '200');
  await client.query('ROLLBACK');
  await client.query('RESET lattice.replan_factor');
  await client.query('RESET lattice.replan_cost_min');
});
