// What the server is and cannot be told to be otherwise.

import { flag, integer, settingsOf, text } from '../definition.ts';

export const serverVersion = '15.8 (LatticeDB 0.1.0)';

export const presetOptions = settingsOf('Preset Options', [
  text('server_version', serverVersion, 'Shows the server version.', {
    internal: true,
    reported: true,
  }),
  integer(
    'server_version_num',
    150008,
    [150008, 150008],
    'Shows the server version as an integer.',
    { internal: true },
  ),
  text('server_encoding', 'UTF8', 'Shows the server (database) character set encoding.', {
    internal: true,
    reported: true,
  }),
  flag('integer_datetimes', true, 'Shows whether datetimes are integer based.', {
    internal: true,
    reported: true,
  }),
  integer('block_size', 8192, [8192, 8192], 'Shows the size of a disk block.', {
    internal: true,
  }),
  integer('max_identifier_length', 63, [63, 63], 'Shows the maximum identifier length.', {
    internal: true,
  }),
  integer('max_index_keys', 32, [32, 32], 'Shows the maximum number of index keys.', {
    internal: true,
  }),
  integer('max_function_args', 100, [100, 100], 'Shows the maximum number of function arguments.', {
    internal: true,
  }),
  integer('segment_size', 131072, [131072, 131072], 'Shows the number of pages per disk file.', {
    internal: true,
    unit: '8kB',
  }),
  integer(
    'wal_segment_size',
    16777216,
    [1048576, 1073741824],
    'Shows the size of write ahead log segments.',
    { internal: true, unit: 'B' },
  ),
  integer('wal_block_size', 8192, [8192, 8192], 'Shows the block size in the write ahead log.', {
    internal: true,
  }),
  flag('data_checksums', true, 'Shows whether data checksums are turned on.', {
    internal: true,
  }),
  flag('in_hot_standby', false, 'Shows whether hot standby is currently active.', {
    internal: true,
    reported: true,
  }),
  text('lc_collate', 'C.UTF-8', 'Shows the collation order locale.', { internal: true }),
  text('lc_ctype', 'C.UTF-8', 'Shows the character classification and case conversion locale.', {
    internal: true,
  }),
  flag('is_superuser', true, 'Shows whether the current user is a superuser.', {
    internal: true,
    reported: true,
  }),
  flag(
    'debug_assertions',
    false,
    'Shows whether the running server has assertion checks enabled.',
    { internal: true },
  ),
  flag('ssl', false, 'Enables SSL connections.', { internal: true }),
]);
