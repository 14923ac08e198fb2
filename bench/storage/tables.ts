// Measures the table layer on the engine with pgbench_accounts' shape: bulk load, full scan of one
// column, scan of all columns, point reads and updates by key.
// Usage: ./node24 bench/storage/main.ts tables [rows]

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Datum, type TableDescriptor, TypeOid } from '#common';
import { openStorage, type RowSource, tableAccess } from '#storage';

const rowCount = Number(process.argv[2] ?? 1_000_000);
const directory = mkdtempSync(join(tmpdir(), 'tables-bench-'));
const storage = await openStorage({
  directory,
  onFatal: (error) => {
    throw error;
  },
});

const types = [
  { oid: TypeOid.int4, typmod: -1 },
  { oid: TypeOid.int4, typmod: -1 },
  { oid: TypeOid.int4, typmod: -1 },
  { oid: TypeOid.bpchar, typmod: 88 },
];
const table: TableDescriptor = {
  kind: 'table',
  oid: 20_000,
  name: 'pgbench_accounts',
  schemaOid: 2200,
  owner: 10,
  treeId: storage.allocateTreeId(),
  persistence: 'permanent',
  columns: ['aid', 'bid', 'abalance', 'filler'].map((name, i) => ({
    name,
    attributeNumber: i + 1,
    type: types[i],
    notNull: i === 0,
    dropped: false,
  })),
  tupleVersions: [
    { version: 1, columns: types.map((type, i) => ({ attributeNumber: i + 1, type })) },
  ],
  keyColumns: [1],
  rowTypeOid: 0,
  indexes: [],
  constraints: [],
  referencedBy: [],
};
const access = tableAccess(table);
const filler = ' '.repeat(84);

function begin() {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  return transaction;
}
/** Without mapped files: what Linux counts as RssAnon. */
function anonymousMemory(): string {
  const status = readFileSync('/proc/self/status', 'utf8');
  return `${Math.round(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)} MB`;
}
async function timed(
  name: string,
  unit: (ms: number) => string,
  run: () => unknown,
): Promise<void> {
  const start = performance.now();
  await run();
  console.log(name.padEnd(44), unit(performance.now() - start));
}
const perRow = (ms: number): string => `${((ms * 1e6) / rowCount).toFixed(0)} ns a row`;

await timed(
  `bulk load of ${rowCount} rows`,
  (ms) => `${(ms / 1000).toFixed(2)} s`,
  async () => {
    const transaction = begin();
    const load = access.openBulkLoad(transaction, { fresh: true, lastStatement: true })!;
    for (let aid = 1; aid <= rowCount; aid++) {
      load.addRow([aid, 1, 0, filler]);
      if ((aid & 4095) === 0 && load.backlogBytes > 8e6) await new Promise(setImmediate);
    }
    await load.finish();
    await storage.whenSynced(transaction.commit().position);
  },
);
console.log('anonymous memory after the load'.padEnd(44), anonymousMemory());

function scan(attributeNumbers: number[]): number {
  const transaction = begin();
  const sources = attributeNumbers.map((attributeNumber): RowSource => ({
    kind: 'attribute',
    attributeNumber,
  }));
  const rows = access.openScan(transaction, { access: { kind: 'full' }, sources });
  let count = 0;
  for (let batch = rows.nextBatch(1024); batch !== undefined; batch = rows.nextBatch(1024))
    count += batch.length;
  rows.close();
  transaction.rollback();
  return count;
}
const balance: RowSource[] = [{ kind: 'attribute', attributeNumber: 3 }];
function pointReads(count: number): void {
  const transaction = begin();
  const out: Datum[] = [null];
  for (let i = 0; i < count; i++) {
    const aid = 1 + Math.floor(Math.random() * rowCount);
    if (!access.readColumns(transaction, access.keyOf([aid]), balance, out))
      throw new Error('row is missing');
  }
  transaction.rollback();
}

for (const round of ['first', 'second', 'third']) {
  await timed(`full scan, one int column, ${round}`, perRow, () => scan([3]));
}
await timed('full scan, all columns', perRow, () => scan([1, 2, 3, 4]));
await timed(
  'point read',
  (ms) => `${((ms * 1000) / 200_000).toFixed(2)} µs`,
  () => pointReads(200_000),
);
await timed(
  'point read again',
  (ms) => `${((ms * 1000) / 200_000).toFixed(2)} µs`,
  () => pointReads(200_000),
);
const updates = 50_000;
await timed(
  'update by key, one a transaction',
  (ms) => `${((ms * 1000) / updates).toFixed(2)} µs`,
  () => {
    for (let i = 0; i < updates; i++) {
      const transaction = begin();
      const key = access.keyOf([1 + Math.floor(Math.random() * rowCount)]);
      const old = access.fetchForUpdate(transaction, key, 2) as Uint8Array;
      const row = access.decodeRow(old);
      row[2] = i;
      access.updateRow(transaction, key, old, row);
      transaction.commit();
    }
  },
);
await timed(`full scan over ${updates} rows in memory`, perRow, () => scan([3]));
await timed(
  'flush',
  (ms) => `${(ms / 1000).toFixed(2)} s`,
  () => storage.flush(),
);
for (const round of ['first', 'second', 'third']) {
  await timed(`full scan after the flush, ${round}`, perRow, () => scan([3]));
}
console.log('anonymous memory'.padEnd(44), anonymousMemory());
await storage.close();
rmSync(directory, { recursive: true });
