// npm run bench:olap -- --extra: figures beside the table of the 22 queries.
//
// - Small statements: SELECT count(*) over 100 rows here and on PostgreSQL, in alternation.
// - AS OF: the same queries over column segments now and as of a moment before a twentieth of the rows
//   changed, in alternation. The rows are a copy of lineitem, which is dropped afterwards.
// - Growth (--scales 0.1,1,3): the sum of the hot medians of the 22 queries per scale, on this server.

import { join } from 'node:path';
import { writeTables } from './generator/write-tables.ts';
import { compareSystems, emptyReports, median, runRound } from './measure.ts';
import type { OlapOptions } from './options.ts';
import type { OlapSystem } from './systems/system.ts';

type OpenSystems = (options: OlapOptions) => Promise<OlapSystem[]>;

const smallRuns = 2000;
const pastRuns = 15;

const pastQueries = [
  `SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice * (1 - l_discount)), avg(l_discount),
    count(*) FROM $t WHERE l_shipdate <= '1998-09-02' GROUP BY 1, 2 ORDER BY 1, 2`,
  `SELECT sum(l_extendedprice * l_discount) FROM $t WHERE l_shipdate >= '1994-01-01' AND l_shipdate < '1995-01-01'
    AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24`,
  `SELECT l_suppkey, max(l_extendedprice) FROM $t GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5`,
];

export async function extraFigures(options: OlapOptions, open: OpenSystems): Promise<void> {
  const systems = await open({ ...options, systems: ['ours', 'postgres'] });
  await smallStatements(systems);
  await pastOfSegments(systems[0]);
  for (const system of systems) await system.stop();
  if (options.scales.length > 0) await growth(options, open);
}

async function smallStatements(systems: readonly OlapSystem[]): Promise<void> {
  const times = systems.map((): number[] => []);
  for (const system of systems) {
    await system.run('DROP TABLE IF EXISTS small_table');
    await system.run('CREATE TABLE small_table (a int PRIMARY KEY, b text)');
    await system.run(
      `INSERT INTO small_table SELECT i, 'row ' || i FROM generate_series(1, 100) i`,
    );
    await system.run('ANALYZE small_table');
  }
  for (let run = 0; run < smallRuns; run++) {
    for (const [i, system] of systems.entries()) {
      const { milliseconds } = await system.run('SELECT count(*) FROM small_table');
      if (run >= smallRuns / 2) times[i].push(milliseconds);
    }
  }
  for (const system of systems) await system.run('DROP TABLE small_table');
  const [ours, others] = times.map(median);
  console.log(
    `SELECT count(*) over 100 rows: ours / PostgreSQL ${(ours / others).toFixed(2)} (${ours.toFixed(3)} and ${others.toFixed(3)} ms)`,
  );
}

async function pastOfSegments(system: OlapSystem): Promise<void> {
  await system.run('DROP TABLE IF EXISTS past_lineitem');
  await system.run('CREATE TABLE past_lineitem AS SELECT * FROM lineitem');
  await system.run('VACUUM ANALYZE past_lineitem');
  const { rows } = await system.run('SELECT clock_timestamp()::text');
  await system.run(
    'UPDATE past_lineitem SET l_quantity = l_quantity + 1 WHERE l_orderkey % 20 = 0',
  );
  await system.run('VACUUM ANALYZE past_lineitem');
  const past = `past_lineitem FOR SYSTEM_TIME AS OF '${rows[0][0]}'`;
  for (const [i, query] of pastQueries.entries()) {
    const times: { now: number[]; past: number[] } = { now: [], past: [] };
    for (let run = 0; run < pastRuns; run++) {
      const now = await system.run(query.replace('$t', 'past_lineitem'));
      const then = await system.run(query.replace('$t', past));
      if (run < pastRuns / 3) continue;
      times.now.push(now.milliseconds);
      times.past.push(then.milliseconds);
    }
    const [now, then] = [median(times.now), median(times.past)];
    console.log(
      `AS OF before changes / now, query ${i + 1}: ${(then / now).toFixed(2)} (${then.toFixed(1)} and ${now.toFixed(1)} ms)`,
    );
  }
  await system.run('DROP TABLE past_lineitem');
}

async function growth(options: OlapOptions, open: OpenSystems): Promise<void> {
  let before: { readonly scale: number; readonly sum: number } | undefined;
  for (const scale of options.scales) {
    const reports = emptyReports(options.queries);
    writeTables(join(options.data!, `tables-${scale}`), scale);
    const systems = await open({ ...options, scale, systems: ['ours'] });
    await compareSystems(systems, reports, { ...options, scale, report: () => {} });
    for (let round = 0; round <= options.rounds; round++)
      await runRound(systems, reports, { scale, round, cold: round === 0 });
    const problems = reports.flatMap((report) => report.problems);
    for (const problem of problems) console.log(problem);
    const medians = reports.map(({ timings }) => median(timings.get('ours')?.hot ?? [NaN]));
    const sum = medians.reduce((total, each) => total + each, 0);
    const memory = systems[0].memoryBytes() ?? 0;
    const factor =
      before === undefined
        ? ''
        : `, ${(sum / before.sum / (scale / before.scale)).toFixed(2)} x linear`;
    console.log(
      `scale ${scale}: ${sum.toFixed(0)} ms${factor}; memory ${(memory / (1 << 20)).toFixed(0)} MB`,
    );
    before = { scale, sum };
    for (const system of systems) await system.stop();
  }
}
