// npm run bench:htap: point reads and updates at 8 clients, alone and while another connection runs the
// 22 queries of TPC-H on the same server, one after the other.
//
// Options: --scale N (of TPC-H; 1), --seconds N, --clients N, --threads N, --system ours,postgres,
// --data DIR (the loaded databases of bench:olap), --smoke. A query gets as many threads as this server's default
// gives it: one for each further core, at least one.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomStream } from '../olap/generator/random-stream.ts';
import { writeTables } from '../olap/generator/write-tables.ts';
import { queries } from '../olap/queries/index.ts';
import { openLattice } from '../olap/systems/lattice-system.ts';
import { openPostgres } from '../olap/systems/postgres-system.ts';
import type { OlapSystem, OpenedSystem, OpenOptions } from '../olap/systems/system.ts';
import { initialize } from '../oltp/pgbench.ts';
import { postgresBinaries } from '../../test/harness/postgres.ts';
import { pointLoad, type PointFigures, type PointLoad } from './point-load.ts';

const { values: given } = parseArgs({
  options: {
    scale: { type: 'string' },
    seconds: { type: 'string' },
    clients: { type: 'string', default: '8' },
    threads: { type: 'string', default: String(Math.max(1, availableParallelism() - 1)) },
    system: { type: 'string', default: 'ours,postgres' },
    data: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});

const scale = Number(given.scale ?? (given.smoke ? '0.01' : '1'));
const load: PointLoad = {
  clients: Number(given.clients),
  seconds: Number(given.seconds ?? (given.smoke ? '2' : '20')),
};
const pgbenchScale = 5;

const openers: Readonly<Record<string, (options: OpenOptions) => Promise<OpenedSystem>>> = {
  ours: openLattice,
  postgres: openPostgres,
};

/** Runs the queries over and over until stopped; answers how many were done. */
async function runQueries(system: OlapSystem, stopped: () => boolean): Promise<number> {
  const random = new RandomStream(7);
  for (let done = 0; ; done++) {
    if (stopped()) return done;
    await system.run(queries[done % queries.length].variedSql(random, scale));
  }
}

async function measure(
  system: OlapSystem,
): Promise<{ alone: PointFigures; beside: PointFigures; queriesDone: number }> {
  const port = system.port!;
  await initialize(port, pgbenchScale);
  const alone = await pointLoad(port, load);
  let over = false;
  const running = runQueries(system, () => over);
  const beside = await pointLoad(port, load);
  over = true;
  return { alone, beside, queriesDone: await running };
}

function row(name: string, figures: PointFigures): string {
  const { transactionsPerSecond, readP95, updateP95, longest } = figures;
  return (
    `| ${name} | ${transactionsPerSecond.toFixed(0)} | ${readP95.toFixed(2)} | ` +
    `${updateP95.toFixed(2)} | ${longest.toFixed(0)} |`
  );
}

async function main(): Promise<void> {
  if (postgresBinaries() === undefined) {
    console.log('skipped: pgbench comes with PostgreSQL 15, which is not installed');
    return;
  }
  const directory = given.data ?? mkdtempSync(join(tmpdir(), 'lattice-htap-'));
  const tables = join(directory, `tables-${scale}`);
  const threads = Number(given.threads);
  try {
    writeTables(tables, scale);
    console.log(
      `${availableParallelism()} cores, TPC-H scale ${scale}, ${load.clients} clients, ${load.seconds} s each`,
    );
    console.log('| points | tps | read p95 ms | update p95 ms | longest ms |');
    console.log('| --- | --- | --- | --- | --- |');
    for (const name of given.system.split(',')) {
      const { system } = await openers[name]({
        directory: join(directory, `${name}-${scale}`),
        tables,
        threads,
        timeoutSeconds: 600,
      });
      const { alone, beside, queriesDone } = await measure(system);
      const share = beside.transactionsPerSecond / alone.transactionsPerSecond;
      console.log(row(`${name}, alone`, alone));
      console.log(
        row(`${name}, beside ${queriesDone} queries (${(share * 100).toFixed(0)} %)`, beside),
      );
      await system.stop();
    }
  } finally {
    if (given.data === undefined) rmSync(directory, { recursive: true, force: true });
  }
}

await main();
