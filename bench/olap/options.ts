// Command line of the benchmark.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { queries, type OlapQuery } from './queries/index.ts';
import { windowQueries } from './queries/windows.ts';
import { systemNames, type SystemName } from './systems/system.ts';

export interface OlapOptions {
  readonly scale: number;
  /** Hot runs of each query. */
  readonly rounds: number;
  readonly threads: number;
  readonly timeoutSeconds: number;
  readonly systems: readonly SystemName[];
  readonly queries: readonly OlapQuery[];
  /** Kept between runs; undefined: a temporary directory that is removed. */
  readonly data: string | undefined;
  /** Where the chart goes. */
  readonly chart: string | undefined;
  /** Print plans of this server instead of measuring. */
  readonly explain: boolean;
  /** Figures beside the table instead of it, … */
  readonly extra: boolean;
  /** … and how the time of the queries grows over these scales. */
  readonly scales: readonly number[];
}

export function readOptions(args: readonly string[]): OlapOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scale: { type: 'string' },
      rounds: { type: 'string' },
      threads: { type: 'string' },
      timeout: { type: 'string', default: '300' },
      system: { type: 'string' },
      only: { type: 'string' },
      windows: { type: 'boolean', default: false },
      data: { type: 'string' },
      chart: { type: 'string' },
      explain: { type: 'boolean', default: false },
      extra: { type: 'boolean', default: false },
      scales: { type: 'string', default: '' },
      smoke: { type: 'boolean', default: false },
    },
  });
  const scale = Number(values.scale ?? (values.smoke ? '0.01' : '1'));
  if (!(scale >= 0.01)) throw new Error('--scale takes a number of at least 0.01');
  return {
    scale,
    rounds: Number(values.rounds ?? (values.smoke ? '1' : '3')),
    threads: Number(values.threads ?? String(availableParallelism())),
    timeoutSeconds: Number(values.timeout),
    systems: chosen(values.system, systemNames, (name) => name),
    queries: chosen(values.only, values.windows ? windowQueries : queries, (query) => query.name),
    data: values.data,
    chart: values.chart,
    explain: values.explain,
    extra: values.extra,
    scales: values.scales.split(',').flatMap((each) => (each === '' ? [] : [Number(each)])),
  };
}

/** Members named by a list such as "q1,q6"; all without a list. */
function chosen<Item>(
  list: string | undefined,
  items: readonly Item[],
  nameOf: (item: Item) => string,
): readonly Item[] {
  if (list === undefined) return items;
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !items.some((item) => nameOf(item) === name));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" is none of ${items.map(nameOf).join(', ')}`);
  return items.filter((item) => names.includes(nameOf(item)));
}
