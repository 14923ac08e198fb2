// Comparisons of two values of one representation.

import { type CallExpression, type Expression, type Numeric, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import { type Comparison, mirrored, nativeComparison } from '../expression/native-comparison.ts';
import { eitherNull, rescaled } from './arithmetic-code.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { BooleanValue, CompiledValue, IntegerValue } from './compiled-value.ts';
import { decimalBound } from './decimal-bound.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

interface KnownComparison {
  readonly comparison: Comparison;
  readonly float: boolean;
  /** What turns the side into the other's unit (a date into a timestamp). */
  readonly leftFactor: number;
  readonly rightFactor: number;
}

const microsPerDay = 86_400_000_000;
const suffixes: Readonly<Record<string, Comparison>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
};

/** pg_proc.prosrc of comparisons that are none of the interpreter's native ones. */
const byName = new Map<string, KnownComparison>();
for (const [suffix, comparison] of Object.entries(suffixes)) {
  const plain = { comparison, float: false, leftFactor: 1, rightFactor: 1 };
  byName.set(`numeric_${suffix}`, plain);
  byName.set(`date_${suffix}_timestamp`, { ...plain, leftFactor: microsPerDay });
  byName.set(`timestamp_${suffix}_date`, { ...plain, rightFactor: microsPerDay });
}

export function comparisonOf(functionOid: number): KnownComparison | undefined {
  const native = nativeComparison(functionOid);
  if (native !== undefined) return { ...native, leftFactor: 1, rightFactor: 1 };
  const signature = functionRegistry.functionByOid(functionOid);
  return signature === undefined ? undefined : byName.get(signature.implementation);
}

export function comparisonKernelKnown(expression: CallExpression): boolean {
  return expression.arguments.length === 2 && comparisonOf(expression.functionOid) !== undefined;
}

export function comparisonKernel(
  compiler: ExpressionCompiler,
  expression: CallExpression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const known = comparisonOf(expression.functionOid);
  if (known === undefined || expression.arguments.length !== 2) return undefined;
  const left = compiler.compile(expression.arguments[0], columns);
  const right = compiler.compile(expression.arguments[1], columns);
  const isNull = eitherNull(compiler, left.isNull, right.isNull);
  const text = comparisonText(compiler, known, left, right);
  if (text !== undefined) return booleanOf(compiler, text, isNull);
  const [first, second] = expression.arguments;
  const { comparison } = known;
  return (
    decimalComparison(compiler, { value: left, comparison, constant: second }) ??
    decimalComparison(compiler, { value: right, comparison: mirrored(comparison), constant: first })
  );
}

/** A decimal column and a constant with more digits. */
function decimalComparison(
  compiler: ExpressionCompiler,
  parts: {
    readonly value: CompiledValue;
    readonly comparison: Comparison;
    readonly constant: Expression;
  },
): BooleanValue | undefined {
  const { value, comparison } = parts;
  if (value.kind !== 'integer' || parts.constant.type.oid !== TypeOid.numeric) return undefined;
  const constant = compiler.state.constants.find(parts.constant);
  if (constant === undefined || constant.datum() === null) return undefined;
  compiler.assumptions.push(() => constant.datum() !== null);
  const { scale } = value;
  const bound = compiler.writer.bind(() =>
    decimalBound(constant.datum() as Numeric, scale, comparison),
  );
  return booleanOf(compiler, `${value.code} ${operator(comparison)} ${bound}`, value.isNull);
}

export function booleanOf(
  compiler: ExpressionCompiler,
  text: string,
  isNull: string | undefined,
): BooleanValue {
  const code = compiler.writer.declare(isNull === undefined ? text : `!${isNull} && (${text})`);
  return { kind: 'boolean', code, isNull };
}

function comparisonText(
  compiler: ExpressionCompiler,
  known: KnownComparison,
  left: CompiledValue,
  right: CompiledValue,
): string | undefined {
  const { comparison } = known;
  if (left.kind === 'integer' && right.kind === 'integer') {
    const pair = aligned(compiler, scaledBy(compiler, left, known.leftFactor), {
      ...scaledBy(compiler, right, known.rightFactor),
    });
    return pair && `${pair[0]} ${operator(comparison)} ${pair[1]}`;
  }
  if (left.kind === 'float' && right.kind === 'float' && known.float)
    return floatText(comparison, left.code, right.code);
  if (left.kind === 'boolean' && right.kind === 'boolean')
    return `${left.code} ${operator(comparison)} ${right.code}`;
  return undefined;
}

function scaledBy(compiler: ExpressionCompiler, value: IntegerValue, factor: number): IntegerValue {
  if (factor === 1) return value;
  const code = compiler.writer.declare(`${value.code} * ${factor}`);
  return { ...value, code, min: value.min * factor, max: value.max * factor };
}

/** Both sides in the same unit, or undefined when doubles may not hold one of them. */
function aligned(
  compiler: ExpressionCompiler,
  left: IntegerValue,
  right: IntegerValue,
): readonly [string, string] | undefined {
  const scale = Math.max(left.scale, right.scale);
  const first = rescaled(compiler, left, scale);
  const second = rescaled(compiler, right, scale);
  if (first === undefined || second === undefined) return undefined;
  const widest = Math.max(-first.min, first.max, -second.min, second.max);
  return widest > Number.MAX_SAFE_INTEGER ? undefined : [first.code, second.code];
}

export function operator(comparison: Comparison): string {
  return comparison === '=' ? '===' : comparison === '<>' ? '!==' : comparison;
}

/** NaN equals NaN and is above everything. */
function floatText(comparison: Comparison, left: string, right: string): string {
  const equal = `(${left} === ${right} || (${left} !== ${left} && ${right} !== ${right}))`;
  const less = (one: string, other: string): string =>
    `(${one} < ${other} || (${other} !== ${other} && ${one} === ${one}))`;
  switch (comparison) {
    case '=':
      return equal;
    case '<>':
      return `!${equal}`;
    case '<':
      return less(left, right);
    case '>':
      return less(right, left);
    case '<=':
      return `!${less(right, left)}`;
    case '>=':
      return `!${less(left, right)}`;
  }
}
