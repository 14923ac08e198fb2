// Several clients at one time, both times of a row, and a crash.

import assert from 'node:assert/strict';
import type { Stage } from '../stage.ts';

export async function transactions(stage: Stage): Promise<void> {
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

export async function queue(stage: Stage): Promise<void> {
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

export async function serializable(stage: Stage): Promise<void> {
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

export async function timeTravel(stage: Stage): Promise<void> {
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

export async function notifications(stage: Stage): Promise<void> {
  await stage.show('LISTEN workshop', { as: 'counter' });
  await stage.show("NOTIFY workshop, 'bike 1 is ready'");
  await stage.quietly('SELECT 1', { as: 'counter' });
}

export async function recovery(stage: Stage): Promise<void> {
  await stage.show("UPDATE repair SET state = 'done' WHERE bike_id = 1 RETURNING id, state");
  await stage.crash();
  const rows = await stage.show(
    "SELECT id, state, hours FROM repair WHERE state = 'done' ORDER BY id",
  );
  assert.equal(rows.length, 2);
}
