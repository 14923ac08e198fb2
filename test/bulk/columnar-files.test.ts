// Goal: Parquet and Arrow files hold exactly what the tables hold. Method: round trips, and DuckDB and
// Arrow's own reader as second opinions.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { connect, rows, type Client } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const lattice = await testServer();
const { directory } = lattice;
let client: Client;
let duckdb: DuckDBConnection;

before(async () => {
  client = await connect(lattice.port);
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await client.query(`CREATE TABLE sample (id int PRIMARY KEY, small int2, big int8, single float4,
    double float8, price numeric(12,2), wide numeric(30,5), free numeric, note text, name varchar(9),
    code char(4), day date, stamp timestamp, zoned timestamptz, clock time, key uuid, raw bytea, ok bool,
    doc jsonb, list int[], span interval)`);
  await client.query(`INSERT INTO sample SELECT i, i, i * 10000000000, i / 3.0, i / 7.0, i / 4.0,
    i * -123456789012345678.12345, i / 9.0, 'größe ' || i, 'v' || i, 'c', date '1999-12-25' + i,
    timestamp '1969-12-25' + i * interval '1 hour 1 microsecond',
    timestamptz '2020-01-01 00:00:00+00' + i * interval '1 minute', time '00:00' + i * interval '1 second',
    md5(i::text)::uuid, decode(md5(i::text), 'hex'), i % 2 = 0, jsonb_build_object('i', i), array[i, null],
    i * interval '1 day 1 second' FROM generate_series(1, 1000) i`);
  await client.query('INSERT INTO sample (id) VALUES (0), (-1)');
});

after(() => duckdb.closeSync());

async function failure(sql: string): Promise<{ code?: string; message: string }> {
  const error: unknown = await client.query(sql).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error, `no error: ${sql}`);
  return error;
}

test('a table comes back from Parquet as it was', { timeout: 60_000 }, async () => {
  const file = join(directory, 'sample.parquet');
  await client.query(`COPY sample TO '${file}' (FORMAT parquet)`);
  await client.query('CREATE TABLE back (LIKE sample INCLUDING ALL)');
  await client.query(`COPY back FROM '${file}' (FORMAT parquet)`);
  for (const [left, right] of [
    ['sample', 'back'],
    ['back', 'sample'],
  ]) {
    const sql = `SELECT count(*) FROM (TABLE ${left} EXCEPT TABLE ${right}) d`;
    assert.deepEqual(await rows(client, sql), [['0']]);
  }
});

test('DuckDB reads the same values', { timeout: 60_000 }, async () => {
  const file = join(directory, 'duck.parquet');
  await client.query(`COPY sample TO '${file}' (FORMAT parquet)`);
  const columns = 'id, big, price, wide, free, note, name, day, stamp, clock, key, ok, double';
  const theirs = await duckdb.runAndReadAll(
    `SELECT ${columns} FROM '${file}' WHERE id % 100 < 2 ORDER BY id`,
  );
  const ours = await rows(client, `SELECT ${columns} FROM sample WHERE id % 100 < 2 ORDER BY id`);
  const shown = theirs
    .getRows()
    .map((row) => row.map((value) => (value === null ? null : value.toString())));
  const expected = ours.map((row) =>
    row.map((cell) => (cell === 't' ? 'true' : cell === 'f' ? 'false' : cell)),
  );
  assert.deepEqual(shown, expected);
});

test('files that DuckDB writes are read exactly', { timeout: 60_000 }, async () => {
  const select = `SELECT i::INTEGER AS a, (i * 1.5)::DECIMAL(9,3) AS b, i::DECIMAL(38,10) AS c, 'x' || (i % 5) AS d,
    DATE '2024-01-01' + i::INTEGER AS e, TIMESTAMP '2024-01-01' + to_seconds(i) AS f, (i % 3 = 0) AS g,
    CASE WHEN i % 4 = 0 THEN NULL ELSE i * 0.1::DOUBLE END AS h, i::UBIGINT AS u, i::UINTEGER AS v FROM range(50000) t(i)`;
  await client.query(`CREATE TABLE foreign_rows (a int, b numeric(9,3), c numeric, d text, e date, f timestamp,
    g bool, h float8, u numeric, v int8)`);
  for (const codec of ['snappy', 'zstd', 'gzip']) {
    const file = join(directory, `${codec}.parquet`);
    await duckdb.run(
      `COPY (${select}) TO '${file}' (FORMAT parquet, CODEC '${codec}', ROW_GROUP_SIZE 20000)`,
    );
    await client.query('TRUNCATE foreign_rows');
    await client.query(`COPY foreign_rows FROM '${file}' (FORMAT parquet)`);
    const [ours] = await rows(
      client,
      `SELECT count(*), sum(a), sum(b), sum(c), max(d), max(e), max(f), count(*) FILTER (WHERE g), count(h), sum(u), sum(v)
       FROM foreign_rows`,
    );
    assert.deepEqual(ours, [
      '50000',
      '1249975000',
      '1874962500.000',
      '1249975000.0000000000',
      'x4',
      '2160-11-22',
      '2024-01-01 13:53:19',
      '16667',
      '37500',
      '1249975000',
      '1249975000',
    ]);
  }
});

test(
  'columns beside nested ones, intervals and nanoseconds are read',
  { timeout: 60_000 },
  async () => {
    const file = join(directory, 'kinds.parquet');
    await duckdb.run(`COPY (SELECT i::INTEGER AS a, {'a': 'text', 'n': i} AS nested, [i] AS list, 'bytes'::BLOB AS n,
    INTERVAL '3 months 4 days 05:06:07.008' AS span, TIMESTAMP_NS '1969-12-31 23:59:59.999999999' AS nanos
    FROM range(3) t(i)) TO '${file}' (FORMAT parquet)`);
    const wanted = '(a int, n bytea, span interval, nanos timestamp)';
    assert.deepEqual(
      await rows(client, `SELECT * FROM read_parquet('${file}') AS f ${wanted} WHERE a = 2`),
      [['2', '\\x6279746573', '3 mons 4 days 05:06:07.008', '1969-12-31 23:59:59.999999']],
    );
    const nested = `SELECT * FROM read_parquet('${file}') AS f (nested jsonb)`;
    assert.equal((await failure(nested)).code, '0A000');
  },
);

test('a file that is not read to its end is closed', { timeout: 60_000 }, async () => {
  const file = join(directory, 'wrong.csv');
  writeFileSync(file, 'not a number\n'.repeat(500_000));
  await client.query('CREATE TABLE numbers (a int)');
  const openFiles = (): number => {
    const files = `/proc/${lattice.process.pid}/fd`;
    return readdirSync(files).filter((name) => {
      try {
        return readlinkSync(join(files, name)) === file;
      } catch {
        return false;
      }
    }).length;
  };
  for (let attempt = 0; attempt < 3; attempt++)
    assert.equal((await failure(`COPY numbers FROM '${file}'`)).code, '22P02');
  for (let waited = 0; openFiles() > 0; waited++) {
    assert.ok(waited < 100);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  assert.equal((await failure(`COPY numbers FROM '${pipe}'`)).code, '0A000');
  assert.equal((await failure(`COPY numbers TO '${pipe}'`)).code, '0A000');
  const piped = `SELECT * FROM read_csv('${pipe}') AS f (a int)`;
  assert.equal((await failure(piped)).code, '0A000');
});

test("Arrow's reader reads the same values", { timeout: 60_000 }, async () => {
  const file = join(directory, 'sample.arrow');
  await client.query(`COPY (SELECT * FROM sample ORDER BY id) TO '${file}' (FORMAT arrow)`);
  const table = tableFromIPC(readFileSync(file));
  assert.equal(table.numRows, 1002);
  const row = table.get(18)!.toJSON() as Record<string, unknown>;
  assert.equal(row['id'], 17);
  assert.equal(row['big'], 170_000_000_000n);
  assert.equal(row['note'], 'größe 17');
  assert.equal(row['ok'], false);
  assert.equal(row['double'], 17 / 7);
  assert.equal(row['day']?.valueOf(), Date.UTC(2000, 0, 11));
  assert.equal(table.get(0)!.toJSON()['note'], null);
});

test('what cannot be read or written is said', { timeout: 60_000 }, async () => {
  const file = join(directory, 'broken.parquet');
  await client.query(`COPY sample TO '${file}' (FORMAT parquet)`);
  truncateSync(file, 5000);
  assert.equal((await failure(`COPY sample FROM '${file}' (FORMAT parquet)`)).code, '22P04');
  writeFileSync(file, 'PAR1 this is no Parquet file PAR1');
  assert.equal((await failure(`COPY sample FROM '${file}' (FORMAT parquet)`)).code, '22P04');
  const full = await failure(
    `COPY (SELECT repeat('x', 1000) FROM generate_series(1, 5000)) TO '/dev/full' (FORMAT parquet)`,
  );
  assert.equal(full.code, '53100');
  const nan = `COPY (SELECT 'NaN'::numeric(5,2)) TO '${file}' (FORMAT parquet)`;
  assert.equal((await failure(nan)).code, '22003');
  await client.query('CREATE ROLE plain LOGIN');
  const plain = await connect(lattice.port, { user: 'plain' });
  await assert.rejects(
    () => plain.query(`COPY (SELECT 1 AS a) TO '${file}' (FORMAT parquet)`),
    (error: { code?: string }) => error.code === '42501',
  );
  await plain.end();
});

test(
  'damaged bytes anywhere in a file end in an error or in values, never in a dead server',
  { timeout: 60_000 },
  async () => {
    const file = join(directory, 'damaged.parquet');
    await client.query(`SET statement_timeout = '2s'`);
    await client.query('CREATE TABLE damaged (id int, note text, price numeric(12,2))');
    await client.query(
      `COPY (SELECT id, note, price FROM sample WHERE id < 300) TO '${file}' (FORMAT parquet)`,
    );
    const whole = readFileSync(file);
    for (let attempt = 0; attempt < 10; attempt++) {
      const bytes = Buffer.from(whole);
      for (let flip = 0; flip < 3; flip++) {
        const place = (attempt * 7919 + flip * 104_729) % bytes.length;
        bytes[place] ^= 1 << (attempt % 8);
      }
      writeFileSync(file, bytes);
      const outcome: unknown = await client
        .query(`COPY damaged FROM '${file}' (FORMAT parquet)`)
        .catch((error: unknown) => error);
      const code = (outcome as { code?: string }).code;
      assert.notEqual(code?.slice(0, 2), 'XX', `attempt ${attempt}`);
    }
    assert.deepEqual(await rows(client, 'SELECT 1'), [['1']]);
  },
);

test(
  'files are tables: the same rows from CSV, JSON lines and Parquet',
  { timeout: 60_000 },
  async () => {
    const place = (ending: string): string => join(directory, `table.${ending}`);
    const query = 'SELECT id, note, wide, day, price FROM sample ORDER BY id';
    await client.query(`COPY (${query}) TO '${place('csv')}' (FORMAT csv, HEADER)`);
    await client.query(`COPY (${query}) TO '${place('parquet')}' (FORMAT parquet)`);
    const documents = await rows(client, `SELECT row_to_json(s) FROM (${query}) s`);
    writeFileSync(place('json'), `${documents.map(([document]) => document).join('\n')}\n\n`);
    const columns = '(id int, note text, wide numeric, day date, price numeric(12,2))';
    const expected = await rows(client, query);
    for (const format of ['csv', 'json', 'parquet']) {
      const from = `read_${format}('${place(format)}') AS f ${columns}`;
      assert.deepEqual(await rows(client, `SELECT * FROM ${from} ORDER BY id`), expected, format);
      const joined = `SELECT count(*) FROM sample JOIN ${from} ON sample.id = f.id AND f.id < 100`;
      assert.deepEqual(await rows(client, joined), [['101']]);
      assert.equal((await rows(client, `SELECT * FROM ${from} LIMIT 1`)).length, 1);
    }
    assert.equal(
      (await failure(`SELECT * FROM read_csv('${place('csv')}') AS f (gone int)`)).code,
      '42703',
    );
    assert.equal(
      (await failure(`SELECT * FROM read_csv('table.csv') AS f (id int)`)).code,
      '42602',
    );
    writeFileSync(place('json'), '{"id": 1}\n{"id": \n');
    assert.equal(
      (await failure(`SELECT * FROM read_json('${place('json')}') AS f (id int)`)).code,
      '22P02',
    );
    const plain = await connect(lattice.port, { user: 'plain' });
    await assert.rejects(
      () => plain.query(`SELECT * FROM read_csv('${place('csv')}') AS f (id int)`),
      (error: { code?: string }) => error.code === '42501',
    );
    await plain.end();
  },
);
