// What statements do unless they say otherwise: schemas, transactions, time limits.

import { choice, flag, int4Max, integer, settingsOf, text } from '../definition.ts';

const isolationLevels = ['serializable', 'repeatable read', 'read committed', 'read uncommitted'];

export const statementBehavior = settingsOf('Client Connection Defaults / Statement Behavior', [
  text(
    'search_path',
    '"$user", public',
    'Sets the schema search order for names that are not schema-qualified.',
  ),
  choice(
    'client_min_messages',
    'notice',
    [
      'debug5',
      'debug4',
      'debug3',
      'debug2',
      'debug1',
      'debug',
      'log',
      'notice',
      'warning',
      'error',
      'info',
    ],
    'Sets the message levels that are sent to the client.',
  ),
  flag('row_security', true, 'Enable row security.'),
  flag(
    'check_function_bodies',
    true,
    'Check routine bodies during CREATE FUNCTION and CREATE PROCEDURE.',
  ),
  choice(
    'xmloption',
    'content',
    ['content', 'document'],
    'Sets whether XML data in implicit operations is to be considered as documents or fragments.',
  ),
  choice(
    'xmlbinary',
    'base64',
    ['base64', 'hex'],
    'Sets how binary values are to be encoded in XML.',
  ),
  text('default_tablespace', '', 'Sets the default tablespace to create tables and indexes in.'),
  flag(
    'allow_in_place_tablespaces',
    false,
    'Allows tablespaces directly inside pg_tblspc, for testing.',
  ),
  text(
    'temp_tablespaces',
    '',
    'Sets the tablespace(s) to use for temporary tables and sort files.',
  ),
  text(
    'default_table_access_method',
    'heap',
    'Sets the default table access method for new tables.',
  ),
  flag('default_with_oids', false, 'Create new tables with OIDs by default.', {
    choices: ['off'],
  }),
  choice(
    'default_toast_compression',
    'pglz',
    ['pglz', 'lz4'],
    'Sets the default compression method for compressible values.',
  ),
  choice(
    'default_transaction_isolation',
    'read committed',
    isolationLevels,
    'Sets the transaction isolation level of each new transaction.',
  ),
  flag(
    'default_transaction_read_only',
    false,
    'Sets the default read-only status of new transactions.',
    { reported: true },
  ),
  flag(
    'default_transaction_deferrable',
    false,
    'Sets the default deferrable status of new transactions.',
  ),
  choice(
    'transaction_isolation',
    'read committed',
    isolationLevels,
    "Sets the current transaction's isolation level.",
  ),
  flag('transaction_read_only', false, "Sets the current transaction's read-only status."),
  flag(
    'transaction_deferrable',
    false,
    'Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures.',
  ),
  integer(
    'statement_timeout',
    0,
    [0, int4Max],
    'Sets the maximum allowed duration of any statement.',
    { unit: 'ms' },
  ),
  integer(
    'lock_timeout',
    0,
    [0, int4Max],
    'Sets the maximum allowed duration of any wait for a lock.',
    { unit: 'ms' },
  ),
  integer(
    'idle_in_transaction_session_timeout',
    0,
    [0, int4Max],
    'Sets the maximum allowed idle time between queries, when in a transaction.',
    { unit: 'ms' },
  ),
  integer(
    'idle_session_timeout',
    0,
    [0, int4Max],
    'Sets the maximum allowed idle time between queries, when not in a transaction.',
    { unit: 'ms' },
  ),
  choice('bytea_output', 'hex', ['escape', 'hex'], 'Sets the output format for bytea.'),
  choice(
    'session_replication_role',
    'origin',
    ['origin', 'replica', 'local'],
    "Sets the session's behavior for triggers and rewrite rules.",
  ),
  text(
    'createrole_self_grant',
    '',
    'Sets whether a CREATEROLE user automatically grants the role to themselves.',
  ),
  integer(
    'vacuum_freeze_min_age',
    50000000,
    [0, 1000000000],
    'Minimum age at which VACUUM should freeze a table row.',
  ),
  integer(
    'gin_fuzzy_search_limit',
    0,
    [0, int4Max],
    'Sets the maximum allowed result for exact search by GIN.',
  ),
  text(
    'local_preload_libraries',
    '',
    'Lists unprivileged shared libraries to preload into each backend.',
  ),
]);
