/**
 * Goal: MERGE that meets another transaction's change acts on what that transaction left, or is refused.
 * Method: one session changes a row and keeps its transaction open, another one's MERGE waits for it;
 * what it has done after the commit is compared with what PostgreSQL's rules say.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, untilLockWait } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const merge = `merge into target t using (values (1, 5), (2, 7)) s(a, b) on t.a = s.a
  when matched and t.b > 100 then delete
  when matched then update set b = t.b + s.b
  when not matched then insert values (s.a, s.b)`;
const lattice = await testServer();

/** The rows that are left, or the code of the error. */
async function outcome(level: string, change: string): Promise<string> {
  const first = await connect(lattice.port);
  const second = await connect(lattice.port);
  try {
    await first.query('drop table if exists target');
    await first.query('create table target (a int primary key, b int)');
    await first.query('insert into target values (1, 1)');
    await second.query(`begin isolation level ${level}`);
    await second.query('select * from target');
    await first.query('begin');
    await first.query(change);
    const waiting = second.query(merge).then(
      () => undefined,
      (error: { readonly code?: string }) => error.code,
    );
    await untilLockWait(first);
    await first.query('commit');
    const code = await waiting;
    await second.query('commit');
    if (code !== undefined) return code;
    const { rows } = await first.query('select a, b from target order by a');
    return rows.map((row) => `${String(row['a'])}=${String(row['b'])}`).join(' ');
  } finally {
    await first.end();
    await second.end();
  }
}

test('READ COMMITTED: the statement sees the row as it was committed', async () => {
  const level = 'read committed';
  assert.equal(await outcome(level, 'update target set b = b + 1'), '1=7 2=7');
  assert.equal(await outcome(level, 'update target set b = 200'), '2=7');
  assert.equal(await outcome(level, 'delete from target'), '1=5 2=7');
  assert.equal(await outcome(level, 'insert into target values (2, 1)'), '1=6 2=8');
});

test('REPEATABLE READ: a changed row is a serialization failure', async () => {
  const level = 'repeatable read';
  assert.equal(await outcome(level, 'update target set b = b + 1'), '40001');
  assert.equal(await outcome(level, 'delete from target'), '40001');
  assert.equal(await outcome(level, 'insert into target values (2, 1)'), '23505');
});
