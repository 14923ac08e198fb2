/**
 * Goal: a statement that was planned before another session changed its table works on the table as it
 * is when it runs, and no row is written where nobody looks for it.
 * Method: each kind of statement waits for the lock of a transaction that rewrites its table, or is
 * prepared before and executed after; then the rows are counted.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, untilLockWait } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const lattice = await testServer();

const rewrites = [
  'alter table t add primary key (a)',
  'alter table t add column c uuid default gen_random_uuid()',
  'alter table t alter column b type bigint',
  'truncate t',
];
const statements = [
  { name: 'simple insert', text: 'insert into t (a, b) values (100, 1)', values: undefined },
  {
    name: 'insert with parameters',
    text: 'insert into t (a, b) values ($1, $2)',
    values: [100, 1],
  },
  { name: 'insert from a query', text: 'insert into t (a, b) select 100, 1', values: undefined },
];

for (const rewrite of rewrites) {
  for (const { name, text, values } of statements) {
    test(`${name} waits for: ${rewrite}`, async () => {
      const changer = await connect(lattice.port);
      const writer = await connect(lattice.port);
      await changer.query('drop table if exists t');
      await changer.query('create table t (a int, b int)');
      await changer.query('insert into t select i, i from generate_series(1, 10) i');
      await changer.query('begin');
      await changer.query(rewrite);
      const waiting = writer.query(text, values);
      await untilLockWait(changer);
      await changer.query('commit');
      await waiting;
      const { rows } = await changer.query('select b from t where a = 100');
      assert.deepEqual(
        rows.map((row: { b: unknown }) => Number(row.b)),
        [1],
      );
      await Promise.all([changer.end(), writer.end()]);
    });
  }
}

test('prepared statements follow a table that is rewritten between their executions', async () => {
  const changer = await connect(lattice.port);
  const client = await connect(lattice.port);
  await changer.query('drop table if exists t');
  await changer.query('create table t (a int, b int)');
  const insert = { name: 'i', text: 'insert into t (a, b) values ($1, $2)' };
  const update = { name: 'u', text: 'update t set b = b + $2 where a = $1' };
  const read = { name: 'r', text: 'select b from t where a = $1' };
  let expected = 0;
  for (const change of [
    ...rewrites.slice(0, 3),
    'create index on t (b)',
    'alter table t drop column b',
  ]) {
    await client.query({ ...insert, values: [expected + 1, 10] });
    expected++;
    await client.query({ ...update, values: [expected, 5] });
    const { rows } = await client.query({ ...read, values: [expected] });
    assert.equal(Number((rows[0] as { b: unknown }).b), 15);
    if (!change.includes('type bigint')) await changer.query(change);
  }
  const { rows } = await changer.query('select count(*)::int as n from t');
  assert.deepEqual(rows, [{ n: String(expected) }]);
  await assert.rejects(client.query({ ...read, values: [1] }), { code: '42703' });
  await Promise.all([changer.end(), client.end()]);
});

test('foreign keys follow a referenced table that is rewritten', async () => {
  const changer = await connect(lattice.port);
  const writer = await connect(lattice.port);
  await changer.query('drop table if exists child, parent');
  await changer.query('create table parent (a int primary key, b int)');
  await changer.query('create table child (a int references parent on delete cascade)');
  await changer.query('insert into parent values (1, 1), (2, 2)');
  const insert = { name: 'i', text: 'insert into child values ($1)' };
  await writer.query({ ...insert, values: [1] });
  await changer.query('begin');
  await changer.query('alter table parent add column c uuid default gen_random_uuid()');
  const waiting = writer.query({ ...insert, values: [2] });
  await untilLockWait(changer);
  await changer.query('commit');
  await waiting;
  await writer.query({ ...insert, values: [2] });
  await assert.rejects(writer.query({ ...insert, values: [3] }), { code: '23503' });
  await changer.query('delete from parent where a = 2');
  const { rows } = await changer.query('select a from child');
  assert.deepEqual(rows, [{ a: '1' }]);
  await Promise.all([changer.end(), writer.end()]);
});
