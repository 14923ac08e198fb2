// npm run bench:oltp -- --extra: what the throughput table does not show. Latency of key lookups with and
// without an aggregate over all rows beside them, reads of rows with many versions, memory after a large
// load, and the cost of growth.

import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, rows, type Client } from '../../test/harness/client.ts';
import { type LatticeProcess, startLattice } from '../../test/harness/lattice.ts';
import { initialize, pgbench, pgbenchBinary } from './pgbench.ts';

const run = promisify(execFile);

export interface ExtraOptions {
  /** pgbench scale of the large database (100,000 rows each). */
  readonly largeScale: number;
  readonly seconds: number;
  readonly versions: number;
}

/** 95th percentile in milliseconds of 32 clients' key lookups, from pgbench's per-transaction log. */
async function lookupP95(port: number, seconds: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-latency-'));
  const args = [
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-U',
    'postgres',
    '-S',
    '-M',
    'prepared',
    '-c',
    '32',
    '-j',
    '1',
    '-n',
  ];
  await run(pgbenchBinary(), [...args, '-T', String(seconds), '-l', 'postgres'], {
    cwd: directory,
    maxBuffer: 1 << 26,
  });
  const latencies = globSync('pgbench_log.*', { cwd: directory })
    .flatMap((file) => readFileSync(join(directory, file), 'utf8').trimEnd().split('\n'))
    .map((line) => Number(line.split(' ')[2]));
  rmSync(directory, { recursive: true, force: true });
  const sorted = Float64Array.from(latencies).toSorted();
  return sorted[Math.floor(sorted.length * 0.95)] / 1000;
}

async function whileAggregating<Result>(
  port: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; aggregates: number }> {
  const client = await connect(port);
  let stopped = false;
  let aggregates = 0;
  const loop = (async () => {
    while (!stopped) {
      await rows(client, 'SELECT count(*), sum(abalance), max(bid) FROM pgbench_accounts');
      aggregates++;
    }
  })();
  const result = await work();
  stopped = true;
  await loop;
  await client.end();
  return { result, aggregates };
}

/** Median microseconds of a prepared statement, alternating between the statements. */
async function medianMicros(
  client: Client,
  statements: readonly { readonly name: string; readonly text: string }[],
): Promise<number[]> {
  const samples = statements.map(() => [] as number[]);
  for (let round = 0; round < 3000; round++) {
    for (const [index, { name, text }] of statements.entries()) {
      const start = performance.now();
      await client.query({ name, text, rowMode: 'array' });
      samples[index].push((performance.now() - start) * 1000);
    }
  }
  return samples.map(
    (values) => values.toSorted((left, right) => left - right)[values.length >> 1],
  );
}

async function versions(server: LatticeProcess, count: number): Promise<string[]> {
  const client = await connect(server.port);
  await client.query('CREATE TABLE hot (id int PRIMARY KEY, v int)');
  await client.query('INSERT INTO hot SELECT g, 0 FROM generate_series(1, 1000) g');
  const update = { name: 'update', text: 'UPDATE hot SET v = v + 1 WHERE id = 1' };
  for (let version = 0; version < count / 2; version++) await client.query(update);
  const [[asOf]] = await rows(client, 'SELECT clock_timestamp()::text');
  for (let version = 0; version < count / 2; version++) await client.query(update);
  const [fresh, hot, past] = await medianMicros(client, [
    { name: 'fresh', text: 'SELECT v FROM hot WHERE id = 500' },
    { name: 'hot', text: 'SELECT v FROM hot WHERE id = 1' },
    { name: 'past', text: `SELECT v FROM hot FOR SYSTEM_TIME AS OF '${asOf}' WHERE id = 1` },
  ]);
  await client.end();
  return [
    `| point read, row with ${count} versions / row with one | ${(hot / fresh).toFixed(2)} | ≤ 1.3 |`,
    `| same row AS OF the middle of its history / row with one version | ${(past / fresh).toFixed(2)} | ≤ 2 |`,
  ];
}

export async function extraFigures(options: ExtraOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-extra-'));
  const small = await startLattice(join(directory, 'small'));
  const large = await startLattice(join(directory, 'large'));
  try {
    console.log('| figure | measured | target |');
    console.log('| --- | --- | --- |');
    for (const line of await versions(small, options.versions)) console.log(line);
    await initialize(small.port, 10);
    await initialize(large.port, options.largeScale);
    const select = [
      '-S',
      '-M',
      'prepared',
      '-c',
      '8',
      '-j',
      '1',
      '-T',
      String(options.seconds),
      '-n',
    ];
    const ratios: number[] = [];
    for (let round = 0; round < 3; round++) {
      const few = (await pgbench(small.port, select)).transactionsPerSecond;
      const many = (await pgbench(large.port, select)).transactionsPerSecond;
      ratios.push(many / few);
    }
    const ratio = ratios.toSorted((left, right) => left - right)[1];
    console.log(
      `| point reads at scale ${options.largeScale} / at scale 10 | ${ratio.toFixed(2)} | ≥ 0.8 |`,
    );
    console.log(
      `| memory after loading ${options.largeScale * 100_000} rows and reading at random (MB) | ${(large.memoryBytes() / 2 ** 20).toFixed(0)} | < 1024 |`,
    );
    console.log(
      `| p95 of a key lookup, 32 clients (ms) | ${(await lookupP95(large.port, options.seconds)).toFixed(2)} | < 5 |`,
    );
    const beside = await whileAggregating(large.port, () => lookupP95(large.port, options.seconds));
    console.log(
      `| same, while another connection aggregates all rows (${beside.aggregates} times) (ms) | ${beside.result.toFixed(2)} | < 5 |`,
    );
  } finally {
    await small.stop();
    await large.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
