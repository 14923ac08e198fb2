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
    this.defineServerMetrics();
    this.defineStorageMetrics(storage);
  }

  private defineServerMetrics(): void {
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
    this.gauge('lattice_connections', 'Open client connections', () => this.connections);
    this.counter(
      'lattice_connections_total',
      'Client connections accepted',
      () => this.connectionsTotal,
    );
    this.counter(
      'lattice_connections_refused_total',
      'Client connections refused by a limit',
      () => this.connectionsRefused,
    );
    this.counter('lattice_errors_total', 'Errors sent to clients', () => this.errors);
    this.counter(
      'lattice_plan_cache_hits_total',
      'Statements that found their plan',
      () => this.planCacheHits,
    );
    this.counter(
      'lattice_plan_cache_misses_total',
      'Statements that were planned',
      () => this.planCacheMisses,
    );
    this.counter(
      'lattice_statement_restarts_total',
      'Statements run again after a lock wait',
      () => this.statementRestarts,
    );
  }

  private defineStorageMetrics(storage: () => StorageStatistics | undefined): void {
    const read = (pick: (statistics: StorageStatistics) => number) => (): number => {
      const statistics = storage();
      return statistics === undefined ? 0 : pick(statistics);
    };
    this.counter(
      'lattice_commits_total',
      'Transactions committed with writes',
      read((s) => s.commits),
    );
    this.counter(
      'lattice_log_syncs_total',
      'fdatasync calls on the commit log',
      read((s) => s.logSyncs),
    );
    this.counter(
      'lattice_log_bytes_total',
      'Bytes appended to the commit log',
      read((s) => s.logBytes),
    );
    this.gauge(
      'lattice_memtable_bytes',
      'Bytes in the memtable',
      read((s) => s.memtableBytes),
    );
    this.gauge(
      'lattice_memtable_versions',
      'Row versions in the memtable',
      read((s) => s.memtableVersions),
    );
    this.counter(
      'lattice_flushes_total',
      'Memtable flushes',
      read((s) => s.flushes),
    );
    this.counter(
      'lattice_page_cache_hits_total',
      'Page cache hits',
      read((s) => s.pageCacheHits),
    );
    this.counter(
      'lattice_page_cache_misses_total',
      'Page cache misses',
      read((s) => s.pageCacheMisses),
    );
    this.counter(
      'lattice_lock_waits_total',
      'Waits for locks',
      read((s) => s.lockWaits),
    );
    this.counter(
      'lattice_deadlocks_total',
      'Deadlocks resolved',
      read((s) => s.deadlocks),
    );
    this.counter(
      'lattice_segment_builds_total',
      'Builds of column segments',
      read((s) => s.segmentBuilds),
    );
    this.counter(
      'lattice_segment_rows_built_total',
      'Rows written into column segments',
      read((s) => s.segmentRowsBuilt),
    );
    this.counter(
      'lattice_segment_bytes_built_total',
      'Bytes of column segments written',
      read((s) => s.segmentBytesBuilt),
    );
    this.counter(
      'lattice_segment_build_seconds_total',
      'Time that builds of column segments took',
      read((s) => s.segmentBuildMilliseconds / 1000),
    );
    this.counter(
      'lattice_segment_damaged_files_total',
      'Column segment files found damaged',
      read((s) => s.segmentDamagedFiles),
    );
    this.gauge(
      'lattice_segment_files',
      'Column segment files in use',
      read((s) => s.segmentFiles),
    );
    this.gauge(
      'lattice_segment_bytes',
      'Bytes of column segments in use',
      read((s) => s.segmentBytes),
    );
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  private counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}

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
