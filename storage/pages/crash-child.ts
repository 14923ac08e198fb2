// The child of crash.test.ts: flushes one state after another until it is killed. State n gives every
// key the value n; each state is printed once it is durable.

import { openPageStore } from './page-store.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: crash-child.ts DIRECTORY');
const store = await openPageStore(directory);
const first = store.appliedPosition + 1;
for (let state = first; ; state++) {
  const value = Buffer.alloc(100 + (state % 7) * 300);
  value.writeUInt32LE(state);
  const changes = Array.from({ length: 2000 }, (_, i) => ({
    tree: 9,
    key: String(i).padStart(6, '0'),
    versions: [{ from: state * 1000, value }],
  }));
  const metadata = {
    position: state,
    lastCommit: state * 1000,
    nextTreeId: 10,
    nextOid: 20_000,
    counters: [],
    rowIds: [],
  };
  await store.apply(changes, [], metadata);
  process.stdout.write(`${state}\n`);
}
