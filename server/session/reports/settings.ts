// Parameters as pg_settings shows them, what the configuration file set, and who may connect how.

import { ArrayValue, type Datum, TypeOid } from '#common';
import type { Session } from '../session.ts';
import type { SettingDefinition } from '../settings/definition.ts';
import { settingDefinitions } from '../settings/definitions.ts';
import type { Row } from './row.ts';

export function settingRows(session: Session): Row[] {
  return [...session.settings.all()].map(({ definition, value, reset }) => ({
    name: definition.name,
    setting: value,
    unit: definition.unit ?? null,
    category: definition.category,
    short_desc: definition.description,
    extra_desc: null,
    context: contextOf(definition),
    vartype: definition.type,
    source: value === definition.default ? 'default' : 'session',
    min_val: definition.min === undefined ? null : String(definition.min),
    max_val: definition.max === undefined ? null : String(definition.max),
    enumvals:
      definition.choices === undefined ? null : ArrayValue.of(TypeOid.text, definition.choices),
    boot_val: definition.default,
    reset_val: reset,
    sourcefile: null,
    sourceline: null,
    pending_restart: false,
  }));
}

function contextOf(definition: SettingDefinition): string {
  if (definition.internal === true) return 'internal';
  return definition.startOnly === true ? 'postmaster' : 'user';
}

/** Parameters that EXPLAIN (SETTINGS) may show, besides those of the planner, which begin with enable_. */
const explained = new Set(
  `constraint_exclusion cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction
  effective_cache_size effective_io_concurrency force_parallel_mode from_collapse_limit geqo geqo_effort
  geqo_generations geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold hash_mem_multiplier jit
  jit_above_cost jit_inline_above_cost jit_optimize_above_cost join_collapse_limit maintenance_io_concurrency
  max_parallel_workers max_parallel_workers_per_gather min_parallel_index_scan_size
  min_parallel_table_scan_size parallel_leader_participation parallel_setup_cost parallel_tuple_cost
  plan_cache_mode random_page_cost recursive_worktable_factor search_path seq_page_cost temp_buffers
  work_mem`.split(/\s+/),
);

/** Parameters that are not in PostgreSQL's sample configuration, besides the internal ones. */
const unlisted = new Set(
  `allow_in_place_tablespaces allow_system_table_mods application_name backtrace_functions
  debug_discard_caches force_parallel_mode ignore_checksum_failure ignore_system_indexes
  jit_debugging_support jit_dump_bitcode jit_expressions jit_profiling_support jit_tuple_deforming
  lc_collate lc_ctype post_auth_delay pre_auth_delay remove_temp_files_after_crash
  restrict_nonsystem_relation_kind trace_notify trace_recovery_messages trace_sort transaction_deferrable
  transaction_isolation transaction_read_only wal_consistency_checking zero_damaged_pages`.split(
    /\s+/,
  ),
);
const computedAtStart = new Set([
  'data_checksums',
  'data_directory_mode',
  'shared_memory_size',
  'shared_memory_size_in_huge_pages',
  'wal_segment_size',
]);
const keptByResetAll = new Set([
  'transaction_deferrable',
  'transaction_isolation',
  'transaction_read_only',
]);

/** pg_settings_get_flags(): null for a parameter that does not exist. */
export function settingFlags(name: string): Datum {
  const definition = settingDefinitions.get(name.toLowerCase());
  if (definition === undefined) return null;
  const flags: string[] = [];
  if (explained.has(definition.name) || definition.name.startsWith('enable_'))
    flags.push('EXPLAIN');
  if (keptByResetAll.has(definition.name)) flags.push('NO_RESET_ALL');
  if (unlisted.has(definition.name) || definition.internal === true) flags.push('NOT_IN_SAMPLE');
  if (computedAtStart.has(definition.name)) flags.push('RUNTIME_COMPUTED');
  return ArrayValue.of(TypeOid.text, flags);
}

/** pg_file_settings: parameters of sessions that the configuration sets. */
export function fileSettingRows({ server }: Session): Row[] {
  return Object.entries(server.configuration.settings).map(([name, setting], at) => ({
    sourcefile: null,
    sourceline: null,
    seqno: at + 1,
    name,
    setting,
    applied: true,
    error: null,
  }));
}

/** pg_hba_file_rules: one way of authentication holds for all. */
export function accessRuleRows({ server }: Session): Row[] {
  const all = ArrayValue.of(TypeOid.text, ['all']);
  return [
    {
      line_number: 1,
      type: server.tlsRequired ? 'hostssl' : 'host',
      database: all,
      user_name: all,
      address: 'all',
      netmask: null,
      auth_method: server.configuration.auth === 'trust' ? 'trust' : 'scram-sha-256',
      options: null,
      error: null,
    },
  ];
}
