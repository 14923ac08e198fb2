// PostgreSQL 15 with settings for analytics: as many parallel workers as the others have threads, and
// memory that holds the data.

import { startPostgres } from '../../../test/harness/postgres.ts';
import type { OpenedSystem, OpenOptions } from './system.ts';
import { lineitemSizes, loadOnce, openClient, timedQuery } from './wire-system.ts';

export async function openPostgres(options: OpenOptions): Promise<OpenedSystem> {
  const server = await startPostgres(options.directory, {
    shared_buffers: '1GB',
    work_mem: '256MB',
    maintenance_work_mem: '512MB',
    effective_cache_size: '4GB',
    max_wal_size: '8GB',
    random_page_cost: '1.1',
    max_parallel_workers_per_gather: String(options.threads - 1),
  });
  const loadSeconds = await loadOnce(server.port, options);
  const client = await openClient(server.port, options.timeoutSeconds);
  return {
    loadSeconds,
    system: {
      name: 'postgres',
      port: server.port,
      run: (sql) => timedQuery(client, sql),
      lineitemBytes: () => lineitemSizes(client),
      memoryBytes: () => undefined,
      stop: async () => {
        await client.end();
        await server.stop();
      },
    },
  };
}
