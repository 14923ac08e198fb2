// The run-time parameters that SET, SHOW, pg_settings and clients' start-up packets know: one table.
// A parameter that clients set as a matter of course, and that changes nothing here, is kept with its
// value (effect "none"), as an honest equivalent: pg_dump, ORMs and poolers set dozens of them.

export type SettingType = 'bool' | 'integer' | 'real' | 'string' | 'enum';

export interface SettingDefinition {
  readonly name: string;
  readonly type: SettingType;
  readonly default: string;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Unit of the number: ms, s, kB, 8kB, B … */
  readonly unit?: string;
  /** Sent to the client as ParameterStatus when it changes. */
  readonly reported?: boolean;
  /** Cannot be set by SET. */
  readonly internal?: boolean;
  /** Set at server start only (55P02). */
  readonly startOnly?: boolean;
  readonly category: string;
  readonly description: string;
}

export const serverVersion = '15.8 (LatticeDB 0.1.0)';

const definitions: SettingDefinition[] = [];

function define(definition: SettingDefinition): void {
  definitions.push(definition);
}

const group = (category: string) => ({
  bool: (
    name: string,
    value: boolean,
    description: string,
    extra: Partial<SettingDefinition> = {},
  ) =>
    define({ name, type: 'bool', default: value ? 'on' : 'off', category, description, ...extra }),
  integer: (
    name: string,
    value: number,
    range: readonly [number, number],
    description: string,
    extra: Partial<SettingDefinition> = {},
  ) =>
    define({
      name,
      type: 'integer',
      default: String(value),
      min: range[0],
      max: range[1],
      category,
      description,
      ...extra,
    }),
  real: (
    name: string,
    value: number,
    range: readonly [number, number],
    description: string,
    extra: Partial<SettingDefinition> = {},
  ) =>
    define({
      name,
      type: 'real',
      default: String(value),
      min: range[0],
      max: range[1],
      category,
      description,
      ...extra,
    }),
  string: (
    name: string,
    value: string,
    description: string,
    extra: Partial<SettingDefinition> = {},
  ) => define({ name, type: 'string', default: value, category, description, ...extra }),
  choice: (
    name: string,
    value: string,
    choices: readonly string[],
    description: string,
    extra: Partial<SettingDefinition> = {},
  ) => define({ name, type: 'enum', default: value, choices, category, description, ...extra }),
});

const int4Max = 2147483647;
const preset = group('Preset Options');
preset.string('server_version', serverVersion, 'Shows the server version.', {
  internal: true,
  reported: true,
});
preset.integer(
  'server_version_num',
  150008,
  [150008, 150008],
  'Shows the server version as an integer.',
  { internal: true },
);
preset.string('server_encoding', 'UTF8', 'Shows the server (database) character set encoding.', {
  internal: true,
  reported: true,
});
preset.bool('integer_datetimes', true, 'Shows whether datetimes are integer based.', {
  internal: true,
  reported: true,
});
preset.integer('block_size', 8192, [8192, 8192], 'Shows the size of a disk block.', {
  internal: true,
});
preset.integer('max_identifier_length', 63, [63, 63], 'Shows the maximum identifier length.', {
  internal: true,
});
preset.integer('max_index_keys', 32, [32, 32], 'Shows the maximum number of index keys.', {
  internal: true,
});
preset.integer(
  'max_function_args',
  100,
  [100, 100],
  'Shows the maximum number of function arguments.',
  { internal: true },
);
preset.integer(
  'segment_size',
  131072,
  [131072, 131072],
  'Shows the number of pages per disk file.',
  { internal: true, unit: '8kB' },
);
preset.integer(
  'wal_segment_size',
  16777216,
  [1048576, 1073741824],
  'Shows the size of write ahead log segments.',
  { internal: true, unit: 'B' },
);
preset.integer(
  'wal_block_size',
  8192,
  [8192, 8192],
  'Shows the block size in the write ahead log.',
  { internal: true },
);
preset.bool('data_checksums', true, 'Shows whether data checksums are turned on.', {
  internal: true,
});
preset.bool('in_hot_standby', false, 'Shows whether hot standby is currently active.', {
  internal: true,
  reported: true,
});
preset.string('lc_collate', 'C.UTF-8', 'Shows the collation order locale.', { internal: true });
preset.string(
  'lc_ctype',
  'C.UTF-8',
  'Shows the character classification and case conversion locale.',
  { internal: true },
);
preset.bool('is_superuser', true, 'Shows whether the current user is a superuser.', {
  internal: true,
  reported: true,
});
preset.bool(
  'debug_assertions',
  false,
  'Shows whether the running server has assertion checks enabled.',
  { internal: true },
);
preset.bool('ssl', false, 'Enables SSL connections.', { internal: true });

const client = group('Client Connection Defaults / Locale and Formatting');
client.string('client_encoding', 'UTF8', "Sets the client's character set encoding.", {
  reported: true,
});
client.string('DateStyle', 'ISO, MDY', 'Sets the display format for date and time values.', {
  reported: true,
});
client.choice(
  'IntervalStyle',
  'postgres',
  ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'],
  'Sets the display format for interval values.',
  { reported: true },
);
client.string(
  'TimeZone',
  'Etc/UTC',
  'Sets the time zone for displaying and interpreting time stamps.',
  { reported: true },
);
client.string('timezone_abbreviations', 'Default', 'Selects a file of time zone abbreviations.');
client.integer(
  'extra_float_digits',
  1,
  [-15, 3],
  'Sets the number of digits displayed for floating-point values.',
);
client.string('lc_messages', 'C', 'Sets the language in which messages are displayed.');
client.string('lc_monetary', 'C', 'Sets the locale for formatting monetary amounts.');
client.string('lc_numeric', 'C', 'Sets the locale for formatting numbers.');
client.string('lc_time', 'C', 'Sets the locale for formatting date and time values.');
client.string(
  'default_text_search_config',
  'pg_catalog.english',
  'Sets default text search configuration.',
);

const behaviour = group('Client Connection Defaults / Statement Behavior');
behaviour.string(
  'search_path',
  '"$user", public',
  'Sets the schema search order for names that are not schema-qualified.',
);
behaviour.choice(
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
);
behaviour.bool('row_security', true, 'Enable row security.');
behaviour.bool(
  'check_function_bodies',
  true,
  'Check routine bodies during CREATE FUNCTION and CREATE PROCEDURE.',
);
behaviour.choice(
  'xmloption',
  'content',
  ['content', 'document'],
  'Sets whether XML data in implicit operations is to be considered as documents or fragments.',
);
behaviour.choice(
  'xmlbinary',
  'base64',
  ['base64', 'hex'],
  'Sets how binary values are to be encoded in XML.',
);
behaviour.string(
  'default_tablespace',
  '',
  'Sets the default tablespace to create tables and indexes in.',
);
behaviour.bool(
  'allow_in_place_tablespaces',
  false,
  'Allows tablespaces directly inside pg_tblspc, for testing.',
);
behaviour.string(
  'temp_tablespaces',
  '',
  'Sets the tablespace(s) to use for temporary tables and sort files.',
);
behaviour.string(
  'default_table_access_method',
  'heap',
  'Sets the default table access method for new tables.',
);
behaviour.bool('default_with_oids', false, 'Create new tables with OIDs by default.', {
  choices: ['off'],
});
behaviour.choice(
  'default_toast_compression',
  'pglz',
  ['pglz', 'lz4'],
  'Sets the default compression method for compressible values.',
);
const isolationLevels = ['serializable', 'repeatable read', 'read committed', 'read uncommitted'];
behaviour.choice(
  'default_transaction_isolation',
  'read committed',
  isolationLevels,
  'Sets the transaction isolation level of each new transaction.',
);
behaviour.bool(
  'default_transaction_read_only',
  false,
  'Sets the default read-only status of new transactions.',
  { reported: true },
);
behaviour.bool(
  'default_transaction_deferrable',
  false,
  'Sets the default deferrable status of new transactions.',
);
behaviour.choice(
  'transaction_isolation',
  'read committed',
  isolationLevels,
  "Sets the current transaction's isolation level.",
);
behaviour.bool('transaction_read_only', false, "Sets the current transaction's read-only status.");
behaviour.bool(
  'transaction_deferrable',
  false,
  'Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures.',
);
behaviour.integer(
  'statement_timeout',
  0,
  [0, int4Max],
  'Sets the maximum allowed duration of any statement.',
  { unit: 'ms' },
);
behaviour.integer(
  'lattice.hold_timeout',
  30_000,
  [0, int4Max],
  'Sets the maximum time that a call which cannot give way may keep the server from other sessions.',
  { unit: 'ms' },
);
behaviour.integer(
  'lock_timeout',
  0,
  [0, int4Max],
  'Sets the maximum allowed duration of any wait for a lock.',
  { unit: 'ms' },
);
behaviour.integer(
  'idle_in_transaction_session_timeout',
  0,
  [0, int4Max],
  'Sets the maximum allowed idle time between queries, when in a transaction.',
  { unit: 'ms' },
);
behaviour.integer(
  'idle_session_timeout',
  0,
  [0, int4Max],
  'Sets the maximum allowed idle time between queries, when not in a transaction.',
  { unit: 'ms' },
);
behaviour.choice('bytea_output', 'hex', ['escape', 'hex'], 'Sets the output format for bytea.');
behaviour.choice(
  'session_replication_role',
  'origin',
  ['origin', 'replica', 'local'],
  "Sets the session's behavior for triggers and rewrite rules.",
);
behaviour.string(
  'createrole_self_grant',
  '',
  'Sets whether a CREATEROLE user automatically grants the role to themselves.',
);
behaviour.integer(
  'vacuum_freeze_min_age',
  50000000,
  [0, 1000000000],
  'Minimum age at which VACUUM should freeze a table row.',
);
behaviour.integer(
  'gin_fuzzy_search_limit',
  0,
  [0, int4Max],
  'Sets the maximum allowed result for exact search by GIN.',
);
behaviour.string(
  'local_preload_libraries',
  '',
  'Lists unprivileged shared libraries to preload into each backend.',
);

const connection = group('Connections and Authentication');
connection.string(
  'application_name',
  '',
  'Sets the application name to be reported in statistics and logs.',
  { reported: true },
);
connection.string('session_authorization', 'postgres', 'Sets the session user name.', {
  reported: true,
});
connection.string('role', 'none', 'Sets the current role.');
connection.integer(
  'max_connections',
  1000,
  [1, 262143],
  'Sets the maximum number of concurrent connections.',
  { startOnly: true },
);
connection.integer(
  'superuser_reserved_connections',
  3,
  [0, 262143],
  'Sets the number of connection slots reserved for superusers.',
  { startOnly: true },
);
connection.string(
  'listen_addresses',
  'localhost',
  'Sets the host name or IP address(es) to listen to.',
  { startOnly: true },
);
connection.integer('port', 5433, [1, 65535], 'Sets the TCP port the server listens on.', {
  startOnly: true,
});
connection.integer('tcp_keepalives_idle', 0, [0, int4Max], 'Time between issuing TCP keepalives.', {
  unit: 's',
});
connection.integer(
  'tcp_keepalives_interval',
  0,
  [0, int4Max],
  'Time between TCP keepalive retransmits.',
  { unit: 's' },
);
connection.integer(
  'tcp_keepalives_count',
  0,
  [0, int4Max],
  'Maximum number of TCP keepalive retransmits.',
);
connection.integer('tcp_user_timeout', 0, [0, int4Max], 'TCP user timeout.', { unit: 'ms' });
connection.integer(
  'client_connection_check_interval',
  0,
  [0, int4Max],
  'Sets the time interval between checks for disconnection while running queries.',
  { unit: 'ms' },
);
connection.choice(
  'password_encryption',
  'scram-sha-256',
  ['scram-sha-256'],
  'Chooses the algorithm for encrypting passwords.',
);

const resources = group('Resource Usage');
resources.integer(
  'work_mem',
  65536,
  [64, int4Max],
  'Sets the maximum memory to be used for query workspaces.',
  { unit: 'kB' },
);
resources.integer(
  'lattice.statement_memory',
  2097152,
  [64, int4Max],
  'Sets the maximum memory that one statement may hold; past it, it ends with an error.',
  { unit: 'kB' },
);
resources.integer(
  'lattice.server_memory',
  0,
  [0, int4Max],
  'Shows the maximum memory that all statements together may hold.',
  { unit: 'kB', internal: true },
);
resources.integer(
  'lattice.segment_cache',
  0,
  [0, int4Max],
  'Shows the memory for decoded column segments, of all executor threads together.',
  { unit: 'kB', internal: true },
);
resources.real(
  'lattice.compile_cost_min',
  75,
  [-1, Number.MAX_SAFE_INTEGER],
  'Sets the estimated cost from which a part of a plan is compiled; -1: never.',
);
resources.real(
  'lattice.thread_cost_min',
  500,
  [-1, Number.MAX_SAFE_INTEGER],
  'Sets the estimated cost from which a plan that reads runs on an executor thread; -1: never.',
);
resources.real(
  'lattice.parallel_cost_min',
  800,
  [-1, Number.MAX_SAFE_INTEGER],
  'Sets the estimated cost from which threads share a part of a plan; -1: never.',
);
resources.real(
  'lattice.rewrite_cost_min',
  100,
  [-1, Number.MAX_SAFE_INTEGER],
  'Sets the estimated cost from which other forms of a whole plan are compared; -1: never.',
);
resources.bool(
  'lattice.adaptive',
  true,
  'Plans the rest of a statement anew when the rows that it has computed are far from what was estimated.',
);
resources.real(
  'lattice.replan_cost_min',
  1000,
  [0, Number.MAX_SAFE_INTEGER],
  'Sets the estimated cost from which the rest of a statement is planned anew.',
);
resources.real(
  'lattice.replan_factor',
  10,
  [0, Number.MAX_SAFE_INTEGER],
  'Sets by which factor an estimate must be wrong for that; 0: it is done wherever it can be.',
);
resources.bool(
  'lattice.plan_feedback',
  true,
  'Plans statements with what executions have taught about conditions.',
);
resources.integer(
  'maintenance_work_mem',
  262144,
  [1024, int4Max],
  'Sets the maximum memory to be used for maintenance operations.',
  { unit: 'kB' },
);
resources.integer(
  'temp_buffers',
  1024,
  [100, 1073741823],
  'Sets the maximum number of temporary buffers used by each session.',
  { unit: '8kB' },
);
resources.integer(
  'shared_buffers',
  16384,
  [16, 1073741823],
  'Sets the number of shared memory buffers used by the server.',
  { unit: '8kB', startOnly: true },
);
resources.real('hash_mem_multiplier', 2, [1, 1000], 'Multiple of work_mem to use for hash tables.');
resources.integer(
  'max_parallel_workers_per_gather',
  2,
  [0, 1024],
  'Sets the maximum number of parallel processes per executor node.',
);
resources.integer(
  'max_parallel_workers',
  8,
  [0, 1024],
  'Sets the maximum number of parallel workers that can be active at one time.',
);
resources.integer(
  'max_worker_processes',
  8,
  [0, 262143],
  'Maximum number of concurrent worker processes.',
  { startOnly: true },
);
resources.integer(
  'max_parallel_maintenance_workers',
  2,
  [0, 1024],
  'Sets the maximum number of parallel processes per maintenance operation.',
);
resources.integer(
  'effective_io_concurrency',
  1,
  [0, 1000],
  'Number of simultaneous requests that can be handled efficiently by the disk subsystem.',
);
resources.integer('vacuum_cost_delay', 0, [0, 100], 'Vacuum cost delay in milliseconds.', {
  unit: 'ms',
});
resources.integer('max_stack_depth', 2048, [100, int4Max], 'Sets the maximum stack depth.', {
  unit: 'kB',
});
resources.integer(
  'max_prepared_transactions',
  100,
  [0, 262143],
  'Sets the maximum number of simultaneously prepared transactions.',
  { startOnly: true },
);

const planner = group('Query Tuning');
for (const name of [
  'bitmapscan',
  'hashagg',
  'hashjoin',
  'incremental_sort',
  'indexonlyscan',
  'indexscan',
  'material',
  'memoize',
  'mergejoin',
  'nestloop',
  'parallel_append',
  'parallel_hash',
  'partition_pruning',
  'seqscan',
  'sort',
  'tidscan',
  'gathermerge',
  'async_append',
]) {
  planner.bool(`enable_${name}`, true, `Enables the planner's use of ${name}.`);
}
planner.bool('enable_partitionwise_join', false, 'Enables partitionwise join.');
planner.bool(
  'enable_partitionwise_aggregate',
  false,
  'Enables partitionwise aggregation and grouping.',
);
planner.real(
  'seq_page_cost',
  1,
  [0, 1e308],
  "Sets the planner's estimate of the cost of a sequentially fetched disk page.",
);
planner.real(
  'random_page_cost',
  4,
  [0, 1e308],
  "Sets the planner's estimate of the cost of a nonsequentially fetched disk page.",
);
planner.real(
  'cpu_tuple_cost',
  0.01,
  [0, 1e308],
  "Sets the planner's estimate of the cost of processing each tuple (row).",
);
planner.real(
  'cpu_index_tuple_cost',
  0.005,
  [0, 1e308],
  "Sets the planner's estimate of the cost of processing each index entry during an index scan.",
);
planner.real(
  'cpu_operator_cost',
  0.0025,
  [0, 1e308],
  "Sets the planner's estimate of the cost of processing each operator or function call.",
);
planner.real(
  'parallel_setup_cost',
  1000,
  [0, 1e308],
  "Sets the planner's estimate of the cost of starting up worker processes for parallel query.",
);
planner.real(
  'parallel_tuple_cost',
  0.1,
  [0, 1e308],
  "Sets the planner's estimate of the cost of passing each tuple from worker to leader backend.",
);
planner.integer(
  'min_parallel_table_scan_size',
  1024,
  [0, 715827882],
  'Sets the minimum amount of table data for a parallel scan.',
  { unit: '8kB' },
);
planner.integer(
  'min_parallel_index_scan_size',
  64,
  [0, 715827882],
  'Sets the minimum amount of index data for a parallel scan.',
  { unit: '8kB' },
);
planner.integer(
  'effective_cache_size',
  524288,
  [1, int4Max],
  "Sets the planner's assumption about the total size of the data caches.",
  { unit: '8kB' },
);
planner.integer(
  'default_statistics_target',
  100,
  [1, 10000],
  'Sets the default statistics target.',
);
planner.integer(
  'from_collapse_limit',
  8,
  [1, int4Max],
  'Sets the FROM-list size beyond which subqueries are not collapsed.',
);
planner.integer(
  'join_collapse_limit',
  8,
  [1, int4Max],
  'Sets the FROM-list size beyond which JOIN constructs are not flattened.',
);
planner.integer(
  'geqo_threshold',
  12,
  [2, int4Max],
  'Sets the threshold of FROM items beyond which GEQO is used.',
);
planner.bool('geqo', true, 'Enables genetic query optimization.');
planner.bool('jit', false, 'Allow JIT compilation.');
planner.choice(
  'constraint_exclusion',
  'partition',
  ['partition', 'on', 'off'],
  'Enables the planner to use constraints to optimize queries.',
);
planner.choice(
  'plan_cache_mode',
  'auto',
  ['auto', 'force_generic_plan', 'force_custom_plan'],
  "Controls the planner's selection of custom or generic plan.",
);
planner.choice(
  'force_parallel_mode',
  'off',
  ['off', 'on', 'regress'],
  'Forces use of parallel query facilities.',
);
planner.real(
  'cursor_tuple_fraction',
  0.1,
  [0, 1],
  "Sets the planner's estimate of the fraction of a cursor's rows that will be retrieved.",
);
planner.real(
  'recursive_worktable_factor',
  10,
  [0.001, 1000000],
  "Sets the planner's estimate of the average size of a recursive query's working table.",
);

const compatibility = group('Version and Platform Compatibility');
compatibility.bool(
  'standard_conforming_strings',
  true,
  "Causes '...' strings to treat backslashes literally.",
  { reported: true },
);
compatibility.choice(
  'backslash_quote',
  'safe_encoding',
  ['safe_encoding', 'on', 'off'],
  'Sets whether "\\\'" is allowed in string literals.',
);
compatibility.bool(
  'escape_string_warning',
  true,
  'Warn about backslash escapes in ordinary string literals.',
);
compatibility.bool(
  'quote_all_identifiers',
  false,
  'When generating SQL fragments, quote all identifiers.',
);
compatibility.bool('synchronize_seqscans', true, 'Enable synchronized sequential scans.');
compatibility.bool('transform_null_equals', false, 'Treats expr=NULL as expr IS NULL.');
compatibility.bool('array_nulls', true, 'Enable input of NULL elements in arrays.');
compatibility.bool(
  'lo_compat_privileges',
  false,
  'Enables backward compatibility mode for privilege checks on large objects.',
);

const durability = group('Write-Ahead Log');
durability.choice(
  'synchronous_commit',
  'on',
  ['on', 'off', 'local', 'remote_write', 'remote_apply'],
  "Sets the current transaction's synchronization level. Every level is durable here.",
);
durability.choice(
  'wal_level',
  'replica',
  ['minimal', 'replica', 'logical'],
  'Sets the level of information written to the WAL.',
  { startOnly: true },
);
durability.bool('fsync', true, 'Forces synchronization of updates to disk.', { startOnly: true });
durability.bool(
  'full_page_writes',
  true,
  'Writes full pages to WAL when first modified after a checkpoint.',
  { startOnly: true },
);
durability.integer(
  'commit_delay',
  0,
  [0, 100000],
  'Sets the delay in microseconds between transaction commit and flushing WAL to disk.',
);

const logging = group('Reporting and Logging');
logging.choice(
  'log_statement',
  'none',
  ['none', 'ddl', 'mod', 'all'],
  'Sets the type of statements logged.',
);
logging.integer(
  'log_min_duration_statement',
  -1,
  [-1, int4Max],
  'Sets the minimum execution time above which all statements will be logged.',
  { unit: 'ms' },
);
logging.choice(
  'log_min_messages',
  'warning',
  [
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
  ],
  'Sets the message levels that are logged.',
);
logging.choice(
  'log_min_error_statement',
  'error',
  [
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
  ],
  'Causes all statements generating error at or above this level to be logged.',
);
logging.choice(
  'log_error_verbosity',
  'default',
  ['terse', 'default', 'verbose'],
  'Sets the verbosity of logged messages.',
);
logging.bool('log_duration', false, 'Logs the duration of each completed SQL statement.');
logging.bool('log_lock_waits', false, 'Logs long lock waits.');
logging.bool('debug_print_plan', false, "Logs each query's execution plan.");
logging.bool('track_activities', true, 'Collects information about executing commands.');
logging.bool('track_counts', true, 'Collects statistics on database activity.');
logging.choice(
  'stats_fetch_consistency',
  'cache',
  ['none', 'cache', 'snapshot'],
  'Sets the consistency of accesses to statistics data.',
);
logging.bool('track_io_timing', false, 'Collects timing statistics for database I/O activity.');
logging.choice(
  'track_functions',
  'none',
  ['none', 'pl', 'all'],
  'Collects function-level statistics on database activity.',
);
logging.choice(
  'compute_query_id',
  'auto',
  ['auto', 'regress', 'on', 'off'],
  'Enables in-core computation of query identifiers.',
);
const statements = group('Customized Options');
statements.choice(
  'pg_stat_statements.track',
  'top',
  ['none', 'top', 'all'],
  'Selects which statements are tracked by pg_stat_statements.',
);
statements.integer(
  'pg_stat_statements.max',
  5000,
  [100, 1073741823],
  'Sets the maximum number of statements tracked by pg_stat_statements.',
  { startOnly: true },
);
statements.bool(
  'pg_stat_statements.track_utility',
  true,
  'Selects whether utility commands are tracked by pg_stat_statements.',
);
statements.bool(
  'pg_stat_statements.track_planning',
  false,
  'Selects whether planning duration is tracked by pg_stat_statements.',
);
statements.bool(
  'pg_stat_statements.save',
  true,
  'Save pg_stat_statements statistics across server shutdowns.',
  { startOnly: true },
);
logging.bool('exit_on_error', false, 'Terminate session on any error.');

const refresh = group('Autovacuum');
refresh.bool('autovacuum', true, 'Analyzes tables of which enough rows have changed.', {
  startOnly: true,
});
refresh.integer('autovacuum_naptime', 60, [1, 2147483], 'Time to sleep between autovacuum runs.', {
  unit: 's',
  startOnly: true,
});
refresh.integer(
  'autovacuum_analyze_threshold',
  50,
  [0, int4Max],
  'Minimum number of tuple inserts, updates, or deletes prior to analyze.',
  { startOnly: true },
);
refresh.real(
  'autovacuum_analyze_scale_factor',
  0.1,
  [0, 100],
  'Number of tuple inserts, updates, or deletes prior to analyze as a fraction of reltuples.',
  { startOnly: true },
);

const locks = group('Lock Management');
locks.integer(
  'deadlock_timeout',
  1000,
  [1, int4Max],
  'Sets the time to wait on a lock before checking for deadlock. Here every wait is checked at once.',
  { unit: 'ms' },
);
locks.integer(
  'max_locks_per_transaction',
  64,
  [10, int4Max],
  'Sets the maximum number of locks per transaction.',
  { startOnly: true },
);

/** By lower-case name. */
export const settingDefinitions: ReadonlyMap<string, SettingDefinition> = new Map(
  definitions.map((definition) => [definition.name.toLowerCase(), definition]),
);
