// Point reads and updates by pgbench, with the latency of every transaction from its log.

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pgbenchBinary } from '../oltp/pgbench.ts';

const run = promisify(execFile);

export interface PointLoad {
  readonly clients: number;
  readonly seconds: number;
}

export interface PointFigures {
  readonly transactionsPerSecond: number;
  /** Milliseconds. */
  readonly readP95: number;
  readonly updateP95: number;
  readonly longest: number;
}

/** Eight reads by key for each two updates of a row (and an insert each, as pgbench -N does). */
export async function pointLoad(port: number, load: PointLoad): Promise<PointFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-htap-log-'));
  try {
    const scripts = ['-b', 'select-only@8', '-b', 'simple-update@2'];
    const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
    const size = ['-c', String(load.clients), '-j', '1', '-T', String(load.seconds), '-n'];
    const log = ['-l', `--log-prefix=${join(directory, 'log')}`];
    await run(pgbenchBinary(), [
      ...connection,
      ...scripts,
      ...size,
      ...log,
      '-M',
      'prepared',
      'postgres',
    ]);
    return figures(directory, load.seconds);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Log lines: client, number, latency in microseconds, script (0: reads, 1: updates), time. */
function figures(directory: string, seconds: number): PointFigures {
  const latencies: [number[], number[]] = [[], []];
  for (const file of readdirSync(directory)) {
    for (const line of readFileSync(join(directory, file), 'utf8').split('\n')) {
      const [, , latency, script] = line.split(' ');
      if (script !== undefined) latencies[Number(script)].push(Number(latency) / 1000);
    }
  }
  const [reads, updates] = latencies.map((values) => values.toSorted((a, b) => a - b));
  return {
    transactionsPerSecond: (reads.length + updates.length) / seconds,
    readP95: quantile(reads, 0.95),
    updateP95: quantile(updates, 0.95),
    longest: Math.max(reads.at(-1) ?? 0, updates.at(-1) ?? 0),
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
