// Memory, worker processes and disk, as PostgreSQL names them.

import { int4Max, integer, real, settingsOf } from '../definition.ts';

export const resourceUsage = settingsOf('Resource Usage', [
  integer(
    'work_mem',
    65536,
    [64, int4Max],
    'Sets the maximum memory to be used for query workspaces.',
    { unit: 'kB' },
  ),
  integer(
    'maintenance_work_mem',
    262144,
    [1024, int4Max],
    'Sets the maximum memory to be used for maintenance operations.',
    { unit: 'kB' },
  ),
  integer(
    'temp_buffers',
    1024,
    [100, 1073741823],
    'Sets the maximum number of temporary buffers used by each session.',
    { unit: '8kB' },
  ),
  integer(
    'shared_buffers',
    16384,
    [16, 1073741823],
    'Sets the number of shared memory buffers used by the server.',
    { unit: '8kB', startOnly: true },
  ),
  real('hash_mem_multiplier', 2, [1, 1000], 'Multiple of work_mem to use for hash tables.'),
  integer(
    'max_parallel_workers_per_gather',
    2,
    [0, 1024],
    'Sets the maximum number of parallel processes per executor node.',
  ),
  integer(
    'max_parallel_workers',
    8,
    [0, 1024],
    'Sets the maximum number of parallel workers that can be active at one time.',
  ),
  integer(
    'max_worker_processes',
    8,
    [0, 262143],
    'Maximum number of concurrent worker processes.',
    { startOnly: true },
  ),
  integer(
    'max_parallel_maintenance_workers',
    2,
    [0, 1024],
    'Sets the maximum number of parallel processes per maintenance operation.',
  ),
  integer(
    'effective_io_concurrency',
    1,
    [0, 1000],
    'Number of simultaneous requests that can be handled efficiently by the disk subsystem.',
  ),
  integer('vacuum_cost_delay', 0, [0, 100], 'Vacuum cost delay in milliseconds.', {
    unit: 'ms',
  }),
  integer('max_stack_depth', 2048, [100, int4Max], 'Sets the maximum stack depth.', {
    unit: 'kB',
  }),
  integer(
    'max_prepared_transactions',
    100,
    [0, 262143],
    'Sets the maximum number of simultaneously prepared transactions.',
    { startOnly: true },
  ),
]);
