// npm run test:soak: the long version of the durability tests. Takes some minutes; prints progress.

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
