// What clients ask about the server and their session: version, names, settings, sequences, privileges.
// Questions about the catalog go through the context; catalogQuestions lists those that the executor's
// system catalog answers by their SQL names.

import {
  ArrayValue,
  databaseError,
  DatabaseError,
  type Datum,
  encodingId,
  encodingName,
  type Interval,
  intervalSpan,
  type Numeric,
  SqlState,
  TypeOid,
  typeSend,
  unknownRelation,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import { type Family, forTypes } from '../family.ts';
import { formatType } from '../format-type.ts';

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
    nameconcatoid: (_context, name: string, oid: number) => concatenated(name, oid),
    // Values are never compressed one by one.
    pg_column_compression: () => null,
    satisfies_hash_partition: forTypes(
      ({ argumentTypes }) =>
        (context, parent: Datum, modulus: Datum, remainder: Datum, ...values: Datum[]) => {
          const types = ArrayValue.of(TypeOid.oid, argumentTypes.slice(3));
          const bound = [parent, modulus, remainder];
          return context.catalog.call('satisfies_hash_partition', [...bound, types, ...values]);
        },
    ),
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
    nextval_oid: (context, oid: number) => context.sequences.next(oid),
    identity_value: (context, oid: number) => context.sequences.next(oid, true),
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

/** A name that stays one: what is too long of the first part is cut off. */
function concatenated(name: string, oid: number): string {
  const suffix = `_${oid}`;
  const room = nameBytesMax - suffix.length;
  let kept = name;
  while (Buffer.byteLength(kept) > room) kept = kept.slice(0, -1);
  return kept + suffix;
}
const nameBytesMax = 63;

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
