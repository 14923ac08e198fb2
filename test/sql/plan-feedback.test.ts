// Goal: estimates that executions have shown to be wrong are right the next time, for the same values and for like
// ones; a renewed ANALYZE or another definition of the table starts anew; answers stay the same. Method: two columns
// that say the same, which statistics take for independent, on every path; estimates from EXPLAIN.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Client, connect } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const lattice = await testServer({ configuration: 'executor_threads: 2\n' });
let client: Client;

before(async () => {
  client = await connect(lattice.port);
});

async function fill(name: string): Promise<void> {
  await client.query(
    `CREATE TABLE ${name} (id integer PRIMARY KEY, a integer, b integer, c integer)`,
  );
  await client.query(
    `INSERT INTO ${name} SELECT i, i % 100, i % 100, i % 7 FROM generate_series(1, 40000) i`,
  );
  await client.query(`ANALYZE ${name}`);
}

async function estimate(sql: string): Promise<number> {
  const { rows } = await client.query(`EXPLAIN ${sql}`);
  for (const row of rows as object[]) {
    const found = /Scan.* rows=(\d+)/.exec(String(Object.values(row)[0]));
    if (found !== null) return Number(found[1]);
  }
  throw new Error('no scan');
}

async function count(sql: string): Promise<string> {
  const { rows } = await client.query(sql);
  return String(Object.values(rows[0])[0]);
}

const paths = [
  ['interpreted', { compile: -1, thread: -1, parallel: -1 }],
  ['compiled', { compile: 0, thread: -1, parallel: -1 }],
  ['on a thread', { compile: 0, thread: 0, parallel: -1 }],
  ['on several threads', { compile: 0, thread: 0, parallel: 0 }],
] as const;

for (const [name, costs] of paths) {
  test(`what an execution has seen corrects the next estimate: ${name}`, async () => {
    const table = `t_${name.replaceAll(' ', '_')}`;
    await fill(table);
    for (const [part, cost] of Object.entries(costs))
      await client.query(`SET lattice.${part}_cost_min = ${cost}`);
    const sql = (value: number) =>
      `SELECT count(*) FROM ${table} WHERE a = ${value} AND b = ${value}`;
    assert.ok((await estimate(sql(5))) < 40, 'statistics take the columns for independent');
    assert.equal(await count(sql(5)), '400');
    const near = (rows: number) => assert.ok(rows > 300 && rows < 500, String(rows));
    near(await estimate(sql(5)));
    // In another order, and as a parameter.
    near(await estimate(`SELECT count(*) FROM ${table} WHERE b = 5 AND a = 5`));
    assert.ok((await estimate(sql(6))) < 40, 'one sample says nothing of other values');
    for (const value of [6, 7]) await count(sql(value));
    near(await estimate(sql(8)));
    const { rows } = await client.query(
      `SELECT condition, executions, actual_rows FROM lattice_plan_feedback WHERE tablename = '${table}'`,
    );
    assert.equal(rows.length, 1);
    assert.equal(String(rows[0].executions), '3');
    assert.equal(String(rows[0].actual_rows), '400');
    await client.query('SET lattice.plan_feedback = off');
    assert.ok((await estimate(sql(5))) < 40);
    await client.query('RESET lattice.plan_feedback');
    await client.query(`ANALYZE ${table}`);
    assert.ok((await estimate(sql(5))) < 40, 'new statistics start anew');
    await count(sql(5));
    near(await estimate(sql(5)));
    await client.query(`ALTER TABLE ${table} ADD COLUMN d integer`);
    assert.ok((await estimate(sql(5))) < 40, 'another definition starts anew');
    for (const part of Object.keys(costs)) await client.query(`RESET lattice.${part}_cost_min`);
  });
}

test('a plan for far fewer rows than there are is made anew', async () => {
  await fill('outer_rows');
  await fill('inner_rows');
  await client.query(
    `INSERT INTO outer_rows SELECT i, 200, 200, 200 FROM generate_series(40001, 50000) i`,
  );
  await client.query('ANALYZE outer_rows');
  const sql = `SELECT count(*) FROM outer_rows o JOIN inner_rows i ON i.id = o.id - 30000
    WHERE o.a = 200 AND o.b = 200 AND o.c = 200`;
  await client.query(`PREPARE joined AS ${sql}`);
  const before = await count('EXECUTE joined');
  const { rows: first } = await client.query(`EXPLAIN EXECUTE joined`);
  assert.equal(await count('EXECUTE joined'), before);
  const text = first.map((row: object) => String(Object.values(row)[0])).join('\n');
  const found = /on outer_rows.* rows=(\d+)/.exec(text);
  assert.ok(Number(found?.[1]) > 9000, text);
});

for (const [name, costs] of paths) {
  // Threads that share a join have a part of its rows each, and do not tell.
  const learns = name !== 'on several threads';
  test(`rows of joins and groups correct the next estimate: ${name}`, async () => {
    const prefix = `j_${name.replaceAll(' ', '_')}`;
    for (const table of ['facts', 'items', 'notes']) await fill(`${prefix}_${table}`);
    for (const [part, cost] of Object.entries(costs))
      await client.query(`SET lattice.${part}_cost_min = ${cost}`);
    // Each fact has the item with its number, which agrees with it in two more columns.
    const joined = `${prefix}_facts f JOIN ${prefix}_items i ON i.id = f.id AND i.a = f.a AND i.b = f.b`;
    const rowsOf = async (sql: string, node: string): Promise<number> => {
      const { rows } = await client.query(`EXPLAIN ${sql}`);
      const text = rows.map((row: object) => String(Object.values(row)[0])).join('\n');
      return Number(new RegExp(`${node}.* rows=(\\d+)`).exec(text)?.[1]);
    };
    const sql = `SELECT sum(i.c + f.c) FROM ${joined}`;
    const before = await rowsOf(sql, '(?:Join|Loop)');
    assert.ok(before < 1000, `statistics take the columns for independent: ${before}`);
    const answer = await count(sql);
    const after = await rowsOf(sql, '(?:Join|Loop)');
    if (learns) assert.equal(after, 40_000);
    assert.equal(await count(sql), answer);
    // The same join is a part of another one, written in another order.
    const larger = `SELECT sum(n.c) FROM ${prefix}_notes n, ${prefix}_items i, ${prefix}_facts f
      WHERE f.b = i.b AND f.a = i.a AND f.id = i.id AND n.id = f.id`;
    if (learns) {
      const rows = await rowsOf(larger, '(?:Join|Loop)');
      assert.ok(rows > 4000, String(rows));
    }
    const grouped = `SELECT count(*) FROM (SELECT f.a, f.b FROM ${prefix}_facts f GROUP BY 1, 2) g`;
    assert.ok((await rowsOf(grouped, 'HashAggregate')) > 1000);
    assert.equal(await count(grouped), '100');
    if (learns) assert.equal(await rowsOf(grouped, 'HashAggregate'), 100);
    const { rows } = await client.query(
      `SELECT kind, condition FROM lattice_plan_feedback WHERE tablename = '${prefix}_facts' AND kind <> 'scan'`,
    );
    const kinds = new Set(rows.map((row: object) => String(Object.values(row)[0])));
    if (learns) assert.deepEqual([...kinds].toSorted(), ['grouping', 'join']);
    await client.query(`ANALYZE ${prefix}_items`);
    assert.ok((await rowsOf(sql, '(?:Join|Loop)')) < 1000, 'new statistics start anew');
    for (const part of Object.keys(costs)) await client.query(`RESET lattice.${part}_cost_min`);
  });
}
