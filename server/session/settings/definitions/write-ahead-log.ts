// The log. Every commit is durable here, whatever PostgreSQL's levels say.

import { choice, flag, integer, settingsOf } from '../definition.ts';

export const writeAheadLog = settingsOf('Write-Ahead Log', [
  choice(
    'synchronous_commit',
    'on',
    ['on', 'off', 'local', 'remote_write', 'remote_apply'],
    "Sets the current transaction's synchronization level. Every level is durable here.",
  ),
  choice(
    'wal_level',
    'replica',
    ['minimal', 'replica', 'logical'],
    'Sets the level of information written to the WAL.',
    { startOnly: true },
  ),
  flag('fsync', true, 'Forces synchronization of updates to disk.', { startOnly: true }),
  flag(
    'full_page_writes',
    true,
    'Writes full pages to WAL when first modified after a checkpoint.',
    { startOnly: true },
  ),
  integer(
    'commit_delay',
    0,
    [0, 100000],
    'Sets the delay in microseconds between transaction commit and flushing WAL to disk.',
  ),
]);
