// Waits for locks, and how many there may be.

import { int4Max, integer, settingsOf } from '../definition.ts';

export const lockManagement = settingsOf('Lock Management', [
  integer(
    'deadlock_timeout',
    1000,
    [1, int4Max],
    'Sets the time to wait on a lock before checking for deadlock. Here every wait is checked at once.',
    { unit: 'ms' },
  ),
  integer(
    'max_locks_per_transaction',
    64,
    [10, int4Max],
    'Sets the maximum number of locks per transaction.',
    { startOnly: true },
  ),
]);
