// Runs the queries: first once on every system with the specification's validation values, to compare the
// results, then cold (first run after each system was started again) and hot with varied constants, the
// same on every system, in alternation.

import { resultDifference } from './compare-results.ts';
import { RandomStream } from './generator/random-stream.ts';
import type { OlapQuery } from './queries/index.ts';
import type { OlapResult, OlapSystem, SystemName } from './systems/system.ts';

/** Milliseconds. */
export interface Timing {
  cold: number | undefined;
  readonly hot: number[];
}

export interface QueryReport {
  readonly query: OlapQuery;
  /** Why no time counts. */
  readonly problems: string[];
  readonly timings: Map<SystemName, Timing>;
}

export interface MeasureOptions {
  readonly scale: number;
  readonly queries: readonly OlapQuery[];
  readonly report: (line: string) => void;
}

export function emptyReports(queries: readonly OlapQuery[]): QueryReport[] {
  return queries.map((query) => ({ query, problems: [], timings: new Map() }));
}

/** PostgreSQL's result is the reference where it takes part, else DuckDB's, else the first system's. */
function reference(systems: readonly OlapSystem[]): OlapSystem {
  const preferred = (['postgres', 'duckdb'] as const).map((name) =>
    systems.find((system) => system.name === name),
  );
  return preferred.find((system) => system !== undefined) ?? systems[0];
}

export async function compareSystems(
  systems: readonly OlapSystem[],
  reports: readonly QueryReport[],
  options: MeasureOptions,
): Promise<void> {
  const base = reference(systems);
  for (const report of reports) {
    const sql = report.query.validationSql(options.scale);
    const expected = await attempt(base, sql, report);
    const times = [`${base.name} ${expected?.milliseconds.toFixed(0) ?? 'failed'}`];
    for (const system of systems) {
      if (system === base) continue;
      const result = await attempt(system, sql, report);
      times.push(`${system.name} ${result?.milliseconds.toFixed(0) ?? 'failed'}`);
      if (expected === undefined || result === undefined) continue;
      const difference = resultDifference(expected, result);
      if (difference !== undefined)
        report.problems.push(`${base.name} and ${system.name} differ: ${difference}`);
    }
    const verdict = report.problems.length === 0 ? 'same' : report.problems.join('; ');
    options.report(
      `${report.query.name}: ${expected?.rows.length ?? 0} rows, ${times.join(', ')} ms: ${verdict}`,
    );
  }
}

async function attempt(
  system: OlapSystem,
  sql: string,
  report: QueryReport,
): Promise<OlapResult | undefined> {
  try {
    return await system.run(sql);
  } catch (error) {
    report.problems.push(`${system.name}: ${error instanceof Error ? error.message : 'failed'}`);
    return undefined;
  }
}

/** One run of every query; the round number chooses the constants. */
export async function runRound(
  systems: readonly OlapSystem[],
  reports: readonly QueryReport[],
  run: { readonly scale: number; readonly round: number; readonly cold: boolean },
): Promise<void> {
  for (const [index, report] of reports.entries()) {
    if (report.problems.length > 0) continue;
    const random = new RandomStream(1000 * (run.round + 1) + index);
    const sql = report.query.variedSql(random, run.scale);
    for (const system of systems) {
      const result = await attempt(system, sql, report);
      if (result === undefined) break;
      const timing = report.timings.get(system.name) ?? { cold: undefined, hot: [] };
      report.timings.set(system.name, timing);
      if (run.cold) timing.cold = result.milliseconds;
      else timing.hot.push(result.milliseconds);
    }
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
