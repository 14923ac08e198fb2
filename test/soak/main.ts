// npm run test:soak: the long version of the durability tests, then the randomly generated tests with cases that no
// run has tried. Takes some minutes; prints progress.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRepeatedly } from '../durability/kill.ts';

const kills = 50;
const directory = mkdtempSync(join(tmpdir(), 'lattice-soak-'));
try {
  const acknowledged = await killRepeatedly({
    directory,
    kills,
    loadMs: (kill) => 300 + ((kill * 373) % 1500),
    configuration: 'memtable_size: 2MB\n',
    progress: (text) => console.log(text),
  });
  console.log(`${kills} kills, ${acknowledged.transfers.size} acknowledged transfers, none lost`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

const rounds = 10;
const generated = [
  'sql/generated',
  'sql/generated-paths',
  'sql/collation-paths',
  'isolation/isolation',
  'protocol/fuzz',
];
for (let round = 1; round <= rounds; round++) {
  console.log(`generated tests, round ${round} of ${rounds}`);
  const { status } = spawnSync(
    process.execPath,
    ['--test', '--test-concurrency=1', ...generated.map((name) => `test/${name}.test.ts`)],
    { stdio: 'inherit', env: { ...process.env, TEST_SEED: 'random' } },
  );
  if (status !== 0) process.exit(1);
}
