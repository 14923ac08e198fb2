// The server: storage, catalog, sessions and sockets put together, and their orderly start and stop.

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { databaseError, systemClock, type DatabaseError, type RoleDescriptor } from '#common';
import {
  installSystemCatalog,
  memoryForRows,
  newServerMemory,
  ThreadPool,
  useServerMemory,
} from '#executor';
import { loadParser } from '#planner';
import {
  AdvisoryLocks,
  PreparedTransactions,
  clusterScope,
  openCatalog,
  openStorage,
  type CatalogStore,
  largeObjectTrees,
  type StorageEngine,
} from '#storage';
import { startAdminServer } from './admin/admin-server.ts';
import { makeScramVerifier } from './auth/scram-verifier.ts';
import { Channels } from './channels.ts';
import { ServerClock } from './clock.ts';
import { ConfigurationError, isLoopback, type Configuration } from './config/configuration.ts';
import { BusyPoll } from './connection/busy-poll.ts';
import { Connection } from './connection/connection.ts';
import { fatal } from './errors.ts';
import {
  keptArrayMemory,
  machineMemory,
  segmentCacheMemory,
  statementMemory,
  threadHeapMegabytes,
} from './memory-shares.ts';
import { createLogger, type Logger } from './observability/logger.ts';
import { DatabaseUses } from './observability/database-use.ts';
import { ServerMetrics } from './observability/metrics.ts';
import { SharedCounters } from './observability/shared-counters.ts';
import { StatementStatistics } from './observability/statement-statistics.ts';
import { startTracing, stopTracing } from './observability/tracing.ts';
import { refresherSettings } from './maintenance/refresher-settings.ts';
import { StatisticsRefresher } from './maintenance/statistics-refresher.ts';
import { Databases } from './session/databases.ts';
import { PlanCache } from './session/plan-cache.ts';
import { serverRows } from './session/server-relations.ts';
import { Session, type TlsFacts } from './session/session.ts';
import { TransactionRecords } from './session/snapshots.ts';
import { noticeExtension } from './session/statement-counting.ts';
import { settingDefinitions } from './session/settings/definitions.ts';
import { Sessions } from './sessions.ts';

/** pg_stat_statements.max by default. */
const statementsMax = 5000;

/** Part of the main thread's heap that its statements may hold. */
const mainHeapShare = 0.4;

/** Time that running statements get to finish when the server is asked to stop, in milliseconds. */
const drainMs = 3000;

export interface SessionRequest {
  readonly user: RoleDescriptor;
  readonly databaseName: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly connection: Connection;
}

export class Server {
  readonly configuration: Configuration;
  readonly storage: StorageEngine;
  readonly catalogStore: CatalogStore;
  readonly logger: Logger;
  readonly metrics: ServerMetrics;
  readonly sessions: Sessions;
  readonly channels = new Channels();
  readonly advisoryLocks = new AdvisoryLocks();
  readonly preparedTransactions: PreparedTransactions;
  readonly planCache = new PlanCache();
  readonly statementStatistics: StatementStatistics;
  readonly sharedCounters: SharedCounters;
  readonly databaseUses = new DatabaseUses();
  readonly records = new TransactionRecords();
  readonly databases: Databases;
  private readonly statistics: StatisticsRefresher | undefined;
  readonly threads: ThreadPool;
  readonly busyPoll: BusyPoll;
  private readonly memory: ReturnType<typeof newServerMemory>;
  private readonly segmentCacheBytes: number;
  readonly clock = new ServerClock(systemClock);
  readonly spillDirectory: string;
  readonly tlsContext: SecureContext | undefined;
  readonly startedAt: number;
  /** Key for the mock salts of unknown users. */
  readonly secret: Buffer;
  /** Set while the server does not accept sessions. */
  startupError: DatabaseError | undefined;
  address = '';
  adminAddress = '';
  private readonly connections = new Set<Connection>();
  private netServer: NetServer | undefined;
  private closeAdmin: (() => void) | undefined;

  constructor(parts: {
    readonly configuration: Configuration;
    readonly storage: StorageEngine;
    readonly catalogStore: CatalogStore;
    readonly logger: Logger;
    readonly spillDirectory: string;
    readonly memory: ReturnType<typeof newServerMemory>;
  }) {
    this.configuration = parts.configuration;
    this.storage = parts.storage;
    this.catalogStore = parts.catalogStore;
    this.preparedTransactions = new PreparedTransactions(parts.storage);
    this.preparedTransactions.restore(parts.catalogStore);
    this.logger = parts.logger;
    this.spillDirectory = parts.spillDirectory;
    this.metrics = new ServerMetrics(() => parts.storage.statistics());
    this.sessions = new Sessions(parts.configuration.connectionsMax);
    this.databases = new Databases(this);
    this.statistics = openRefresher(parts);
    this.memory = parts.memory;
    this.segmentCacheBytes = segmentCacheOf(parts.configuration);
    this.threads = openThreads(parts.configuration, this.segmentCacheBytes, parts.logger);
    this.busyPoll = new BusyPoll({
      windowMs: parts.configuration.busyPollMicroseconds / 1000,
      busyThreads: () => this.threads.busyThreads,
    });
    this.tlsContext = loadTls(parts.configuration);
    this.startedAt = this.clock.nowMicros();
    this.sharedCounters = new SharedCounters(() => parts.storage.statistics(), this.startedAt);
    this.statementStatistics = new StatementStatistics(
      Number(parts.configuration.settings['pg_stat_statements.max'] ?? statementsMax),
      this.startedAt,
    );
    this.secret = createHash('sha256')
      .update(parts.configuration.dataDirectory)
      .update(randomBytes(16))
      .digest();
  }

  get tlsRequired(): boolean {
    return !isLoopback(this.configuration.listen.host);
  }

  findRole(name: string): RoleDescriptor | undefined {
    return this.databases.findRole(name);
  }

  isReportedSetting(key: string): boolean {
    return settingDefinitions.get(key)?.reported === true;
  }

  /** Raises 3D000, 53300, and what bad start-up settings raise. */
  async openSession(request: SessionRequest): Promise<Session> {
    const identity = this.sessions.newIdentity();
    const database = this.databases.open(request.databaseName);
    if (!database.mayConnect(request.user)) throw connectDenied(request.databaseName);
    const defaults = new Map<string, string>();
    defaults.set('work_mem', String(Math.floor(this.configuration.workMemBytes / 1024)));
    defaults.set('lattice.server_memory', String(Math.floor(this.memory.limitBytes / 1024)));
    defaults.set('lattice.segment_cache', String(Math.floor(this.segmentCacheBytes / 1024)));
    defaults.set('max_connections', String(this.configuration.connectionsMax));
    defaults.set('ssl', this.tlsContext === undefined ? 'off' : 'on');
    const session = new Session({
      server: this,
      ...identity,
      user: request.user,
      database,
      settings: defaults,
      remoteAddress: request.connection.remoteAddress,
      remotePort: request.connection.socket.remotePort ?? -1,
      tls: tlsFacts(request.connection.socket),
    });
    for (const [name, value] of Object.entries({
      ...this.configuration.settings,
      ...database.descriptor.settings,
      ...request.user.settings,
    })) {
      session.settings.setDefault(name, value);
    }
    for (const [name, value] of request.settings) session.settings.setDefault(name, value);
    this.sessions.add(session);
    noticeExtension(session);
    return session;
  }

  async listen(): Promise<void> {
    const { listen, admin } = this.configuration;
    const netServer = createServer({ noDelay: true }, (socket) => this.accept(socket));
    this.netServer = netServer;
    await new Promise<void>((resolve, reject) => {
      netServer.once('error', reject);
      netServer.listen({ port: listen.port, host: listen.host, backlog: 511 }, resolve);
    });
    netServer.on('error', (error) => this.logger.error({ error }, 'listening socket failed'));
    const bound = netServer.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port;
    this.address = `${displayHost(listen.host)}:${port}`;
    const adminServer = await startAdminServer(admin, {
      registry: this.metrics.registry,
      notReady: () => this.startupError?.message,
    });
    this.closeAdmin = () => adminServer.server.close();
    this.adminAddress = `${displayHost(admin.host)}:${adminServer.port}`;
    this.statistics?.start();
    this.logger.info({ address: this.address, admin: this.adminAddress }, 'ready');
  }

  private accept(socket: Socket): void {
    this.metrics.connectionsTotal++;
    const connection = new Connection(this, socket);
    this.connections.add(connection);
    this.metrics.connections = this.connections.size;
    connection.whenClosed(() => {
      this.connections.delete(connection);
      this.metrics.connections = this.connections.size;
    });
  }

  /** Lets running statements finish for a moment, ends the sessions, writes everything out. */
  async stop(): Promise<void> {
    this.logger.info('stopping');
    this.startupError = fatal('cannotConnectNow', 'the database system is shutting down');
    this.netServer?.close();
    this.closeAdmin?.();
    const deadline = performance.now() + drainMs;
    const isActive = (): boolean =>
      [...this.sessions.all()].some((session) => session.state === 'active');
    while (isActive() && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const error = databaseError(
      'adminShutdown',
      'terminating connection due to administrator command',
      { severity: 'FATAL' },
    );
    for (const connection of this.connections) connection.terminate(error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const connection of this.connections) connection.destroy();
    await this.statistics?.stop();
    await this.threads.close();
    await this.storage.close();
    await stopTracing();
    this.logger.info('stopped');
  }
}

function tlsFacts(socket: Socket): TlsFacts | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { standardName } = socket.getCipher();
  return {
    version: socket.getProtocol() ?? '',
    cipher: standardName,
    bits: standardName.includes('128') ? 128 : 256,
  };
}

function connectDenied(name: string): DatabaseError {
  return databaseError('insufficientPrivilege', `permission denied for database "${name}"`, {
    severity: 'FATAL',
    detail: 'User does not have CONNECT privilege.',
  });
}

/** What all statements may hold together; those of the main thread no more than a part of its heap. */
function serverMemoryOf(configuration: Configuration): ReturnType<typeof newServerMemory> {
  const { serverMemoryBytes } = configuration;
  const limitBytes = serverMemoryBytes > 0 ? serverMemoryBytes : statementMemory(machineMemory());
  return newServerMemory({
    limitBytes,
    keptBytesMax: keptArrayMemory(limitBytes, threadCount(configuration)),
    threadBytesMax: getHeapStatistics().heap_size_limit * mainHeapShare,
  });
}

/** 0 threads: one per further core; at least one. */
function threadCount({ executorThreads }: Configuration): number {
  return executorThreads > 0 ? executorThreads : Math.max(1, availableParallelism() - 1);
}

/** Of all executor threads together. */
function segmentCacheOf(configuration: Configuration): number {
  const { segmentCacheBytes } = configuration;
  return segmentCacheBytes > 0
    ? segmentCacheBytes
    : segmentCacheMemory(machineMemory(), threadCount(configuration));
}

function openThreads(
  configuration: Configuration,
  segmentCacheBytes: number,
  logger: Logger,
): ThreadPool {
  const threads = threadCount(configuration);
  return new ThreadPool({
    threads,
    heapMegabytes: threadHeapMegabytes(machineMemory(), threads),
    niceness: configuration.executorNiceness,
    segmentCacheBytes: segmentCacheBytes / threads,
    onThreadLost: (error) => logger.error({ error }, 'an executor thread ended; it is replaced'),
  });
}

/** The settings are PostgreSQL's, of the configuration file; undefined: autovacuum is off. */
function openRefresher(parts: {
  readonly configuration: Configuration;
  readonly storage: StorageEngine;
  readonly catalogStore: CatalogStore;
  readonly logger: Logger;
}): StatisticsRefresher | undefined {
  const { enabled, ...settings } = refresherSettings(parts.configuration);
  if (!enabled) return undefined;
  return new StatisticsRefresher({
    ...settings,
    storage: parts.storage,
    store: parts.catalogStore,
    onError: (error, table) =>
      parts.logger.debug({ error, table: table.name }, 'a table was not analysed'),
  });
}

function displayHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function loadTls(configuration: Configuration): SecureContext | undefined {
  const { certFile, keyFile } = configuration.tls;
  if (certFile === undefined || keyFile === undefined) return undefined;
  try {
    return createSecureContext({
      cert: readFileSync(certFile),
      key: readFileSync(keyFile),
      minVersion: 'TLSv1.2',
    });
  } catch (error) {
    throw new ConfigurationError(`cannot load tls.cert and tls.key: ${(error as Error).message}`);
  }
}

/** Opens the data directory, recovers, and listens. */
export async function startServer(configuration: Configuration): Promise<Server> {
  const logger = createLogger(configuration.logLevel);
  if (configuration.tracesEndpoint !== undefined) await startTracing(configuration.tracesEndpoint);
  mkdirSync(configuration.dataDirectory, { recursive: true, mode: 0o700 });
  const memory = serverMemoryOf(configuration);
  useServerMemory(memory);
  const [storage] = await Promise.all([
    openStorage({
      directory: configuration.dataDirectory,
      flushBytes: configuration.memtableBytes,
      memory: memoryForRows(memory),
      onFatal: (error) => {
        // A failed sync leaves the disk's state unknown: only recovery may decide what is there.
        logger.fatal(
          { error },
          'storage failed; the server ends and recovers when it is started again',
        );
        process.exit(70);
      },
      onWarning: (message) => logger.warn(message),
    }),
    loadParser(),
  ]);
  const catalogStore = await openCatalog(storage);
  const spillDirectory = join(configuration.dataDirectory, 'spill');
  rmSync(spillDirectory, { recursive: true, force: true });
  mkdirSync(spillDirectory, { recursive: true });
  const server = new Server({
    configuration,
    storage,
    catalogStore,
    logger,
    spillDirectory,
    memory,
  });
  installSystemCatalog(serverRows);
  restoreRetention(storage, catalogStore);
  if (configuration.bootstrapPassword !== undefined) {
    await server.databases.setBootstrapPassword(
      await makeScramVerifier(configuration.bootstrapPassword),
    );
  }
  await server.listen();
  return server;
}

/** Storage forgets retention when it closes; the catalog knows it. */
function restoreRetention(storage: StorageEngine, catalogStore: CatalogStore): void {
  for (const tree of largeObjectTrees) storage.setRetention(tree, 0);
  for (const database of catalogStore.scope(clusterScope).objects()) {
    if (database.kind !== 'database') continue;
    for (const table of catalogStore.scope(database.oid).objects()) {
      if (table.kind !== 'table' || table.retentionMicros === undefined) continue;
      storage.setRetention(table.treeId, table.retentionMicros);
    }
  }
}
