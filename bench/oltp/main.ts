// npm run bench:oltp: this server and a PostgreSQL 15 of our own, on the same disk with default
// durability, under the same pgbench workloads in alternation. Prints medians and ratios.
//
// Options: --extra (latency, versions, memory, growth of this server alone), --smoke (a few seconds, no figures worth quoting), --scale N, --seconds N, --rounds N.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyComparison } from './copy.ts';
import { extraFigures } from './extra-figures.ts';
import { initialize, pgbench } from './pgbench.ts';
import { startLattice } from '../../test/harness/lattice.ts';
import { postgresBinaries, postgresVersion, startPostgres } from '../../test/harness/postgres.ts';

interface Workload {
  readonly name: string;
  readonly args: readonly string[];
  readonly target: number;
}

const workloads: readonly Workload[] = [
  { name: 'select, prepared, 8 clients', args: ['-S', '-M', 'prepared', '-c', '8'], target: 1.3 },
  { name: 'select, prepared, 32 clients', args: ['-S', '-M', 'prepared', '-c', '32'], target: 1.3 },
  { name: 'select, simple, 8 clients', args: ['-S', '-M', 'simple', '-c', '8'], target: 1.1 },
  { name: 'select, prepared, 1 client', args: ['-S', '-M', 'prepared', '-c', '1'], target: 0.8 },
  { name: 'TPC-B, prepared, 32 clients', args: ['-M', 'prepared', '-c', '32'], target: 2 },
  {
    name: 'simple update, prepared, 32 clients',
    args: ['-N', '-M', 'prepared', '-c', '32'],
    target: 2,
  },
];

function option(name: string, fallback: number): number {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : Number(process.argv[index + 1]);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function main(): Promise<void> {
  const smoke = process.argv.includes('--smoke');
  if (postgresBinaries() === undefined) {
    console.log('skipped: PostgreSQL 15 is not installed (Debian: apt-get install postgresql)');
    return;
  }
  if (process.argv.includes('--extra')) {
    await extraFigures({
      largeScale: option('scale', 50),
      seconds: option('seconds', 8),
      versions: 10_000,
    });
    return;
  }
  const scale = option('scale', smoke ? 1 : 10);
  const seconds = option('seconds', smoke ? 1 : 8);
  const rounds = option('rounds', smoke ? 1 : 3);
  const directory = mkdtempSync(join(tmpdir(), 'lattice-bench-'));
  const postgres = await startPostgres(join(directory, 'postgres'));
  const lattice = await startLattice(join(directory, 'lattice'));
  const rows: string[] = [];
  const report = (row: string): void => {
    rows.push(row);
    console.log(row);
  };
  try {
    console.log(
      `${availableParallelism()} cores, Node ${process.version}, ${postgresVersion()}, default durability of both, scale ${scale}, ${rounds} rounds of ${seconds} s`,
    );
    report('| workload | LatticeDB | PostgreSQL 15 | ratio | target |');
    report('| --- | --- | --- | --- | --- |');
    const loadOurs = await initialize(lattice.port, scale);
    const loadTheirs = await initialize(postgres.port, scale);
    report(
      `| pgbench -i, scale ${scale} (s) | ${loadOurs.toFixed(2)} | ${loadTheirs.toFixed(2)} | ${(loadTheirs / loadOurs).toFixed(2)} | |`,
    );
    for (const workload of workloads) {
      report(
        await compare(workload, { ours: lattice.port, theirs: postgres.port, seconds, rounds }),
      );
    }
    const copyRows = smoke ? 20_000 : 1_000_000;
    report(
      await copyComparison({
        ours: lattice.port,
        theirs: postgres.port,
        rows: copyRows,
        rounds,
        directory,
      }),
    );
    console.log(
      `memory of this server (RssAnon + RssShmem): ${(lattice.memoryBytes() / (1 << 20)).toFixed(0)} MB`,
    );
    writeFileSync(join(directory, 'report.md'), `${rows.join('\n')}\n`);
  } finally {
    await lattice.stop();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compare(
  workload: Workload,
  run: {
    readonly ours: number;
    readonly theirs: number;
    readonly seconds: number;
    readonly rounds: number;
  },
): Promise<string> {
  const args = [...workload.args, '-j', '1', '-T', String(run.seconds), '-n'];
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < run.rounds; round++) {
    ours.push((await pgbench(run.ours, args)).transactionsPerSecond);
    theirs.push((await pgbench(run.theirs, args)).transactionsPerSecond);
  }
  const ratio = median(ours.map((value, round) => value / theirs[round]));
  return `| ${workload.name} (tps) | ${median(ours).toFixed(0)} | ${median(theirs).toFixed(0)} | ${ratio.toFixed(2)} | ${workload.target} |`;
}

await main();
