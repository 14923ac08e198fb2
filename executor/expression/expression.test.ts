// The interpreter, node by node: three-valued logic against its truth tables, laziness, rows, arrays,
// subscripts, IN lists, and that the filter kernels agree with the closures on every column kind.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  ArrayValue,
  type Batch,
  type Column,
  type Datum,
  type Expression,
  RecordValue,
  TypeOid,
  genericColumn,
  sqlType,
} from '#common';
import { bool, constant, input, int4, plainFunctions, text } from '../testing/plans.ts';
import { compileExpression } from './compile-expression.ts';
import { type ExpressionEnvironment, noColumns } from './environment.ts';
import { compileFilter } from './filter.ts';

const int4Array = sqlType(TypeOid.int4Array);
const float8 = sqlType(TypeOid.float8);

function environment(parameters: readonly Datum[] = []): ExpressionEnvironment {
  return {
    parameters,
    slots: [],
    functions: plainFunctions,
    caseTest: null,
    subplan: () => {
      throw new Error('no subplans here');
    },
  };
}

function evaluate(expression: Expression, parameters: readonly Datum[] = []): Datum {
  return compileExpression(expression, environment(parameters))(noColumns, 0);
}

const truth = [true, false, null] as const;
const boolean = (value: Datum): Expression => constant(value, bool);
const number = (value: Datum): Expression => constant(value, int4);

function call(functionOid: number, ...args: Expression[]): Expression {
  return { kind: 'call', functionOid, arguments: args, type: bool };
}
const divisionByZero: Expression = {
  kind: 'call',
  functionOid: 65,
  arguments: [
    { kind: 'call', functionOid: 154, arguments: [number(1), number(0)], type: int4 },
    number(1),
  ],
  type: bool,
};

test('AND, OR and NOT', () => {
  for (const left of truth) {
    for (const right of truth) {
      const both =
        left === false || right === false ? false : left === null || right === null ? null : true;
      const either =
        left === true || right === true ? true : left === null || right === null ? null : false;
      const operands = [boolean(left), boolean(right)];
      assert.equal(evaluate({ kind: 'and', arguments: operands, type: bool }), both);
      assert.equal(evaluate({ kind: 'or', arguments: operands, type: bool }), either);
      assert.equal(
        evaluate({ kind: 'and', arguments: [...operands, boolean(true)], type: bool }),
        both,
      );
    }
    assert.equal(
      evaluate({ kind: 'not', argument: boolean(left), type: bool }),
      left === null ? null : !left,
    );
  }
});

test('only what is needed is evaluated', () => {
  assert.throws(() => evaluate(divisionByZero), /division by zero/);
  assert.equal(
    evaluate({ kind: 'and', arguments: [boolean(false), divisionByZero], type: bool }),
    false,
  );
  assert.equal(
    evaluate({ kind: 'or', arguments: [boolean(true), divisionByZero], type: bool }),
    true,
  );
  assert.equal(
    evaluate({ kind: 'coalesce', arguments: [boolean(true), divisionByZero], type: bool }),
    true,
  );
  assert.equal(
    evaluate({
      kind: 'case',
      branches: [{ when: boolean(true), then: boolean(false) }],
      otherwise: divisionByZero,
      type: bool,
    }),
    false,
  );
});

test('a simple CASE in the operand of another', () => {
  const caseTest: Expression = { kind: 'caseTest', type: int4 };
  const simple = (operand: Expression, when: number, then: number): Expression => ({
    kind: 'case',
    operand,
    branches: [{ when: call(65, caseTest, number(when)), then: number(then) }],
    otherwise: caseTest,
    type: int4,
  });
  assert.equal(evaluate(simple(simple(number(1), 1, 2), 2, 3)), 3);
  assert.equal(evaluate(simple(number(7), 1, 2)), 7);
});

test('IS NULL of a row asks its fields', () => {
  const row = (...values: Datum[]): Expression => ({
    kind: 'row',
    fields: values.map(number),
    type: sqlType(TypeOid.record),
  });
  const isNull = (argument: Expression, negated: boolean): Expression => ({
    kind: 'isNull',
    argument,
    negated,
    rowwise: true,
    type: bool,
  });
  assert.equal(evaluate(isNull(row(null, null), false)), true);
  assert.equal(evaluate(isNull(row(1, null), false)), false);
  assert.equal(evaluate(isNull(row(1, null), true)), false);
  assert.equal(evaluate(isNull(row(1, 2), true)), true);
  assert.ok(evaluate(row(1)) instanceof RecordValue);
});

test('IN lists, short and long, with nulls', () => {
  const list = (
    values: readonly Datum[],
    left: Datum,
    quantifier: 'any' | 'all',
    functionOid: number,
  ): Datum =>
    evaluate({
      kind: 'arrayComparison',
      quantifier,
      functionOid,
      operatorOid: 0,
      left: number(left),
      array: constant(ArrayValue.of(TypeOid.int4, values), int4Array),
      type: bool,
    });
  const long = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  for (const values of [[1, 2], long]) {
    assert.equal(list(values, 2, 'any', 65), true);
    assert.equal(list(values, 77, 'any', 65), false);
    assert.equal(list([...values, null], 77, 'any', 65), null);
    assert.equal(list([...values, null], 1, 'any', 65), true);
    assert.equal(list(values, null, 'any', 65), null);
    assert.equal(list(values, 77, 'all', 144), true);
    assert.equal(list([...values, null], 77, 'all', 144), null);
    assert.equal(list([...values, null], 1, 'all', 144), false);
  }
  assert.equal(list([], null, 'any', 65), false);
  assert.equal(list([], null, 'all', 65), true);
});

test('subscripts and slices', () => {
  const array = constant(ArrayValue.of(TypeOid.int4, [10, 20, 30]), int4Array);
  const at = (lower: number | undefined, upper?: number, slice = false): Datum =>
    evaluate({
      kind: 'subscript',
      argument: array,
      subscripts: [
        {
          slice,
          lower: lower === undefined ? undefined : number(lower),
          upper: upper === undefined ? undefined : number(upper),
        },
      ],
      type: int4,
    });
  assert.equal(at(2), 20);
  assert.equal(at(0), null);
  assert.equal(at(4), null);
  assert.deepEqual((at(2, 9, true) as ArrayValue).elements, [20, 30]);
  assert.deepEqual((at(undefined, 1, true) as ArrayValue).elements, [10]);
  assert.deepEqual((at(3, 2, true) as ArrayValue).dimensions, []);
});

test('casts through text', () => {
  const cast = (argument: Expression, oid: number, typmod = -1): Expression => ({
    kind: 'cast',
    method: 'io',
    argument,
    explicit: true,
    type: sqlType(oid, typmod),
  });
  assert.equal(evaluate(cast(number(42), TypeOid.text)), '42');
  assert.equal(evaluate(cast(constant(' 42 ', text), TypeOid.int4)), 42);
  assert.equal(evaluate(cast(number(12345), TypeOid.varchar, 3 + 4)), '123');
  assert.throws(
    () => evaluate(cast(constant('x', text), TypeOid.int4)),
    /invalid input syntax for type integer: "x"/,
  );
});

const int4Comparisons = [65, 144, 66, 149, 147, 150];
const float8Comparisons = [293, 294, 295, 296, 297, 298];

function typed(
  values: readonly (number | null)[],
  make: (values: number[]) => Column['values'],
): Column {
  return {
    values: make(values.map((value) => value ?? 0)),
    nulls: values.includes(null)
      ? Uint8Array.from(values, (value) => (value === null ? 1 : 0))
      : undefined,
    boolean: false,
  };
}

function assertFilterAgrees(condition: Expression, column: Column, length: number): void {
  const batch: Batch = { length, columns: [column] };
  const selection = new Int32Array(length);
  const count = compileFilter(condition, environment())(batch, selection);
  const evaluator = compileExpression(condition, environment());
  const expected: number[] = [];
  for (let row = 0; row < length; row++)
    if (evaluator(batch.columns, row) === true) expected.push(row);
  assert.deepEqual([...selection.subarray(0, count)], expected);
}

test('filter kernels agree with closures', () => {
  const values = fc.array(fc.option(fc.integer({ min: -3, max: 3 }), { nil: null }), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(
      values,
      fc.integer({ min: -3, max: 3 }),
      fc.nat(5),
      fc.boolean(),
      (data, comparand, which, turned) => {
        const operands = [input(0, int4), number(comparand)];
        const condition = call(
          int4Comparisons[which],
          ...(turned ? operands.toReversed() : operands),
        );
        for (const column of [
          genericColumn(data),
          typed(data, (numbers) => Int32Array.from(numbers)),
          typed(data, (numbers) => Float64Array.from(numbers)),
        ]) {
          assertFilterAgrees(condition, column, data.length);
        }
      },
    ),
  );
});

test('filter kernels order NaN last', () => {
  const floats = [NaN, -Infinity, -1, 0, 1, Infinity];
  for (const functionOid of float8Comparisons) {
    for (const comparand of floats) {
      for (const turned of [false, true]) {
        const operands = [input(0, float8), constant(comparand, float8)];
        const condition = call(functionOid, ...(turned ? operands.toReversed() : operands));
        assertFilterAgrees(
          condition,
          typed(floats, (numbers) => Float64Array.from(numbers)),
          floats.length,
        );
        assertFilterAgrees(condition, genericColumn(floats), floats.length);
      }
    }
  }
  const greater = compileExpression(
    call(297, constant(NaN, float8), constant(1, float8)),
    environment(),
  );
  assert.equal(greater(noColumns, 0), true);
});
