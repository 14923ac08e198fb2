// What clients ask about the server and their session: version, names, settings, sequences, privileges.
// Questions about the catalog go through the context; catalogQuestions lists those that the executor's
// system catalog answers by their SQL names.

import {
  ArrayValue,
  databaseError,
  DatabaseError,
  SqlState,
  type Datum,
  type Interval,
  type Numeric,
  typeSend,
  TypeOid,
  encodingId,
  encodingName,
  unknownRelation,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import { type Family, forTypes } from '../family.ts';
import { formatType } from '../format-type.ts';
import { intervalSpan } from '../ordering.ts';

const utf8Encoding = 6;

function version(context: FunctionContext): string {
  const number = context.setting('server_version') ?? '15';
  return `PostgreSQL ${number} on ${process.arch}-${process.platform}, 64-bit`;
}

function currentSetting(context: FunctionContext, name: string, missingOk: boolean): Datum {
  const value = context.setting(name);
  if (value !== undefined) return value;
  if (missingOk) return null;
  throw databaseError('undefinedObject', `unrecognized configuration parameter "${name}"`);
}

function setConfig(
  context: FunctionContext,
  name: string | null,
  value: string | null,
  local: boolean | null,
): Datum {
  if (name === null) throw databaseError('nullValueNotAllowed', 'SET requires parameter name');
  return context.setSetting(name, value ?? '', local ?? false);
}

/** pg_catalog and the temporary schema are searched whether or not search_path names them. */
function schemas(context: FunctionContext, implicit: boolean): ArrayValue {
  const path = [...context.searchPath];
  if (implicit) {
    if (!path.includes('pg_catalog')) path.unshift('pg_catalog');
    return ArrayValue.of(TypeOid.name, path);
  }
  const setting = context.setting('search_path') ?? '';
  const isNamed = (name: string): boolean =>
    name.startsWith('pg_temp_') ? /\bpg_temp\b/i.test(setting) : setting.includes(name);
  return ArrayValue.of(
    TypeOid.name,
    path.filter((name) => !/^pg_(?:catalog$|temp_)/.test(name) || isNamed(name)),
  );
}

/** format_type: a null modifier is "not given", which only blank-padded characters tell from -1. */
function formatTypeName(
  context: FunctionContext,
  oid: number | null,
  typmod: number | null,
): Datum {
  if (oid === null) return null;
  if (oid === 0) return '-';
  if (oid === TypeOid.bpchar && typmod === -1) return 'bpchar';
  if (oid === TypeOid.bit && typmod === -1) return '"bit"';
  return formatType(oid, typmod ?? -1) ?? context.catalog.typeName(oid, typmod ?? -1) ?? '???';
}

const sizeUnits = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** pg_size_pretty: a unit is used until the value reaches 10240 of it; halves round away from zero. */
function prettySize(size: number | bigint): string {
  let value = BigInt(size);
  const sign = value < 0n ? '-' : '';
  if (value < 0n) value = -value;
  if (value < 10240n) return `${sign}${value} bytes`;
  // One bit more than the unit is kept, to round by.
  let doubled = value >> 9n;
  let unit = 1;
  while (doubled >= 20479n && unit < sizeUnits.length - 1) {
    doubled >>= 10n;
    unit++;
  }
  return `${sign}${(doubled + 1n) >> 1n} ${sizeUnits[unit]}`;
}

function sizeInBytes(text: string): number {
  const match = /^\s*([+-]?[\d.]+(?:e[+-]?\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const exponents: Readonly<Record<string, number>> = {
    '': 0,
    bytes: 0,
    b: 0,
    kb: 1,
    mb: 2,
    gb: 3,
    tb: 4,
    pb: 5,
  };
  const exponent = exponents[match?.[2]?.toLowerCase() ?? '?'];
  if (match === null || exponent === undefined || Number.isNaN(Number(match[1]))) {
    throw databaseError('invalidParameterValue', `invalid size: "${text}"`);
  }
  return Math.round(Number(match[1]) * 1024 ** exponent);
}

function sleep(context: FunctionContext, milliseconds: number): string {
  if (milliseconds > 0) context.sleep(milliseconds);
  return '';
}

function columnSize(type: number, value: Datum): Datum {
  return value === null ? null : typeSend(type)(value).length;
}

function countNulls(values: readonly Datum[]): number {
  return values.filter((value) => value === null).length;
}

function setSequence(
  context: FunctionContext,
  oid: number,
  value: number | bigint,
  called: boolean,
): Datum {
  context.sequences.set(oid, value, called);
  return value;
}

export const systemFamily: Family = {
  scalars: {
    pgsql_version: version,
    current_database: (context) => context.databaseName,
    current_schema: (context) => schemas(context, false).elements[0] ?? null,
    current_schemas: (context, implicit: boolean) => schemas(context, implicit),
    current_user: (context) => context.currentUser,
    session_user: (context) => context.sessionUser,
    pg_backend_pid: (context) => context.backendPid,
    pg_typeof: forTypes(
      ({ argumentTypes }) =>
        () =>
          argumentTypes[0],
    ),
    format_type: formatTypeName,
    show_config_by_name: (context, name: string) => currentSetting(context, name, false),
    show_config_by_name_missing_ok: (context, name: string, missingOk: boolean) =>
      currentSetting(context, name, missingOk),
    set_config_by_name: setConfig,
    pg_is_in_recovery: () => false,
    pg_is_wal_replay_paused: () => false,
    pg_client_encoding: () => 'UTF8',
    getdatabaseencoding: () => 'UTF8',
    PG_encoding_to_char: (_context, encoding: number) => encodingName(encoding),
    PG_char_to_encoding: (_context, name: string) => encodingId(name),
    pg_encoding_max_length_sql: (_context, encoding: number) =>
      encoding === utf8Encoding ? 4 : null,
    inet_client_addr: () => null,
    inet_client_port: () => null,
    inet_server_addr: () => null,
    inet_server_port: () => null,
    pg_trigger_depth: (context: FunctionContext) => context.routines?.triggerDepth ?? 0,
    pg_jit_available: () => false,
    pg_collation_for: forTypes(
      ({ argumentTypes }) =>
        () =>
          ([TypeOid.text, TypeOid.varchar, TypeOid.bpchar] as number[]).includes(argumentTypes[0])
            ? '"default"'
            : null,
    ),
    pg_sleep: (context, seconds: number) => sleep(context, seconds * 1000),
    'pg_sleep_for(interval)': (context, duration: Interval) =>
      sleep(context, Number(intervalSpan(duration)) / 1000),
    'pg_sleep_until(timestamptz)': (context, until: number) =>
      sleep(context, (Number(until) - context.clockTimestamp()) / 1000),
    pg_current_xact_id: (context) => context.transactionId(),
    pg_current_xact_id_if_assigned: (context) => context.transactionId(),
    nextval_oid: (context, oid: number) => context.sequences.next(oid),
    currval_oid: (context, oid: number) => context.sequences.current(oid),
    lastval: (context) => context.sequences.last(),
    setval_oid: (context, oid: number, value: number | bigint) =>
      setSequence(context, oid, value, true),
    setval3_oid: (context, oid: number, value: number | bigint, called: boolean) =>
      setSequence(context, oid, value, called),
    to_regclass: (context, name: string) => context.catalog.relationOid(name) ?? null,
    to_regtype: (context, name: string) => context.catalog.typeOid(name) ?? null,
    to_regnamespace: (context, name: string) => context.catalog.schemaOid(name) ?? null,
    to_regrole: (context, name: string) => context.catalog.roleOid(name) ?? null,
    to_regproc: (context, name: string) =>
      unlessAmbiguous(() => context.catalog.functionOid?.(name)),
    to_regprocedure: (context, name: string) =>
      name.includes('(') ? (context.catalog.functionOid?.(name) ?? null) : leftParenthesis(),
    to_regoper: (context, name: string) =>
      unlessAmbiguous(() => context.catalog.entryOid?.('operator', name)),
    to_regoperator: (context, name: string) =>
      context.catalog.entryOid?.('operatorTitle', name) ?? null,
    to_regcollation: (context, name: string) => context.catalog.collationOid?.(name) ?? null,
    text_regclass: (context, name: string) => regclass(context, name),
    pg_get_userbyid: (context, oid: number) =>
      context.catalog.roleName(oid) ?? `unknown (OID=${oid})`,
    pg_size_pretty: (_context, size: number | bigint) => prettySize(size),
    pg_size_pretty_numeric: (_context, size: Numeric) => prettySize(size.toInteger('bigint')),
    pg_size_bytes: (_context, text: string) => sizeInBytes(text),
    pg_column_size: forTypes(
      ({ argumentTypes }) =>
        (_context, value: Datum) =>
          columnSize(argumentTypes[0], value),
    ),
    pg_num_nulls: (_context, ...values: Datum[]) => countNulls(values),
    pg_num_nonnulls: (_context, ...values: Datum[]) => values.length - countNulls(values),
    pg_conversion_is_visible: () => true,
    pg_collation_is_visible: () => true,
    pg_ts_parser_is_visible: () => true,
    pg_ts_dict_is_visible: () => true,
    pg_ts_template_is_visible: () => true,
    pg_ts_config_is_visible: () => true,
  },
};

/** Several objects of a name are as good as none. */
function unlessAmbiguous(find: () => number | undefined): number | null {
  try {
    return find() ?? null;
  } catch (error) {
    if (error instanceof DatabaseError && error.sqlState === SqlState.ambiguousFunction)
      return null;
    throw error;
  }
}

function leftParenthesis(): never {
  throw databaseError('invalidTextRepresentation', 'expected a left parenthesis');
}

function regclass(context: FunctionContext, name: string): number {
  const oid = context.catalog.relationOid(name);
  if (oid === undefined) {
    throw unknownRelation(name);
  }
  return oid;
}

/** SQL names of the functions that context.catalog.call answers, with the arguments of the call. */
export const catalogQuestions: ReadonlySet<string> = new Set([
  'brin_summarize_new_values',
  'brin_summarize_range',
  'brin_desummarize_range',
  'gin_clean_pending_list',
  'pg_stat_get_numscans',
  'pg_stat_get_tuples_returned',
  'pg_stat_get_tuples_fetched',
  'pg_stat_get_tuples_inserted',
  'pg_stat_get_tuples_updated',
  'pg_stat_get_tuples_deleted',
  'pg_stat_get_live_tuples',
  'pg_stat_get_dead_tuples',
  'pg_stat_force_next_flush',
  'pg_stat_clear_snapshot',
  'pg_stat_get_snapshot_timestamp',
  'pg_stat_reset',
  'pg_stat_reset_single_table_counters',
  'pg_stat_reset_single_function_counters',
  'pg_stat_reset_shared',
  'pg_stat_reset_slru',
  'acldefault',
  'row_security_active',
  'col_description',
  'obj_description',
  'shobj_description',
  'has_any_column_privilege',
  'has_column_privilege',
  'has_database_privilege',
  'has_foreign_data_wrapper_privilege',
  'has_function_privilege',
  'has_language_privilege',
  'has_parameter_privilege',
  'has_schema_privilege',
  'has_sequence_privilege',
  'has_server_privilege',
  'has_table_privilege',
  'has_tablespace_privilege',
  'has_type_privilege',
  'pg_has_role',
  'pg_table_is_visible',
  'pg_function_is_visible',
  'pg_operator_is_visible',
  'pg_opclass_is_visible',
  'pg_opfamily_is_visible',
  'pg_type_is_visible',
  'pg_statistics_obj_is_visible',
  'pg_identify_object',
  'pg_get_object_address',
  'pg_identify_object_as_address',
  'pg_get_constraintdef',
  'pg_get_expr',
  'pg_get_function_arg_default',
  'pg_get_function_arguments',
  'pg_get_function_identity_arguments',
  'pg_get_function_result',
  'pg_get_function_sqlbody',
  'pg_get_functiondef',
  'pg_get_indexdef',
  'pg_get_partition_constraintdef',
  'pg_get_partkeydef',
  'pg_get_replica_identity_index',
  'pg_get_ruledef',
  'pg_get_serial_sequence',
  'pg_get_statisticsobjdef',
  'pg_get_statisticsobjdef_columns',
  'pg_get_triggerdef',
  'pg_get_viewdef',
  'pg_index_column_has_property',
  'pg_index_has_property',
  'pg_indexam_has_property',
  'pg_describe_object',
  'pg_sequence_last_value',
  'pg_relation_filenode',
  'pg_relation_filepath',
  'pg_relation_is_publishable',
  'pg_relation_is_updatable',
  'pg_column_is_updatable',
  'pg_relation_size',
  'pg_table_size',
  'pg_indexes_size',
  'pg_total_relation_size',
  'pg_database_size',
  'pg_tablespace_size',
  'pg_tablespace_location',
  'pg_my_temp_schema',
  'pg_is_other_temp_schema',
  'pg_postmaster_start_time',
  'pg_conf_load_time',
  'pg_cancel_backend',
  'pg_notify',
  'pg_stat_statements_reset',
  'pg_terminate_backend',
  'pg_blocking_pids',
  'pg_reload_conf',
  'pg_advisory_lock',
  'pg_advisory_lock_shared',
  'pg_advisory_unlock',
  'pg_advisory_unlock_all',
  'pg_advisory_unlock_shared',
  'pg_advisory_xact_lock',
  'pg_advisory_xact_lock_shared',
  'pg_try_advisory_lock',
  'pg_try_advisory_lock_shared',
  'pg_try_advisory_xact_lock',
  'pg_try_advisory_xact_lock_shared',
  'current_query',
  'lo_close',
  'lo_creat',
  'lo_create',
  'lo_export',
  'lo_from_bytea',
  'lo_get',
  'lo_import',
  'lo_lseek',
  'lo_lseek64',
  'lo_open',
  'lo_put',
  'lo_tell',
  'lo_tell64',
  'lo_truncate',
  'lo_truncate64',
  'lo_unlink',
  'loread',
  'lowrite',
]);
