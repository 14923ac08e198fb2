// The report as a bar chart in SVG: hot times of every system by query, on a logarithmic scale.

import type { QueryReport } from './measure.ts';
import { hotTime } from './report-table.ts';
import type { SystemName } from './systems/system.ts';

const colours: Readonly<Record<SystemName, string>> = {
  ours: '#1f6feb',
  postgres: '#8b949e',
  duckdb: '#e3b341',
};
const labels: Readonly<Record<SystemName, string>> = {
  ours: 'LatticeDB',
  postgres: 'PostgreSQL 15',
  duckdb: 'DuckDB',
};

const barWidth = 9;
const groupGap = 10;
const left = 60;
const top = 40;
const plotHeight = 300;

export function chartSvg(reports: readonly QueryReport[], systems: readonly SystemName[]): string {
  const times = reports.flatMap((report) => systems.map((name) => hotTime(report, name) ?? 1));
  const lowest = Math.floor(Math.log10(Math.min(...times)));
  const highest = Math.max(Math.ceil(Math.log10(Math.max(...times))), lowest + 1);
  const height = (milliseconds: number): number =>
    ((Math.log10(milliseconds) - lowest) / (highest - lowest)) * plotHeight;
  const groupWidth = systems.length * barWidth + groupGap;
  const width = left + reports.length * groupWidth + 20;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + plotHeight + 40}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...legend(systems),
    ...gridLines(lowest, highest, width),
  ];
  for (const [index, report] of reports.entries()) {
    const x = left + index * groupWidth;
    for (const [place, name] of systems.entries()) {
      const time = hotTime(report, name);
      if (time === undefined) continue;
      const bar = Math.max(height(time), 1);
      parts.push(
        `<rect x="${x + place * barWidth}" y="${(top + plotHeight - bar).toFixed(1)}" width="${barWidth - 1}" height="${bar.toFixed(1)}" fill="${colours[name]}"><title>${report.query.name} ${labels[name]} ${time.toFixed(1)} ms</title></rect>`,
      );
    }
    const middle = x + (systems.length * barWidth) / 2;
    parts.push(
      `<text x="${middle}" y="${top + plotHeight + 16}" text-anchor="middle">${report.query.name}</text>`,
    );
  }
  parts.push('</svg>');
  return `${parts.join('\n')}\n`;
}

function legend(systems: readonly SystemName[]): string[] {
  return systems.flatMap((name, index) => [
    `<rect x="${left + index * 130}" y="10" width="12" height="12" fill="${colours[name]}"/>`,
    `<text x="${left + index * 130 + 17}" y="20">${labels[name]}</text>`,
  ]);
}

function gridLines(lowest: number, highest: number, width: number): string[] {
  return Array.from({ length: highest - lowest + 1 }, (_, step) => {
    const y = top + plotHeight - (step / (highest - lowest)) * plotHeight;
    const milliseconds = 10 ** (lowest + step);
    return (
      `<line x1="${left}" x2="${width - 10}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#d0d7de"/>` +
      `<text x="${left - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end">${milliseconds} ms</text>`
    );
  });
}
