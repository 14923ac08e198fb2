// Calls of scalar functions and operators.

import {
  ArrayValue,
  type CallExpression,
  type Datum,
  type Expression,
  elementTypeOf,
  notSupported,
  TypeOid,
} from '#common';
import { type CallTypes, type FunctionContext, functionRegistry } from '#functions';
import type { Compile } from './compile-expression.ts';
import type { Evaluator, ExpressionEnvironment } from './environment.ts';
import { comparisonFunction, nativeComparison } from './native-comparison.ts';

type Implementation = (context: FunctionContext, ...args: Datum[]) => Datum;

/** The implementation of a scalar function; 0A000 when PostgreSQL has it and this server does not. */
export function scalarImplementation(functionOid: number, types?: CallTypes): Implementation {
  const implementation = functionRegistry.scalar(functionOid, types);
  if (implementation === undefined) {
    const name = functionRegistry.functionByOid(functionOid)?.name ?? String(functionOid);
    throw notSupported(`function ${name}`);
  }
  return implementation as unknown as Implementation;
}

export function isStrict(functionOid: number): boolean {
  return functionRegistry.functionByOid(functionOid)?.strict ?? true;
}

/** Boolean function of two non-null values of these types, by oid: comparisons of rows, CASE, IN lists. */
export function booleanFunction(
  functionOid: number,
  argumentTypes: readonly [left: number, right: number],
  environment: ExpressionEnvironment,
): (left: Datum, right: Datum) => Datum {
  const native = nativeComparison(functionOid);
  if (native !== undefined) return comparisonFunction(native);
  const implementation = scalarImplementation(functionOid, {
    argumentTypes,
    resultType: TypeOid.bool,
  });
  return (left, right) => implementation(environment.functions, left, right);
}

export function compileCall(
  expression: CallExpression,
  environment: ExpressionEnvironment,
  compile: Compile,
): Evaluator {
  const native = nativeComparison(expression.functionOid);
  if (native !== undefined && expression.arguments.length === 2) {
    return compileNativeComparison(expression.arguments, comparisonFunction(native), compile);
  }
  const implementation = scalarImplementation(expression.functionOid, callTypes(expression));
  const signature = functionRegistry.functionByOid(expression.functionOid);
  const evaluators = expression.arguments.map(compile);
  const strict = signature?.strict ?? true;
  if (signature !== undefined && signature.variadic !== 0) {
    return compileVariadic(expression, { implementation, strict, environment, evaluators });
  }
  return strict
    ? strictCall(implementation, evaluators, environment)
    : lenientCall(implementation, evaluators, environment);
}

/** The types of a call, for functions over polymorphic types. */
export function callTypes(expression: {
  readonly arguments: readonly Expression[];
  readonly type: { readonly oid: number };
  readonly columns?: CallExpression['columns'];
  readonly variadicArray?: boolean;
  readonly inputCollation?: number;
}): CallTypes {
  const argumentTypes = expression.arguments.map(declaredType);
  if (expression.variadicArray === true) {
    argumentTypes.push(elementTypeOf(argumentTypes.pop()!));
  }
  const resultType = expression.type.oid;
  const { columns, inputCollation } = expression;
  return {
    argumentTypes,
    resultType,
    ...(columns === undefined ? {} : { columns }),
    ...(inputCollation === undefined ? {} : { inputCollation }),
  };
}

/** A row that stands for any record keeps the type that says what its columns are. */
function declaredType(argument: Expression): number {
  const { type } = argument;
  const isRow = argument.kind === 'cast' && argument.method === 'relabel';
  return isRow && type.oid === TypeOid.record ? argument.argument.type.oid : type.oid;
}

function compileNativeComparison(
  operands: readonly Expression[],
  compare: (left: Datum, right: Datum) => boolean,
  compile: Compile,
): Evaluator {
  const left = compile(operands[0]);
  const constant = operands[1];
  if (constant.kind === 'constant') {
    const right = constant.value;
    if (right === null) return () => null;
    return (columns, row) => {
      const value = left(columns, row);
      return value === null ? null : compare(value, right);
    };
  }
  const right = compile(constant);
  return (columns, row) => {
    const leftValue = left(columns, row);
    if (leftValue === null) return null;
    const rightValue = right(columns, row);
    return rightValue === null ? null : compare(leftValue, rightValue);
  };
}

function strictCall(
  implementation: Implementation,
  evaluators: readonly Evaluator[],
  environment: ExpressionEnvironment,
): Evaluator {
  const [first, second, third] = evaluators;
  switch (evaluators.length) {
    case 0:
      return () => implementation(environment.functions);
    case 1:
      return (columns, row) => {
        const value = first(columns, row);
        return value === null ? null : implementation(environment.functions, value);
      };
    case 2:
      return (columns, row) => {
        const left = first(columns, row);
        if (left === null) return null;
        const right = second(columns, row);
        return right === null ? null : implementation(environment.functions, left, right);
      };
    case 3:
      return (columns, row) => {
        const a = first(columns, row);
        if (a === null) return null;
        const b = second(columns, row);
        if (b === null) return null;
        const c = third(columns, row);
        return c === null ? null : implementation(environment.functions, a, b, c);
      };
    default:
      return (columns, row) => {
        const values: Datum[] = [];
        for (const evaluator of evaluators) {
          const value = evaluator(columns, row);
          if (value === null) return null;
          values.push(value);
        }
        return implementation(environment.functions, ...values);
      };
  }
}

function lenientCall(
  implementation: Implementation,
  evaluators: readonly Evaluator[],
  environment: ExpressionEnvironment,
): Evaluator {
  const [first, second] = evaluators;
  switch (evaluators.length) {
    case 1:
      return (columns, row) => implementation(environment.functions, first(columns, row));
    case 2:
      return (columns, row) =>
        implementation(environment.functions, first(columns, row), second(columns, row));
    default:
      return (columns, row) => {
        const values = evaluators.map((evaluator) => evaluator(columns, row));
        return implementation(environment.functions, ...values);
      };
  }
}

interface VariadicCall {
  readonly implementation: Implementation;
  readonly strict: boolean;
  readonly environment: ExpressionEnvironment;
  readonly evaluators: readonly Evaluator[];
}

/** VARIADIC array: the implementation takes the elements as further arguments. */
function compileVariadic(expression: CallExpression, call: VariadicCall): Evaluator {
  const { implementation, strict, environment, evaluators } = call;
  if (expression.variadicArray !== true) {
    return strict
      ? strictCall(implementation, evaluators, environment)
      : lenientCall(implementation, evaluators, environment);
  }
  const last = evaluators.length - 1;
  // Of all these functions only format() takes a null array as no arguments.
  const nullCountsAsEmpty =
    functionRegistry.functionByOid(expression.functionOid)?.name === 'format';
  return (columns, row) => {
    const values = evaluators.map((evaluator) => evaluator(columns, row));
    const array = values[last]!;
    if (strict && values.includes(null)) return null;
    if (array === null && !nullCountsAsEmpty) return null;
    const elements = array instanceof ArrayValue ? array.elements : [];
    return implementation(environment.functions, ...values.slice(0, last), ...elements);
  };
}
