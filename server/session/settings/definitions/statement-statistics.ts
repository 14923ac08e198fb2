// Which statements pg_stat_statements counts.

import { choice, flag, integer, settingsOf } from '../definition.ts';

export const statementStatistics = settingsOf('Customized Options', [
  choice(
    'pg_stat_statements.track',
    'top',
    ['none', 'top', 'all'],
    'Selects which statements are tracked by pg_stat_statements.',
  ),
  integer(
    'pg_stat_statements.max',
    5000,
    [100, 1073741823],
    'Sets the maximum number of statements tracked by pg_stat_statements.',
    { startOnly: true },
  ),
  flag(
    'pg_stat_statements.track_utility',
    true,
    'Selects whether utility commands are tracked by pg_stat_statements.',
  ),
  flag(
    'pg_stat_statements.track_planning',
    false,
    'Selects whether planning duration is tracked by pg_stat_statements.',
  ),
  flag(
    'pg_stat_statements.save',
    true,
    'Save pg_stat_statements statistics across server shutdowns.',
    { startOnly: true },
  ),
]);
