// What the server logs, and what it counts for the statistics views.

import { choice, flag, int4Max, integer, settingsOf } from '../definition.ts';

const logLevels = [
  'debug5',
  'debug4',
  'debug3',
  'debug2',
  'debug1',
  'info',
  'notice',
  'warning',
  'error',
  'log',
  'fatal',
  'panic',
];

export const logging = settingsOf('Reporting and Logging', [
  choice(
    'log_statement',
    'none',
    ['none', 'ddl', 'mod', 'all'],
    'Sets the type of statements logged.',
  ),
  integer(
    'log_min_duration_statement',
    -1,
    [-1, int4Max],
    'Sets the minimum execution time above which all statements will be logged.',
    { unit: 'ms' },
  ),
  choice('log_min_messages', 'warning', logLevels, 'Sets the message levels that are logged.'),
  choice(
    'log_min_error_statement',
    'error',
    logLevels,
    'Causes all statements generating error at or above this level to be logged.',
  ),
  choice(
    'log_error_verbosity',
    'default',
    ['terse', 'default', 'verbose'],
    'Sets the verbosity of logged messages.',
  ),
  flag('log_duration', false, 'Logs the duration of each completed SQL statement.'),
  flag('log_lock_waits', false, 'Logs long lock waits.'),
  flag('debug_print_plan', false, "Logs each query's execution plan."),
  flag('track_activities', true, 'Collects information about executing commands.'),
  flag('track_counts', true, 'Collects statistics on database activity.'),
  choice(
    'stats_fetch_consistency',
    'cache',
    ['none', 'cache', 'snapshot'],
    'Sets the consistency of accesses to statistics data.',
  ),
  flag('track_io_timing', false, 'Collects timing statistics for database I/O activity.'),
  choice(
    'track_functions',
    'none',
    ['none', 'pl', 'all'],
    'Collects function-level statistics on database activity.',
  ),
  choice(
    'compute_query_id',
    'auto',
    ['auto', 'regress', 'on', 'off'],
    'Enables in-core computation of query identifiers.',
  ),
  flag('exit_on_error', false, 'Terminate session on any error.'),
]);
