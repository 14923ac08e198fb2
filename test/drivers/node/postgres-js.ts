// postgres.js: tagged templates, types both ways, transactions with savepoints, cursors, COPY streams,
// LISTEN/NOTIFY, bulk inserts, errors.

import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import type { Program } from './program.ts';

export const run: Program = async ({ url }) => {
  const sql = postgres(url, { max: 3, onnotice: () => {} });
  try {
    await types(sql);
    await transactions(sql);
    await streams(sql);
    await notifications(sql);
    await errors(sql);
  } finally {
    await sql.end();
  }
};

type Sql = postgres.Sql;

async function types(sql: Sql): Promise<void> {
  await sql`CREATE TABLE item (id serial PRIMARY KEY, name text NOT NULL, price numeric(10, 2),
    tags text[], data jsonb, made timestamptz, big bigint, ok boolean, raw bytea, day date)`;
  const made = new Date('2024-02-29T12:34:56.789Z');
  const [row] = await sql`
    INSERT INTO item ${sql({
      name: "O'Brien \\ 🐘",
      price: '12.50',
      tags: ['a', 'b "quoted"', ''],
      data: sql.json({ a: [1, { b: null }] }),
      made,
      big: '9007199254740993',
      ok: true,
      raw: Buffer.from([0, 1, 255]),
      day: '2024-02-29',
    })} RETURNING *`;
  assert.equal(row['id'], 1);
  assert.equal(row['name'], "O'Brien \\ 🐘");
  assert.equal(row['price'], '12.50');
  assert.deepEqual(row['tags'], ['a', 'b "quoted"', '']);
  assert.deepEqual(row['data'], { a: [1, { b: null }] });
  assert.deepEqual(row['made'], made);
  assert.equal(row['big'], '9007199254740993');
  assert.equal(row['ok'], true);
  assert.deepEqual(row['raw'], Buffer.from([0, 1, 255]));
  const many = Array.from({ length: 500 }, (_, index) => ({ name: `n${index}`, price: index }));
  const result = await sql`INSERT INTO item ${sql(many, 'name', 'price')}`;
  assert.equal(result.count, 500);
  const found =
    await sql`SELECT id FROM item WHERE name IN ${sql(['n1', 'n2', 'nothing'])} ORDER BY id`;
  assert.deepEqual(
    found.map((item) => item['id']),
    [3, 4],
  );
  const any = await sql`SELECT count(*)::int AS n FROM item WHERE id = ANY(${[1, 2, 3]}::int[])`;
  assert.equal(any[0]['n'], 3);
  const columns = await sql`SELECT * FROM item LIMIT 0`;
  assert.deepEqual(
    columns.columns.map(({ name, type }) => `${name} ${type}`),
    [
      'id 23',
      'name 25',
      'price 1700',
      'tags 1009',
      'data 3802',
      'made 1184',
      'big 20',
      'ok 16',
      'raw 17',
      'day 1082',
    ],
  );
  const multiple = await sql`SELECT 1 AS a; SELECT 2 AS b`.simple();
  assert.equal(JSON.stringify(multiple), '[[{"a":1}],[{"b":2}]]');
  const described = await sql`SELECT id, name FROM item WHERE id = ${1}`.describe();
  assert.deepEqual(described.types, [23]);
}

async function transactions(sql: Sql): Promise<void> {
  await assert.rejects(
    sql.begin(async (inner) => {
      await inner`UPDATE item SET price = 0`;
      throw new Error('undo');
    }),
    /undo/,
  );
  const [{ n }] = await sql`SELECT count(*)::int AS n FROM item WHERE price = 0`;
  assert.equal(n, 1);
  await sql.begin('isolation level serializable', async (outer) => {
    await outer`UPDATE item SET ok = false WHERE id = 1`;
    await outer
      .savepoint(async (inner) => {
        await inner`UPDATE item SET ok = true WHERE id = 1`;
        await inner`SELECT 1 / 0`;
      })
      .catch((error: { code: string }) => assert.equal(error.code, '22012'));
    const [row] = await outer`SELECT ok FROM item WHERE id = 1`;
    assert.equal(row['ok'], false);
  });
}

async function streams(sql: Sql): Promise<void> {
  await sql`CREATE TABLE line (a int, b text)`;
  const input = await sql`COPY line (a, b) FROM STDIN`.writable();
  await pipeline(Readable.from(['1\tone\n2\t', 'two\\n2\n', '3\t\\N\n']), input);
  const parts: Buffer[] = [];
  const output =
    await sql`COPY (SELECT * FROM line ORDER BY a) TO STDOUT (FORMAT csv, HEADER)`.readable();
  await pipeline(
    output,
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        parts.push(chunk);
        done();
      },
    }),
  );
  assert.equal(Buffer.concat(parts).toString(), 'a,b\n1,one\n2,"two\n2"\n3,\n');
  const sizes: number[] = [];
  for await (const rows of sql`SELECT g FROM generate_series(1, 25) g`.cursor(10))
    sizes.push(rows.length);
  assert.deepEqual(sizes, [10, 10, 5]);
  let sum = 0;
  await sql`SELECT g FROM generate_series(1, 1000) g`.forEach((row) => {
    sum += row['g'] as number;
  });
  assert.equal(sum, 500500);
}

async function notifications(sql: Sql): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const subscription = await sql.listen('news', resolve);
  await sql.notify('news', 'hello');
  assert.equal(await promise, 'hello');
  await subscription.unlisten();
}

async function errors(sql: Sql): Promise<void> {
  await assert.rejects(
    sql`INSERT INTO item (id, name) VALUES (1, 'again')`,
    (error: postgres.PostgresError) => {
      assert.equal(error.code, '23505');
      assert.equal(error.constraint_name, 'item_pkey');
      assert.equal(error.table_name, 'item');
      assert.equal(error.detail, 'Key (id)=(1) already exists.');
      return true;
    },
  );
  const query = sql`SELECT pg_sleep(30)`;
  const failed = assert.rejects(query, { code: '57014' });
  setTimeout(() => query.cancel(), 100);
  await failed;
}
