// Measures the page store alone: bulk load, point reads, scan, and a flush of scattered updates.
// Usage: ./node24 bench/storage/main.ts pages [rows]

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPageStore } from '../../storage/pages/page-store.ts';

const rowCount = Number(process.argv[2] ?? 1_000_000);
const tree = 5;
const metadata = {
  position: 1,
  lastCommit: 1,
  nextTreeId: 10,
  nextOid: 20000,
  counters: [],
  rowIds: [],
};

function keyOf(n: number): string {
  return String.fromCharCode(0x80 | (n >>> 24), (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
}
/** Without mapped files: what Linux counts as RssAnon. */
function anonymousMemory(): string {
  const status = readFileSync('/proc/self/status', 'utf8');
  return `${Math.round(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)} MB`;
}
async function timed<T>(
  name: string,
  unit: (ms: number) => string,
  run: () => T | Promise<T>,
): Promise<T> {
  const start = performance.now();
  const result = await run();
  console.log(name.padEnd(44), unit(performance.now() - start));
  return result;
}

const directory = mkdtempSync(join(tmpdir(), 'pages-bench-'));
const store = await openPageStore(directory);
const value = new Uint8Array(104).fill(7);
new DataView(value.buffer).setInt32(8, 42, true);

await timed(
  `bulk load of ${rowCount} rows, synced`,
  (ms) => `${(ms / 1000).toFixed(2)} s`,
  async () => {
    const builder = store.buildTree(tree);
    for (let n = 0; n < rowCount; n++) builder.add(keyOf(n), value);
    await builder.finish();
  },
);
store.adoptTree(tree, 1_700_000_000_000_000);

for (const round of ['cold', 'warm']) {
  const snapshot = store.snapshot();
  const reads = 500_000;
  await timed(
    `random point read, ${round}`,
    (ms) => `${((ms * 1000) / reads).toFixed(2)} µs`,
    () => {
      let sum = 0;
      for (let i = 0; i < reads; i++) {
        const n = Math.floor(Math.random() * rowCount);
        sum += snapshot.getCurrent(tree, keyOf(n))!.length;
      }
      return sum;
    },
  );
  await timed(
    `scan by leaves, one int column, ${round}`,
    (ms) => `${((ms * 1e6) / rowCount).toFixed(0)} ns a row`,
    () => {
      const scan = snapshot.scanLeaves(tree, { lower: undefined, upper: undefined }, false);
      let sum = 0;
      for (let leaf = scan.nextLeaf(); leaf !== undefined; leaf = scan.nextLeaf()) {
        for (let i = leaf.first; i < leaf.end; i++)
          sum += leaf.buffer.readInt32LE(leaf.valueStart(i) + 8);
      }
      return sum;
    },
  );
  await timed(
    `scan by cursor, ${round}`,
    (ms) => `${((ms * 1e6) / rowCount).toFixed(0)} ns a row`,
    () => {
      const cursor = snapshot.scanCurrent(tree, { lower: undefined, upper: undefined }, false);
      let sum = 0;
      while (cursor.next()) sum += cursor.value[8];
      return sum;
    },
  );
  snapshot.release();
}

const updates = 50_000;
const keys = [
  ...new Set(Array.from({ length: updates }, () => Math.floor(Math.random() * rowCount))),
].sort((a, b) => a - b);
let longestMs = 0;
let last = performance.now();
const pulse = setInterval(() => {
  longestMs = Math.max(longestMs, performance.now() - last);
  last = performance.now();
}, 1);
await timed(
  `flush of ${keys.length} scattered updates`,
  (ms) => `${(ms / 1000).toFixed(2)} s`,
  () =>
    store.apply(
      keys.map((n) => ({
        tree,
        key: keyOf(n),
        versions: [{ from: 1_700_000_000_000_001, value }],
      })),
      [],
      metadata,
    ),
);
clearInterval(pulse);
console.log('longest pause of the main thread'.padEnd(44), `${longestMs.toFixed(1)} ms`);
const snapshot = store.snapshot();
await timed(
  'random point read after the flush',
  (ms) => `${((ms * 1000) / 200_000).toFixed(2)} µs`,
  () => {
    for (let i = 0; i < 200_000; i++)
      snapshot.getCurrent(tree, keyOf(Math.floor(Math.random() * rowCount)));
  },
);
snapshot.release();
console.log('anonymous memory'.padEnd(44), anonymousMemory());
await store.close();
rmSync(directory, { recursive: true });
