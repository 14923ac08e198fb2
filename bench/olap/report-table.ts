// The report as a Markdown table: milliseconds of each system, cold and hot, and ratios (theirs over ours).

import { geometricMean, median, type QueryReport } from './measure.ts';
import type { SystemName } from './systems/system.ts';

const titles: Readonly<Record<SystemName, string>> = {
  ours: 'LatticeDB',
  postgres: 'PostgreSQL 15',
  duckdb: 'DuckDB',
};

/** Median hot milliseconds, or undefined when the query has none. */
export function hotTime(report: QueryReport, system: SystemName): number | undefined {
  const hot = report.timings.get(system)?.hot ?? [];
  return report.problems.length > 0 || hot.length === 0 ? undefined : median(hot);
}

export function reportTable(
  reports: readonly QueryReport[],
  systems: readonly SystemName[],
): string[] {
  const others = systems.includes('ours') ? systems.filter((name) => name !== 'ours') : [];
  const header = [
    'query',
    ...systems.flatMap((name) => [`${titles[name]} cold`, 'hot']),
    ...others.map((name) => `${titles[name]} / ours`),
  ];
  const lines = [tableLine(header), tableLine(header.map(() => '---'))];
  for (const report of reports) lines.push(queryLine(report, systems, others));
  lines.push(meanLine(reports, systems, others));
  return lines;
}

const tableLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const formatTime = (value: number | undefined): string =>
  value === undefined ? '–' : value.toFixed(value < 10 ? 1 : 0);

function queryLine(
  report: QueryReport,
  systems: readonly SystemName[],
  others: readonly SystemName[],
): string {
  const times = systems.flatMap((name) => [
    formatTime(report.timings.get(name)?.cold),
    formatTime(hotTime(report, name)),
  ]);
  const ratios = others.map((name) => ratio(report, name)?.toFixed(2) ?? '–');
  return tableLine([report.query.name, ...times, ...ratios]);
}

function ratio(report: QueryReport, system: SystemName): number | undefined {
  const [theirs, ours] = [hotTime(report, system), hotTime(report, 'ours')];
  return theirs === undefined || ours === undefined ? undefined : theirs / ours;
}

function meanLine(
  reports: readonly QueryReport[],
  systems: readonly SystemName[],
  others: readonly SystemName[],
): string {
  const mean = (values: readonly (number | undefined)[], digits: number): string => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? '–' : geometricMean(known).toFixed(digits);
  };
  return tableLine([
    'geometric mean',
    ...systems.flatMap((name) => [
      mean(
        reports.map((report) => report.timings.get(name)?.cold),
        1,
      ),
      mean(
        reports.map((report) => hotTime(report, name)),
        1,
      ),
    ]),
    ...others.map((name) =>
      mean(
        reports.map((report) => ratio(report, name)),
        2,
      ),
    ),
  ]);
}
