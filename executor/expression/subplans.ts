// Subqueries as expressions. Without bindings a subplan runs once per execution (an init plan) and its
// result is kept; with bindings it runs per row, its outer values in slots. `= ANY` without
// bindings probes a hash table of the subplan's rows, three-valued as SQL:2016, 8.9 demands.

import {
  type Column,
  type Datum,
  type Expression,
  type SubplanExpression,
  ArrayValue,
  columnValue,
  databaseError,
  elementTypeOf,
} from '#common';
import { stackArrays } from './arrays.ts';
import type { Compile } from './compile-expression.ts';
import type { Columns, Evaluator, ExpressionEnvironment, SubplanSource } from './environment.ts';
import { type KeyHasher, keyHasher } from '../rows/key-hash.ts';

export function compileSubplan(
  expression: SubplanExpression,
  environment: ExpressionEnvironment,
  compile: Compile,
): Evaluator {
  const test = expression.test === undefined ? undefined : compile(expression.test);
  if (expression.bindings.length === 0) {
    const hashed = expression.hashedKeys;
    if (hashed !== undefined && expression.mode === 'any' && test !== undefined) {
      return hashedAny(expression, hashed, { environment, compile, test });
    }
    return initPlan(expression, environment, test);
  }
  const bindings = expression.bindings.map((binding) => ({
    slot: binding.slot,
    evaluate: compile(binding.expression),
  }));
  const run = subplanRunner(expression, environment, test);
  const source = environment.subplan(expression.subplan);
  return (columns, row) => {
    for (const binding of bindings)
      environment.slots[binding.slot] = binding.evaluate(columns, row);
    source.open();
    try {
      return run(source, columns, row);
    } finally {
      source.close();
    }
  };
}

type Run = (source: SubplanSource, columns: Columns, row: number) => Datum;

function subplanRunner(
  expression: SubplanExpression,
  environment: ExpressionEnvironment,
  test: Evaluator | undefined,
): Run {
  switch (expression.mode) {
    case 'scalar':
      return scalarResult;
    case 'exists':
      return (source) => source.next() !== undefined;
    case 'array': {
      const elementType = elementTypeOf(expression.type.oid);
      return (source) => arrayResult(source, elementType);
    }
    case 'any':
    case 'all':
      return quantified(expression, environment, test!);
  }
}

function scalarResult(source: SubplanSource): Datum {
  const batch = source.next();
  if (batch === undefined) return null;
  const value = columnValue(batch.columns[0], 0);
  if (batch.length > 1 || source.next() !== undefined) {
    throw databaseError(
      'cardinalityViolation',
      'more than one row returned by a subquery used as an expression',
    );
  }
  return value;
}

function arrayResult(source: SubplanSource, elementType: number): Datum {
  const values: Datum[] = [];
  for (let batch = source.next(); batch !== undefined; batch = source.next()) {
    const column = batch.columns[0];
    for (let row = 0; row < batch.length; row++) values.push(columnValue(column, row));
  }
  if (values.some((value) => value instanceof ArrayValue)) {
    return stackArrays(elementType, values);
  }
  return ArrayValue.of(elementType, values);
}

/** Tests row by row; the subplan's row reaches the test through slots. */
function quantified(
  expression: SubplanExpression,
  environment: ExpressionEnvironment,
  test: Evaluator,
): Run {
  const any = expression.mode === 'any';
  const slots = expression.outputSlots;
  return (source, columns, row) => {
    let unknown = false;
    for (let batch = source.next(); batch !== undefined; batch = source.next()) {
      for (let inner = 0; inner < batch.length; inner++) {
        setSlots(environment, slots, batch.columns, inner);
        const outcome = test(columns, row);
        if (outcome === any) return any;
        if (outcome === null) unknown = true;
      }
    }
    return unknown ? null : !any;
  };
}

function setSlots(
  environment: ExpressionEnvironment,
  slots: readonly number[],
  columns: readonly Column[],
  row: number,
): void {
  for (let i = 0; i < slots.length; i++) environment.slots[slots[i]] = columnValue(columns[i], row);
}

/** Runs once per execution. any/all keep the rows, since their test reads the calling row too. */
function initPlan(
  expression: SubplanExpression,
  environment: ExpressionEnvironment,
  test: Evaluator | undefined,
): Evaluator {
  const source = environment.subplan(expression.subplan);
  let epoch = -1;
  if (expression.mode === 'any' || expression.mode === 'all') {
    const rows: Datum[][] = [];
    const any = expression.mode === 'any';
    const slots = expression.outputSlots;
    return (columns, row) => {
      if (epoch !== source.epoch) {
        rows.length = 0;
        readRows(source, slots.length, rows);
        epoch = source.epoch;
      }
      return testRows(rows, { environment, slots, any, test: test! }, columns, row);
    };
  }
  const run = subplanRunner(expression, environment, test);
  const known = initValueOf(source);
  return (columns, row) => {
    if (known.epoch !== source.epoch) {
      source.open();
      try {
        known.value = run(source, columns, row);
      } finally {
        source.close();
      }
      known.epoch = source.epoch;
    }
    return known.value;
  };
}

interface InitValue {
  epoch: number;
  value: Datum;
}

/** An expression may be compiled more than once (as a bound of a scan, in a filter); its subplan runs once. */
const initValues = new WeakMap<SubplanSource, InitValue>();

function initValueOf(source: SubplanSource): InitValue {
  let known = initValues.get(source);
  if (known === undefined) initValues.set(source, (known = { epoch: -1, value: null }));
  return known;
}

function readRows(source: SubplanSource, width: number, rows: Datum[][]): void {
  source.open();
  try {
    for (let batch = source.next(); batch !== undefined; batch = source.next()) {
      for (let row = 0; row < batch.length; row++) {
        const values: Datum[] = [];
        for (let i = 0; i < width; i++) values.push(columnValue(batch.columns[i], row));
        rows.push(values);
      }
    }
  } finally {
    source.close();
  }
}

interface RowTest {
  readonly environment: ExpressionEnvironment;
  readonly slots: readonly number[];
  readonly any: boolean;
  readonly test: Evaluator;
}

function testRows(
  rows: readonly Datum[][],
  rowTest: RowTest,
  columns: Columns,
  row: number,
): Datum {
  const { environment, slots, any, test } = rowTest;
  let unknown = false;
  for (const values of rows) {
    for (let i = 0; i < slots.length; i++) environment.slots[slots[i]] = values[i]!;
    const outcome = test(columns, row);
    if (outcome === any) return any;
    if (outcome === null) unknown = true;
  }
  return unknown ? null : !any;
}

interface HashedTest {
  readonly environment: ExpressionEnvironment;
  readonly compile: Compile;
  readonly test: Evaluator;
}

/**
 * Rows without nulls go into a set. An outer row without nulls that is not in it can still be unknown
 * because of the rows with nulls, and an outer row with nulls because of any row: those few cases
 * are tested row by row.
 */
function hashedAny(
  expression: SubplanExpression,
  keys: readonly Expression[],
  { environment, compile, test }: HashedTest,
): Evaluator {
  const source = environment.subplan(expression.subplan);
  const outer = keys.map(compile);
  const hash: KeyHasher = keyHasher(keys.map((key) => key.type.oid));
  const rowTest = { environment, slots: expression.outputSlots, any: true, test };
  const members = new Set<unknown>();
  const rowsWithNulls: Datum[][] = [];
  let epoch = -1;
  const values: Datum[] = keys.map(() => null);
  const fill = (): void => {
    members.clear();
    rowsWithNulls.length = 0;
    const rows: Datum[][] = [];
    readRows(source, keys.length, rows);
    for (const row of rows) {
      if (row.includes(null)) rowsWithNulls.push(row);
      else if (!members.has(hash(row))) members.add(hash(row));
    }
    all = rows;
    epoch = source.epoch;
  };
  let all: readonly Datum[][] = [];
  return (columns, row) => {
    if (epoch !== source.epoch) fill();
    if (all.length === 0) return false;
    let hasNull = false;
    for (let i = 0; i < outer.length; i++) {
      const value = outer[i](columns, row);
      if (value === null) hasNull = true;
      values[i] = value;
    }
    if (hasNull) return values.length === 1 ? null : testRows(all, rowTest, columns, row);
    if (members.has(hash(values))) return true;
    if (rowsWithNulls.length === 0) return false;
    return values.length === 1 ? null : testRows(rowsWithNulls, rowTest, columns, row);
  };
}
