// Calls of set-returning functions: FROM function(…), and such calls in a target list.

import {
  type Datum,
  type Expression,
  RecordValue,
  notSupported,
  typeByOid,
  TypeOid,
} from '#common';
import { type FunctionContext, functionRegistry, type notYet, typeResolution } from '#functions';
import { callTypes } from '../expression/calls.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Columns, Evaluator, ExpressionEnvironment } from '../expression/environment.ts';

export type SetRow = Datum | readonly Datum[] | typeof notYet;
/** The rows of one call in one input row; a plain expression is a set of one. */
export type SetEvaluator = (columns: Columns, row: number) => Iterator<SetRow>;

type Implementation = (context: FunctionContext, ...args: Datum[]) => Iterable<SetRow>;

export function returnsSet(expression: Expression): boolean {
  return (
    expression.kind === 'call' &&
    functionRegistry.functionByOid(expression.functionOid)?.returnsSet === true
  );
}

export function compileSet(
  expression: Expression,
  environment: ExpressionEnvironment,
): SetEvaluator {
  if (expression.kind !== 'call' || !returnsSet(expression)) {
    const evaluator = compileExpression(expression, environment);
    return (columns, row) => [evaluator(columns, row)][Symbol.iterator]();
  }
  const signature = functionRegistry.functionByOid(expression.functionOid)!;
  const implementation = functionRegistry.set(
    expression.functionOid,
    callTypes(expression),
  ) as unknown as Implementation | undefined;
  if (implementation === undefined) throw notSupported(`set-returning function ${signature.name}`);
  const evaluators: readonly Evaluator[] = expression.arguments.map((argument) =>
    compileExpression(argument, environment),
  );
  const spread = expression.variadicArray === true;
  return (columns, row) => {
    const values = evaluators.map((evaluator) => evaluator(columns, row));
    if (signature.strict && values.includes(null)) return emptyRows[Symbol.iterator]();
    const args = spread ? spreadLast(values) : values;
    return implementation(environment.functions, ...args)[Symbol.iterator]();
  };
}

const emptyRows: readonly SetRow[] = [];

function spreadLast(values: readonly Datum[]): Datum[] {
  const array = values[values.length - 1]!;
  const elements = (array as { readonly elements: readonly Datum[] }).elements;
  return [...values.slice(0, -1), ...elements];
}

/** Does the call return rows, whose columns stand for themselves in FROM? */
export function returnsRows({ type }: Expression): boolean {
  return type.oid === TypeOid.record || typeByOid(type.oid)?.kind === 'composite';
}

/** The columns of a row of a call; a record is spread over as many columns as the call has. */
export function rowColumns(
  value: SetRow,
  columnCount: number,
  target: Datum[],
  spreads = false,
): void {
  const fields = Array.isArray(value)
    ? (value as readonly Datum[])
    : value instanceof RecordValue && (columnCount !== 1 || spreads)
      ? value.fields
      : undefined;
  if (fields === undefined) {
    target.push(value as Datum);
    for (let i = 1; i < columnCount; i++) target.push(null);
    return;
  }
  for (let i = 0; i < columnCount; i++) target.push(fields[i] ?? null);
}

export type OutColumns = ReturnType<typeof typeResolution.outColumns>;

/** The OUT columns of a set-returning call; none for other expressions. */
export function outColumnsOf(expression: Expression): OutColumns {
  if (expression.kind !== 'call') return [];
  const types = expression.arguments.map((argument) => argument.type.oid);
  return typeResolution.outColumns(expression.functionOid, types);
}

/** A row of OUT columns as one value, for a call in a target list. */
export function singleValue(value: SetRow, outColumns: OutColumns): Datum {
  if (!Array.isArray(value)) return value as Datum;
  const fields = value as readonly Datum[];
  if (outColumns.length <= 1) return fields[0] ?? null;
  return new RecordValue(
    outColumns.map((column) => column.type),
    fields,
    outColumns.map((column) => column.name),
  );
}
