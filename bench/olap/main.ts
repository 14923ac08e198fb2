// npm run bench:olap: the 22 queries of TPC-H on this server, PostgreSQL 15 and DuckDB, over the same data.
// Results are compared before times count.
//
// Options: --scale N (1), --rounds N, --threads N, --timeout SECONDS, --system ours,postgres,duckdb,
// --only q1,q6, --windows (window functions instead of the 22), --data DIR (keeps generated files and loaded
// databases between runs), --chart FILE.svg,
// --explain (this server's plans, with actual figures), --extra (figures beside the table; with --scales 0.1,1,3
// growth too), --smoke (scale 0.01, one round).

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresBinaries, postgresVersion } from '../../test/harness/postgres.ts';
import { chartSvg } from './chart.ts';
import { extraFigures } from './extra.ts';
import { writeTables } from './generator/write-tables.ts';
import { compareSystems, emptyReports, runRound, type QueryReport } from './measure.ts';
import { readOptions, type OlapOptions } from './options.ts';
import { reportTable } from './report-table.ts';
import { hasDuckdb, openDuckdb } from './systems/duckdb-system.ts';
import { openLattice } from './systems/lattice-system.ts';
import { openPostgres } from './systems/postgres-system.ts';
import type { OlapSystem, OpenedSystem, OpenOptions, SystemName } from './systems/system.ts';

const openers: Readonly<Record<SystemName, (options: OpenOptions) => Promise<OpenedSystem>>> = {
  ours: openLattice,
  postgres: openPostgres,
  duckdb: openDuckdb,
};

const megabytes = (bytes: number): string => (bytes / (1 << 20)).toFixed(0);

function installed(name: SystemName): boolean {
  const present = { ours: true, postgres: postgresBinaries() !== undefined, duckdb: hasDuckdb() };
  if (!present[name]) console.log(`skipped: ${name} is not installed`);
  return present[name];
}

async function openSystems(options: OlapOptions, directory: string): Promise<OlapSystem[]> {
  const systems: OlapSystem[] = [];
  for (const name of options.systems) {
    const { system, loadSeconds } = await openers[name]({
      directory: join(directory, `${name}-${options.scale}`),
      tables: join(directory, `tables-${options.scale}`),
      threads: options.threads,
      timeoutSeconds: options.timeoutSeconds,
    });
    if (loadSeconds !== undefined) console.log(`${name}: loaded in ${loadSeconds.toFixed(1)} s`);
    systems.push(system);
  }
  return systems;
}

async function stopSystems(systems: readonly OlapSystem[]): Promise<void> {
  for (const system of systems) await system.stop();
}

async function explain(options: OlapOptions, directory: string): Promise<void> {
  const systems = await openSystems({ ...options, systems: ['ours'] }, directory);
  for (const query of options.queries) {
    const sql = `EXPLAIN (ANALYZE, VERBOSE) ${query.validationSql(options.scale)}`;
    const { rows } = await systems[0].run(sql);
    console.log(`-- ${query.name}\n${rows.map(([line]) => line).join('\n')}\n`);
  }
  await stopSystems(systems);
}

async function measure(options: OlapOptions, directory: string): Promise<readonly QueryReport[]> {
  const reports = emptyReports(options.queries);
  let systems = await openSystems(options, directory);
  await compareSystems(systems, reports, { ...options, report: (line) => console.log(line) });
  await stopSystems(systems);
  systems = await openSystems(options, directory);
  await runRound(systems, reports, { scale: options.scale, round: 0, cold: true });
  for (let round = 1; round <= options.rounds; round++)
    await runRound(systems, reports, { scale: options.scale, round, cold: false });
  console.log(`\n${reportTable(reports, options.systems).join('\n')}\n`);
  for (const system of systems) {
    const { rows, withIndexes } = await system.lineitemBytes();
    const memory = system.memoryBytes();
    console.log(
      `${system.name}: lineitem ${megabytes(rows)} MB, with indexes ${megabytes(withIndexes)} MB` +
        (memory === undefined ? '' : `; memory ${megabytes(memory)} MB`),
    );
  }
  await stopSystems(systems);
  return reports;
}

async function main(): Promise<void> {
  const wanted = readOptions(process.argv.slice(2));
  const options = { ...wanted, systems: wanted.systems.filter(installed) };
  const directory = options.data ?? mkdtempSync(join(tmpdir(), 'lattice-olap-'));
  try {
    writeTables(join(directory, `tables-${options.scale}`), options.scale);
    if (options.explain) {
      await explain(options, directory);
      return;
    }
    console.log(
      `${availableParallelism()} cores, ${options.threads} threads each, Node ${process.version}, ` +
        `${postgresVersion()}, scale ${options.scale}, ${options.rounds} hot rounds`,
    );
    if (options.extra) {
      const kept = { ...options, data: directory };
      await extraFigures(kept, (wantedOptions) => openSystems(wantedOptions, directory));
      return;
    }
    const reports = await measure(options, directory);
    if (options.chart !== undefined)
      writeFileSync(options.chart, chartSvg(reports, options.systems));
    if (reports.some((report) => report.problems.length > 0)) process.exitCode = 1;
  } finally {
    if (options.data === undefined) rmSync(directory, { recursive: true, force: true });
  }
}

await main();
