// Goal: a table answers alike with and without column segments. Method: the same rows in two tables,
// one `columnar = on` and renewed by VACUUM now and then, the other off; both get the same random
// changes (a seeded generator), and the same queries must give the same rows: on their own, inside a
// transaction with writes of its own, and AS OF earlier moments. Settings and the catalog view besides.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type Client, connect, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

// Most of what is decoded finds no room in the cache, so that its arrays are used again and again.
const server = await testServer({ configuration: 'segment_cache: 256kB\n' });
let client: Client;

before(async () => {
  client = await connect(server.port);
});

const columns = `id int PRIMARY KEY, small smallint, big bigint, price numeric(12,2), mixed numeric,
  ratio float8, flag boolean, kind text, code char(4), note text, day date, at timestamp, span interval`;
const filling = `SELECT i, i % 100, i::bigint * 10000000000, i / 100.0, CASE WHEN i % 1000 = 7 THEN numeric 'NaN' ELSE i % 17 END,
  CASE WHEN i % 500 = 3 THEN float8 'NaN' WHEN i % 501 = 3 THEN '-Infinity' ELSE i / 8.0 END, i % 3 = 0,
  CASE WHEN i % 11 = 0 THEN NULL ELSE 'kind ' || i % 7 END, chr(65 + i % 5), repeat('n' || i, i % 4),
  date '2020-01-01' + i % 1500, timestamp '2020-01-01' + i * interval '1 minute', i % 9 * interval '1 day'
  FROM generate_series(1, $1) i`;

const queries = [
  'SELECT count(*), sum(price), avg(big), min(ratio), max(ratio), sum(mixed) FROM $t',
  'SELECT kind, flag, count(*), sum(price), sum(small), min(note), max(at) FROM $t GROUP BY kind, flag ORDER BY kind, flag',
  'SELECT code, count(DISTINCT kind), sum(big) FROM $t GROUP BY code ORDER BY code',
  "SELECT count(*), sum(price) FROM $t WHERE id BETWEEN 9000 AND 9400 AND kind LIKE '%3'",
  "SELECT count(*), min(id) FROM $t WHERE day >= '2023-06-01' AND price < 200.5",
  "SELECT count(*) FROM $t WHERE ratio > 1e300 OR ratio = 'NaN' OR mixed = 'NaN'",
  'SELECT count(*) FROM $t WHERE kind IS NULL',
  "SELECT id, note FROM $t WHERE at = '2020-01-05 03:30:00' OR id IN (5, 15777) ORDER BY id",
  'SELECT a.kind, count(*) FROM $t a JOIN $t b ON a.id = b.small GROUP BY a.kind ORDER BY a.kind',
  'SELECT id, price FROM $t ORDER BY price DESC NULLS LAST, id LIMIT 5',
  "SELECT span, count(*), max(_tx_from) IS NOT NULL, bool_and(_tx_to = 'infinity') FROM $t GROUP BY span ORDER BY span",
];

async function compare(where: string, clause = ''): Promise<void> {
  for (const query of queries) {
    const ask = (table: string): string =>
      query
        .replaceAll('$t a', `${table}${clause} a`)
        .replaceAll('$t b', `${table}${clause} b`)
        .replaceAll('$t', `${table}${clause}`);
    const found = await rows(client, ask('segmented'));
    const expected = await rows(client, ask('plain'));
    if (isDeepStrictEqual(found, expected)) continue;
    assert.deepEqual(
      found,
      expected,
      `${where}: ${query}\n${await circumstances(ask('segmented'))}`,
    );
  }
}

/** Of a wrong answer: is it wrong each time, and what was it made of? */
async function circumstances(query: string): Promise<string> {
  const again = await rows(client, query);
  const plan = await rows(client, `EXPLAIN ANALYZE ${query}`);
  const segments = await rows(client, 'SELECT * FROM lattice_segments');
  return `asked again: ${JSON.stringify(again)}\n${plan.join('\n')}\n${segments.join('\n')}`;
}

async function both(sql: string): Promise<void> {
  for (const table of ['segmented', 'plain']) await client.query(sql.replaceAll('$t', table));
}

const seed = 20261121;
/** Lehmer's generator. */
function randomNumbers(): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

test('queries over segments and over rows agree while rows change', async () => {
  for (const [table, setting] of [
    ['segmented', 'on'],
    ['plain', 'off'],
  ]) {
    await client.query(`CREATE TABLE ${table} (${columns}) WITH (columnar = ${setting})`);
    await client.query(`INSERT INTO ${table} ${filling.replace('$1', '16000')}`);
  }
  await client.query('VACUUM segmented');
  await client.query('VACUUM plain');
  const tables = await rows(client, 'SELECT DISTINCT tablename FROM lattice_segments');
  assert.deepEqual(tables, [['segmented']]);
  const random = randomNumbers();
  const moments: string[] = [];
  await compare('fresh');
  for (let round = 0; round < 3; round++) {
    moments.push((await rows(client, 'SELECT clock_timestamp()::text'))[0][0]!);
    const first = random(16000);
    await both(
      `UPDATE $t SET price = price + 1, kind = 'changed', note = NULL WHERE id BETWEEN ${first} AND ${first + random(300)}`,
    );
    await both(
      `UPDATE $t SET ratio = -0.0, mixed = 12345678901234567890.5 WHERE id % ${500 + random(500)} = 0`,
    );
    await both(`DELETE FROM $t WHERE id % ${700 + random(700)} = 1`);
    await both(
      `INSERT INTO $t ${filling.replace('i, i % 100', `i + ${40000 + round * 1000}, i % 100`).replace('$1', '50')}`,
    );
    await compare(`round ${round}`);
    await client.query('BEGIN');
    await both(`UPDATE $t SET id = id + 1000000 WHERE id BETWEEN 100 AND 120`);
    await both(`DELETE FROM $t WHERE id = ${first}`);
    await compare(`own writes, round ${round}`);
    await client.query('ROLLBACK');
    if (round % 2 === 1) await client.query('VACUUM segmented');
    for (const moment of round === 2 ? moments : moments.slice(-1)) {
      await compare(`as of ${moment}, round ${round}`, ` FOR SYSTEM_TIME AS OF '${moment}'`);
    }
  }
  await client.query('ALTER TABLE segmented ADD added int DEFAULT 5');
  await client.query('UPDATE segmented SET added = 6 WHERE id < 100');
  assert.deepEqual(
    await rows(client, 'SELECT added, count(*) > 0 FROM segmented GROUP BY added ORDER BY added'),
    [
      ['5', 't'],
      ['6', 't'],
    ],
  );
  await client.query('ALTER TABLE segmented DROP added');
  await compare('another column has come and gone');
  await both('TRUNCATE $t');
  await both(`INSERT INTO $t ${filling.replace('$1', '300')}`);
  await client.query('VACUUM segmented');
  await compare('truncated and filled again');
});

test('the setting is checked, shown, and turns segments off', async () => {
  await client.query('CREATE TABLE switched (a int) WITH (columnar = on)');
  await client.query('INSERT INTO switched SELECT generate_series(1, 5000)');
  await client.query('VACUUM switched');
  const count = `SELECT count(*) FROM lattice_segments WHERE tablename = 'switched'`;
  assert.deepEqual(await rows(client, count), [['1']]);
  const options = `SELECT reloptions FROM pg_class WHERE relname = 'switched'`;
  assert.deepEqual(await rows(client, options), [['{columnar=on}']]);
  await client.query('ALTER TABLE switched SET (columnar = off)');
  for (let waited = 0; (await rows(client, count))[0][0] !== '0'; waited++) {
    assert.ok(waited < 100);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await assert.rejects(client.query('CREATE TABLE wrong (a int) WITH (columnar = sideways)'), {
    code: '22023',
    message: 'invalid value for enum option "columnar": sideways',
  });
  await assert.rejects(client.query('CREATE VIEW wrong WITH (columnar = on) AS SELECT 1 AS a'));
  await client.query('DROP TABLE switched');
});

test('a large load gets segments by itself', async () => {
  await client.query('CREATE TABLE loaded (a int PRIMARY KEY, b text)');
  await client.query(
    `INSERT INTO loaded SELECT i, 'text ' || i % 10 FROM generate_series(1, 120000) i`,
  );
  const files = (): number => readdirSync(join(server.directory, 'data', 'segments')).length;
  const before_ = files();
  assert.deepEqual(await rows(client, 'SELECT count(*), count(DISTINCT b) FROM loaded'), [
    ['120000', '10'],
  ]);
  for (let waited = 0; files() === before_; waited++) {
    assert.ok(waited < 300, 'segments were built');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(await rows(client, 'SELECT count(*), count(DISTINCT b) FROM loaded'), [
    ['120000', '10'],
  ]);
});

test('transfers between accounts never change the total that scans see, through builds and renewals', async () => {
  await client.query(
    'CREATE TABLE account (id int PRIMARY KEY, balance numeric(12,2)) WITH (columnar = on)',
  );
  await client.query('INSERT INTO account SELECT i, 100 FROM generate_series(1, 40000) i');
  await client.query('VACUUM account');
  let isOver = false;
  const errors: unknown[] = [];
  const transfer = async (number: number): Promise<void> => {
    const own = await connect(server.port);
    const random = randomNumbers();
    for (let n = 0; n < number; n++) random(2);
    while (!isOver) {
      const [from, to] = [1 + random(40000), 1 + random(40000)].toSorted((a, b) => a - b);
      await own.query(`BEGIN; UPDATE account SET balance = balance - 1.5 WHERE id = ${from};
        UPDATE account SET balance = balance + 1.5 WHERE id = ${to};
        DELETE FROM account WHERE id = ${100000 + number}; INSERT INTO account VALUES (${100000 + number}, 0); COMMIT`);
    }
    await own.end();
  };
  const renew = async (): Promise<void> => {
    const own = await connect(server.port);
    while (!isOver) {
      await own.query('VACUUM account');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await own.end();
  };
  const busy = [transfer(1), transfer(2), transfer(3), renew()].map((work) =>
    work.catch((error: unknown) => errors.push(error)),
  );
  const moments: string[] = [];
  const end = Date.now() + 8000;
  while (Date.now() < end) {
    const [[sum, moment]] = await rows(
      client,
      `SELECT sum(balance), clock_timestamp()::text FROM account`,
    );
    assert.equal(sum, '4000000.00');
    moments.push(moment!);
    const past = moments[Math.floor(moments.length / 2)];
    const [[before_]] = await rows(
      client,
      `SELECT sum(balance) FROM account FOR SYSTEM_TIME AS OF '${past}'`,
    );
    assert.equal(before_, '4000000.00');
  }
  isOver = true;
  await Promise.all(busy);
  assert.deepEqual(errors, []);
  assert.ok(moments.length > 5);
});

const valuesOfTypes: Readonly<Record<string, string>> = {
  mood: `(array['sad', 'ok', 'happy'])[1 + i % 3]::mood`,
  pair: `row(i, 'x' || i)::pair`,
  positive: 'i',
  'positive[]': 'array[i, i + 1]::positive[]',
  span: 'span(i / 2.0, i)',
  spans: 'spans(span(i, i + 1))',
  'text COLLATE reversed': `'c' || i`,
  'char(9) COLLATE "C"': `'d' || i`,
  'mood[]': `array['sad', 'ok']::mood[]`,
  'int[]': 'array[i, i + 1]',
  int4range: 'int4range(i, i + 5)',
  inet: `('10.0.0.' || i % 250)::inet`,
  'bit(8)': 'i::bit(8)',
  money: 'i::money',
  jsonb: `jsonb_build_object('a', i)`,
  bytea: `decode(md5(i::text), 'hex')`,
  uuid: `md5(i::text)::uuid`,
  timetz: `time '10:00' + i * interval '1 second'`,
  '"char"': `'c'::"char"`,
  real: 'i / 3.0',
  oid: 'i::oid',
  bigint: 'i * 10000000000000000',
};

test('every kind of type comes back as it was', async () => {
  await client.query(`CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
    CREATE TYPE pair AS (a int, b text); CREATE DOMAIN positive AS int CHECK (value > 0);
    CREATE TYPE span AS RANGE (subtype = numeric, multirange_type_name = spans);
    CREATE COLLATION reversed (provider = icu, locale = 'en-u-ks-level2', deterministic = false)`);
  const names = Object.keys(valuesOfTypes);
  const declared = names.map((type, n) => `c${n} ${type}`).join(', ');
  const filled = names.map(
    (type, n) => `CASE WHEN i % ${n + 5} <> 0 THEN ${valuesOfTypes[type]} END`,
  );
  for (const [table, setting] of [
    ['typed_on', 'on'],
    ['typed_off', 'off'],
  ]) {
    await client.query(
      `CREATE TABLE ${table} (i int PRIMARY KEY, ${declared}) WITH (columnar = ${setting})`,
    );
    await client.query(
      `INSERT INTO ${table} SELECT i, ${filled.join(', ')} FROM generate_series(1, 600) i`,
    );
  }
  await client.query('VACUUM typed_on');
  const built = `SELECT count(DISTINCT attname) FROM lattice_segments WHERE tablename = 'typed_on'`;
  assert.deepEqual(await rows(client, built), [[String(names.length + 1)]]);
  for (const n of names.keys()) {
    for (const query of [
      `SELECT md5(string_agg(c${n}::text, ',' ORDER BY i)), count(c${n}) FROM $t`,
      `SELECT c${n}, count(*) FROM $t GROUP BY c${n} ORDER BY c${n} LIMIT 5`,
      `SELECT count(*) FROM $t x JOIN $t y ON x.c${n} = y.c${n}`,
    ]) {
      const [on, off] = await Promise.all(
        ['typed_on', 'typed_off'].map((table) => rows(client, query.replaceAll('$t', table))),
      );
      assert.deepEqual(on, off, `${names[n]}: ${query}`);
    }
  }
});
