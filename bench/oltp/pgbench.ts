// Runs pgbench and reads its report.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresBinaries } from '../../test/harness/postgres.ts';

const run = promisify(execFile);

export interface PgbenchResult {
  readonly transactionsPerSecond: number;
  readonly latencyAverageMs: number;
  /** From the per-transaction log, when asked for. */
  readonly failed: number;
}

export function pgbenchBinary(): string {
  const binaries = postgresBinaries();
  return binaries === undefined ? 'pgbench' : join(binaries, 'pgbench');
}

export async function pgbench(port: number, args: readonly string[]): Promise<PgbenchResult> {
  const { stdout } = await run(
    pgbenchBinary(),
    ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', ...args, 'postgres'],
    {
      maxBuffer: 1 << 26,
      env: { ...process.env, PGOPTIONS: '' },
    },
  );
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? Number.NaN);
  return {
    transactionsPerSecond: number(/tps = ([\d.]+)/),
    latencyAverageMs: number(/latency average = ([\d.]+)/),
    failed: number(/number of failed transactions: (\d+)/) || 0,
  };
}

/** pgbench -i, timed in seconds. */
export async function initialize(port: number, scale: number): Promise<number> {
  const start = performance.now();
  await run(pgbenchBinary(), [
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-U',
    'postgres',
    '-i',
    '-q',
    '-s',
    String(scale),
    'postgres',
  ]);
  return (performance.now() - start) / 1000;
}
