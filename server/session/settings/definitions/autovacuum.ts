// When tables are analyzed without being asked.

import { flag, int4Max, integer, real, settingsOf } from '../definition.ts';

export const autovacuum = settingsOf('Autovacuum', [
  flag('autovacuum', true, 'Analyzes tables of which enough rows have changed.', {
    startOnly: true,
  }),
  integer('autovacuum_naptime', 60, [1, 2147483], 'Time to sleep between autovacuum runs.', {
    unit: 's',
    startOnly: true,
  }),
  integer(
    'autovacuum_analyze_threshold',
    50,
    [0, int4Max],
    'Minimum number of tuple inserts, updates, or deletes prior to analyze.',
    { startOnly: true },
  ),
  real(
    'autovacuum_analyze_scale_factor',
    0.1,
    [0, 100],
    'Number of tuple inserts, updates, or deletes prior to analyze as a fraction of reltuples.',
    { startOnly: true },
  ),
]);
