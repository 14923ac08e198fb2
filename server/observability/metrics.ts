// Prometheus metrics (prom-client). Counters that storage and caches keep themselves are read when
// /metrics is asked for, so hot paths pay for an addition only.

import { Counter, Gauge, type Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { StorageStatistics } from '#storage';

export const statementKinds = [
  'select',
  'insert',
  'update',
  'delete',
  'transaction',
  'ddl',
  'copy',
  'other',
] as const;
export type StatementKind = (typeof statementKinds)[number];

/** Upper bounds in seconds. */
const latencyBuckets = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
  5, 10, 30, 60,
];

/** Adds up latencies in typed arrays; prom-client's own observe() costs too much per statement. */
export class LatencyRecorder {
  readonly buckets = new Float64Array(latencyBuckets.length + 1);
  sum = 0;
  count = 0;

  observe(seconds: number): void {
    let index = 0;
    while (index < latencyBuckets.length && seconds > latencyBuckets[index]) index++;
    this.buckets[index]++;
    this.sum += seconds;
    this.count++;
  }
}

interface Reading<Source> {
  readonly type: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly read: (source: Source) => number;
}

type Maker = <Source>(
  name: string,
  help: string,
  read: (source: Source) => number,
) => Reading<Source>;
const counter: Maker = (name, help, read) => ({ type: 'counter', name, help, read });
const gauge: Maker = (name, help, read) => ({ type: 'gauge', name, help, read });

export class ServerMetrics {
  readonly registry = new Registry();
  readonly latency: Record<StatementKind, LatencyRecorder>;
  connections = 0;
  connectionsTotal = 0;
  connectionsRefused = 0;
  errors = 0;
  planCacheHits = 0;
  planCacheMisses = 0;
  statementRestarts = 0;

  constructor(storage: () => StorageStatistics | undefined) {
    this.latency = Object.fromEntries(
      statementKinds.map((kind) => [kind, new LatencyRecorder()]),
    ) as unknown as Record<StatementKind, LatencyRecorder>;
    collectDefaultMetrics({ register: this.registry, prefix: 'lattice_' });
    this.registerLatency();
    for (const reading of serverReadings) this.register(reading, () => this);
    for (const reading of storageReadings) this.register(reading, storage);
  }

  private registerLatency(): void {
    const { latency } = this;
    // A metric for the registry is what has a name and get(): this one reads what the recorders added up.
    this.registry.registerMetric({
      name: 'lattice_statement_seconds',
      get: async () => ({
        name: 'lattice_statement_seconds',
        help: 'Statement latency by kind, from receipt to the last byte handed to the socket',
        type: 'histogram',
        values: statementKinds.flatMap((kind) => histogramValues(kind, latency[kind])),
        aggregator: 'sum',
      }),
    } as unknown as Histogram);
  }

  /** Zero while the source is not there. */
  private register<Source>(
    { type, name, help, read }: Reading<Source>,
    source: () => Source | undefined,
  ): void {
    const value = (): number => {
      const present = source();
      return present === undefined ? 0 : read(present);
    };
    const registers = [this.registry];
    if (type === 'gauge') {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
      return;
    }
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }
}

const serverReadings: readonly Reading<ServerMetrics>[] = [
  gauge('lattice_connections', 'Open client connections', (s) => s.connections),
  counter('lattice_connections_total', 'Client connections accepted', (s) => s.connectionsTotal),
  counter(
    'lattice_connections_refused_total',
    'Client connections refused by a limit',
    (s) => s.connectionsRefused,
  ),
  counter('lattice_errors_total', 'Errors sent to clients', (s) => s.errors),
  counter(
    'lattice_plan_cache_hits_total',
    'Statements that found their plan',
    (s) => s.planCacheHits,
  ),
  counter(
    'lattice_plan_cache_misses_total',
    'Statements that were planned',
    (s) => s.planCacheMisses,
  ),
  counter(
    'lattice_statement_restarts_total',
    'Statements run again after a lock wait',
    (s) => s.statementRestarts,
  ),
];

const storageReadings: readonly Reading<StorageStatistics>[] = [
  counter('lattice_commits_total', 'Transactions committed with writes', (s) => s.commits),
  counter('lattice_log_syncs_total', 'fdatasync calls on the commit log', (s) => s.logSyncs),
  counter('lattice_log_bytes_total', 'Bytes appended to the commit log', (s) => s.logBytes),
  gauge('lattice_memtable_bytes', 'Bytes in the memtable', (s) => s.memtableBytes),
  gauge('lattice_memtable_versions', 'Row versions in the memtable', (s) => s.memtableVersions),
  counter('lattice_flushes_total', 'Memtable flushes', (s) => s.flushes),
  counter('lattice_page_cache_hits_total', 'Page cache hits', (s) => s.pageCacheHits),
  counter('lattice_page_cache_misses_total', 'Page cache misses', (s) => s.pageCacheMisses),
  counter('lattice_lock_waits_total', 'Waits for locks', (s) => s.lockWaits),
  counter('lattice_deadlocks_total', 'Deadlocks resolved', (s) => s.deadlocks),
  counter('lattice_segment_builds_total', 'Builds of column segments', (s) => s.segmentBuilds),
  counter(
    'lattice_segment_rows_built_total',
    'Rows written into column segments',
    (s) => s.segmentRowsBuilt,
  ),
  counter(
    'lattice_segment_bytes_built_total',
    'Bytes of column segments written',
    (s) => s.segmentBytesBuilt,
  ),
  counter(
    'lattice_segment_build_seconds_total',
    'Time that builds of column segments took',
    (s) => s.segmentBuildMilliseconds / 1000,
  ),
  counter(
    'lattice_segment_damaged_files_total',
    'Column segment files found damaged',
    (s) => s.segmentDamagedFiles,
  ),
  gauge('lattice_segment_files', 'Column segment files in use', (s) => s.segmentFiles),
  gauge('lattice_segment_bytes', 'Bytes of column segments in use', (s) => s.segmentBytes),
];

function histogramValues(kind: StatementKind, recorder: LatencyRecorder): unknown[] {
  const values: unknown[] = [];
  const metricName = (suffix: string): string => `lattice_statement_seconds_${suffix}`;
  let cumulative = 0;
  for (let index = 0; index < latencyBuckets.length; index++) {
    cumulative += recorder.buckets[index];
    values.push({
      labels: { le: latencyBuckets[index], kind },
      value: cumulative,
      metricName: metricName('bucket'),
    });
  }
  values.push({
    labels: { le: '+Inf', kind },
    value: recorder.count,
    metricName: metricName('bucket'),
  });
  values.push({ labels: { kind }, value: recorder.sum, metricName: metricName('sum') });
  values.push({ labels: { kind }, value: recorder.count, metricName: metricName('count') });
  return values;
}
