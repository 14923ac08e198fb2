// The child of crash.test.ts: changes rows and builds segments until it is killed. Each finished build is
// reported.

import { openStorage } from '../engine.ts';
import { tableAccess } from '../table/table-access.ts';
import { crashTable } from './testing.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: crash-child.ts DIRECTORY');
const storage = await openStorage({
  directory,
  onFatal: (error) => {
    throw error;
  },
});
const access = tableAccess(crashTable);
const rows = 30_000;
for (let round = process.pid % 1000; ; round++) {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  for (let n = 0; n < 2000; n++) {
    const key = (round * 7919 + n * 31) % rows;
    const row = [key, 1, round, n / 7, true, null, `round ${round % 5}`, 1, 1, null, null, null];
    const old = access.fetchForUpdate(transaction, access.rowKey(row), 3);
    if (old instanceof Uint8Array) access.updateRow(transaction, access.rowKey(row), old, row);
    else access.insertRow(transaction, row);
  }
  transaction.commit();
  await storage.buildSegments(crashTable);
  process.stdout.write(`${round}\n`);
}
