// The functions of the contrib module pg_stat_statements (its version 1.10).

import { TypeOid } from '#common';
import type { FunctionSignature } from '../contract.ts';

const { oid, bool, int8, text, float8, numeric, timestamptz } = TypeOid;

type Column = FunctionSignature['outColumns'][number];

const columns = (type: number, names: string): Column[] =>
  names.split(' ').map((name) => ({ name, type }));

const statementColumns: readonly Column[] = [
  ...columns(oid, 'userid dbid'),
  ...columns(bool, 'toplevel'),
  ...columns(int8, 'queryid'),
  ...columns(text, 'query'),
  ...columns(int8, 'plans'),
  ...columns(float8, 'total_plan_time min_plan_time max_plan_time mean_plan_time stddev_plan_time'),
  ...columns(int8, 'calls'),
  ...columns(float8, 'total_exec_time min_exec_time max_exec_time mean_exec_time stddev_exec_time'),
  ...columns(
    int8,
    'rows shared_blks_hit shared_blks_read shared_blks_dirtied shared_blks_written local_blks_hit local_blks_read local_blks_dirtied local_blks_written temp_blks_read temp_blks_written',
  ),
  ...columns(float8, 'blk_read_time blk_write_time temp_blk_read_time temp_blk_write_time'),
  ...columns(int8, 'wal_records wal_fpi'),
  ...columns(numeric, 'wal_bytes'),
  ...columns(int8, 'jit_functions'),
  ...columns(float8, 'jit_generation_time'),
  ...columns(int8, 'jit_inlining_count'),
  ...columns(float8, 'jit_inlining_time'),
  ...columns(int8, 'jit_optimization_count'),
  ...columns(float8, 'jit_optimization_time'),
  ...columns(int8, 'jit_emission_count'),
  ...columns(float8, 'jit_emission_time'),
];

const totalsColumns: readonly Column[] = [
  ...columns(int8, 'dealloc'),
  ...columns(timestamptz, 'stats_reset'),
];

export const statementStatisticsTypes: readonly number[] = statementColumns.map(({ type }) => type);
export const statementTotalsTypes: readonly number[] = totalsColumns.map(({ type }) => type);

function statistics(
  number: number,
  name: string,
  shape: Partial<FunctionSignature>,
): FunctionSignature {
  return {
    oid: number,
    module: 'pg_stat_statements',
    name,
    kind: 'function',
    argumentTypes: [],
    argumentNames: [],
    defaultCount: 0,
    defaults: [],
    variadic: 0,
    resultType: TypeOid.record,
    returnsSet: false,
    strict: true,
    volatility: 'volatile',
    outColumns: [],
    implementation: name,
    aggregateKind: undefined,
    directArgumentCount: 0,
    ...shape,
  };
}

export const statementStatisticsFunctions: readonly FunctionSignature[] = [
  statistics(9_000_301, 'pg_stat_statements', {
    argumentTypes: [bool],
    argumentNames: ['showtext'],
    returnsSet: true,
    outColumns: statementColumns,
  }),
  statistics(9_000_302, 'pg_stat_statements_info', {
    returnsSet: true,
    outColumns: totalsColumns,
  }),
  statistics(9_000_303, 'pg_stat_statements_reset', {
    argumentTypes: [oid, oid, int8],
    argumentNames: ['userid', 'dbid', 'queryid'],
    defaultCount: 3,
    defaults: ['0', '0', '0'],
    resultType: TypeOid.void,
  }),
];
