// This server, as users start it.

import { startLattice } from '../../../test/harness/lattice.ts';
import type { OpenedSystem, OpenOptions } from './system.ts';
import { lineitemSizes, loadOnce, openClient, timedQuery } from './wire-system.ts';

export async function openLattice(options: OpenOptions): Promise<OpenedSystem> {
  const server = await startLattice(options.directory, {
    configuration: [
      `executor_threads: ${options.threads}`,
      'settings:',
      `  max_parallel_workers_per_gather: ${options.threads - 1}`,
      '',
    ].join('\n'),
  });
  const loadSeconds = await loadOnce(server.port, options);
  const client = await openClient(server.port, options.timeoutSeconds);
  return {
    loadSeconds,
    system: {
      name: 'ours',
      port: server.port,
      run: (sql) => timedQuery(client, sql),
      lineitemBytes: () => lineitemSizes(client),
      memoryBytes: () => server.memoryBytes(),
      stop: async () => {
        await client.end();
        await server.stop();
      },
    },
  };
}
