// Plans, contexts and rows for tests: operators over VALUES, without storage or a session.

import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  type Batch,
  type Datum,
  type Expression,
  type OrderKey,
  type SqlType,
  TypeOid,
  columnValue,
  sqlType,
} from '#common';
import type { FunctionContext } from '#functions';
import type { PhysicalNode, PhysicalPlan, PhysicalValues } from '#planner';
import { type ExecutionContext, again } from '../contract.ts';
import type { Operator } from '../operators/operator.ts';
import { Runtime } from '../runtime.ts';

let nextId = 1;

/** The fields that every node has. */
export function nodeFields(types: readonly SqlType[]): {
  readonly id: number;
  readonly types: readonly SqlType[];
  readonly estimatedRows: number;
  readonly startupCost: number;
  readonly totalCost: number;
} {
  return { id: nextId++, types, estimatedRows: 1, startupCost: 0, totalCost: 1 };
}

export const int4 = sqlType(TypeOid.int4);
export const text = sqlType(TypeOid.text);
export const bool = sqlType(TypeOid.bool);

export function constant(value: Datum, type: SqlType): Expression {
  return { kind: 'constant', value, type };
}

export function input(ordinal: number, type: SqlType): Expression {
  return { kind: 'input', ordinal, type };
}

export function ascending(expression: Expression): OrderKey {
  return { expression, descending: false, nullsFirst: false };
}

export function valuesNode(
  types: readonly SqlType[],
  rows: readonly (readonly Datum[])[],
): PhysicalValues {
  return {
    kind: 'values',
    rows: rows.map((row) => row.map((value, i) => constant(value, types[i]))),
    ...nodeFields(types),
  };
}

export function planOf(root: PhysicalNode, extra: Partial<PhysicalPlan> = {}): PhysicalPlan {
  return {
    command: 'SELECT',
    root,
    resultOrdinals: root.types.map((_type, i) => i),
    results: [],
    subplans: [],
    ctes: [],
    slotCount: 0,
    parameterTypes: [],
    readOnly: true,
    relations: [],
    ...extra,
  };
}

export const plainFunctions = {
  dateStyle: 'ISO, MDY',
  intervalStyle: 'postgres',
  timeZone: 'Etc/UTC',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  transactionTimestamp: 0,
  statementTimestamp: 0,
  currentUser: 'postgres',
  sessionUser: 'postgres',
  databaseName: 'postgres',
  searchPath: ['public'],
  checkCancel: () => {},
} as unknown as FunctionContext;

/** A context without storage. `sliceEvery`: on average every so many polls the time slice is over. */
export function testContext(
  options: { workMemBytes?: number; sliceEvery?: number } = {},
): ExecutionContext {
  let state = 12345;
  const sliceEvery = options.sliceEvery ?? 0;
  return {
    functions: plainFunctions,
    parameters: [],
    workMemBytes: options.workMemBytes ?? 1 << 22,
    spillDirectory: join(tmpdir(), 'lattice-executor-test'),
    interrupt: {
      check: () => {},
      sliceOver: () => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return sliceEvery > 0 && (state >>> 8) % sliceEvery === 0;
      },
    },
    session: {
      notice: () => {},
      deferConstraintCheck: () => {},
      constraintsDeferred: () => false,
    },
  } as unknown as ExecutionContext;
}

export type Build = (node: PhysicalNode, runtime: Runtime) => Operator;

/** Runs a node to its end and returns its rows. */
export function runNode(
  node: PhysicalNode,
  build: Build,
  context: ExecutionContext,
  extra: Partial<PhysicalPlan> = {},
): Datum[][] {
  const runtime = new Runtime(planOf(node, extra), build);
  runtime.begin(context);
  const operator = build(node, runtime);
  operator.open();
  const rows = drain(operator);
  operator.close();
  runtime.end();
  return rows;
}

export function drain(operator: Operator): Datum[][] {
  const rows: Datum[][] = [];
  for (;;) {
    const pulled = operator.next();
    if (pulled === again) continue;
    if (pulled === undefined) return rows;
    rows.push(...batchRowsOf(pulled));
  }
}

export function batchRowsOf(batch: Batch): Datum[][] {
  const rows: Datum[][] = [];
  for (let row = 0; row < batch.length; row++)
    rows.push(batch.columns.map((column) => columnValue(column, row)));
  return rows;
}

/** Rows as sorted strings, to compare as multisets. */
export function multiset(rows: readonly (readonly Datum[])[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(row, (_key, value: unknown) =>
        typeof value === 'bigint' ? `${value}n` : value,
      ),
    )
    .sort();
}
