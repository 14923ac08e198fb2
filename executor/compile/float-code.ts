// float8 arithmetic and casts to float8, with PostgreSQL's overflow and underflow errors.

import { type CallExpression, databaseError } from '#common';
import { functionRegistry } from '#functions';
import { eitherNull } from './arithmetic-code.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { CompiledValue } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

const operators: Readonly<Record<string, '+' | '-' | '*'>> = {
  float8pl: '+',
  float8mi: '-',
  float8mul: '*',
};
const fromWhole: ReadonlySet<string> = new Set(['i2tod', 'i4tod', 'i8tod', 'numeric_float8']);
/** Powers of ten up to this one are exact in doubles, so one division rounds correctly. */
const exactPowerMax = 22;

export function floatKernel(
  compiler: ExpressionCompiler,
  expression: CallExpression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const name = functionRegistry.functionByOid(expression.functionOid)?.implementation ?? '';
  if (fromWhole.has(name)) return floatOfWhole(compiler, expression, columns);
  const operator = operators[name];
  if (operator === undefined) return undefined;
  const left = compiler.compile(expression.arguments[0], columns);
  const right = compiler.compile(expression.arguments[1], columns);
  if (left.kind !== 'float' || right.kind !== 'float') return undefined;
  const { writer } = compiler;
  const isNull = eitherNull(compiler, left.isNull, right.isNull);
  const code = writer.declare(`${left.code} ${operator} ${right.code}`);
  const suspicious =
    operator === '*' ? `!(${code} - ${code} === 0) || ${code} === 0` : `!(${code} - ${code} === 0)`;
  const check = writer.bindObject(operator === '*' ? checkProduct : checkSum);
  const guard = isNull === undefined ? suspicious : `!${isNull} && (${suspicious})`;
  writer.line(`if (${guard}) ${check}(${left.code}, ${right.code}, ${code});`);
  return { kind: 'float', code, isNull };
}

function floatOfWhole(
  compiler: ExpressionCompiler,
  expression: CallExpression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const value = compiler.compile(expression.arguments[0], columns);
  if (value.kind !== 'integer' || value.scale > exactPowerMax) return undefined;
  if (value.scale === 0) return { kind: 'float', code: value.code, isNull: value.isNull };
  const code = compiler.writer.declare(`${value.code} / ${10 ** value.scale}`);
  return { kind: 'float', code, isNull: value.isNull };
}

function checkSum(left: number, right: number, result: number): void {
  if (!Number.isFinite(result) && Number.isFinite(left) && Number.isFinite(right))
    throw databaseError('numericValueOutOfRange', 'value out of range: overflow');
}

function checkProduct(left: number, right: number, result: number): void {
  checkSum(left, right, result);
  if (result === 0 && left !== 0 && right !== 0)
    throw databaseError('numericValueOutOfRange', 'value out of range: underflow');
}
