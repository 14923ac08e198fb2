/**
 * Goal: npm run tour works: every step does what it says and the program ends with status 0.
 * Method: it is run as users run it; its own assertions check the steps.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { steps } from './steps.ts';

test('the tour ends well and shows every step', { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const status = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(status, 0, `${output.slice(-1500)}\n${errors}`);
  for (const step of steps) assert.ok(output.includes(step.title), step.title);
});
