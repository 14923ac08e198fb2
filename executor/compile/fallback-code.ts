// Expressions without a kernel: the row's inputs are handed to the interpreter as one-row columns.

import { type Column, type Datum, type Expression, TypeOid, genericColumn } from '#common';
import { visitExpression } from '../expression/walk.ts';
import type { ColumnBindings } from './column-bindings.ts';
import {
  type CompiledValue,
  datumCode,
  datumValue,
  floatTypes,
  numberBounds,
} from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

/** One row for the interpreter. */
export interface RowSlot {
  readonly values: readonly Datum[][];
  readonly columns: readonly Column[];
}

export function makeRowSlot(width: number): RowSlot {
  const values = Array.from({ length: width }, (): Datum[] => [null]);
  return { values, columns: values.map(genericColumn) };
}

export function compileFallback(
  compiler: ExpressionCompiler,
  expression: Expression,
  columns: ColumnBindings,
): CompiledValue {
  const { writer, state, caseTest } = compiler;
  const row = fillRow(compiler, [expression], columns);
  if (caseTest !== undefined) {
    const environment = writer.bindObject(state.environment);
    writer.line(
      `${environment}.caseTest = ${datumCode(caseTest.value, caseTest.typeOid, writer)};`,
    );
  }
  const evaluate = writer.bindObject(state.evaluator(expression));
  return interpretedValue(compiler, writer.declare(`${evaluate}(${row}, 0)`), expression);
}

/** Puts what the expressions read into a row; the name of its columns. */
export function fillRow(
  compiler: ExpressionCompiler,
  expressions: readonly Expression[],
  columns: ColumnBindings,
): string {
  const { writer } = compiler;
  const inputs = new Map<number, Expression>();
  for (const expression of expressions) collectInputs(expression, inputs);
  const slot = makeRowSlot(columns.length);
  for (const [ordinal, input] of inputs) {
    const value = compiler.compile(input, columns);
    const place = writer.bindObject(slot.values[ordinal]);
    writer.line(`${place}[0] = ${datumCode(value, input.type.oid, writer)};`);
  }
  return writer.bindObject(slot.columns);
}

function collectInputs(expression: Expression, inputs: Map<number, Expression>): void {
  visitExpression(expression, (inner) => {
    if (inner.kind === 'input') inputs.set(inner.ordinal, inner);
  });
}

/** A datum in the representation that code for its type expects. */
function interpretedValue(
  compiler: ExpressionCompiler,
  datum: string,
  expression: Expression,
): CompiledValue {
  const { writer } = compiler;
  const { oid } = expression.type;
  const bounds = numberBounds(oid);
  if (bounds !== undefined || floatTypes.has(oid)) {
    const isNull = writer.declare(`${datum} === null`);
    const code = writer.declare(`${isNull} ? 0 : ${datum}`);
    if (bounds === undefined) return { kind: 'float', code, isNull };
    return { kind: 'integer', code, isNull, scale: 0, min: bounds[0], max: bounds[1] };
  }
  if (oid === TypeOid.bool) {
    const isNull = writer.declare(`${datum} === null`);
    return { kind: 'boolean', code: writer.declare(`${datum} === true`), isNull };
  }
  return datumValue(datum);
}
