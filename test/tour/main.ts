// npm run tour: starts a server on a temporary directory, creates the sample of a bicycle workshop, and
// shows what the server can do, each step with its SQL and the result. Ends with status 0 when every step
// did what it says, 1 otherwise. Steps are in steps.ts and steps/

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLattice } from '../harness/lattice.ts';
import { Stage } from './stage.ts';
import { steps } from './steps.ts';

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-tour-'));
  const stage = new Stage(() => startLattice(directory));
  try {
    await stage.start();
    for (const [ordinal, step] of steps.entries()) {
      stage.heading(`${ordinal + 1}. ${step.title}`, step.text);
      await step.run(stage);
    }
    await stage.stop();
    stage.heading(
      `The tour is over: ${steps.length} steps.`,
      'npm start gives you a server of your own.',
    );
  } finally {
    await stage.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
