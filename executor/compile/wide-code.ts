// int8 in halves (common/wide-integers.ts) compared with a constant, without a BigInt for each row.

import { type CallExpression, type Expression, halvesOf, TypeOid } from '#common';
import { type Comparison, mirrored } from '../expression/native-comparison.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { booleanOf, comparisonOf, operator } from './comparison-code.ts';
import type { CompiledValue } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

const integerTypes: ReadonlySet<number> = new Set([TypeOid.int2, TypeOid.int4, TypeOid.int8]);

export function wideKernel(
  compiler: ExpressionCompiler,
  expression: CallExpression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const comparison = comparisonOf(expression.functionOid)?.comparison;
  if (comparison === undefined || expression.arguments.length !== 2) return undefined;
  const [first, second] = expression.arguments;
  const compare = (side: Expression, constant: Expression, how: Comparison) =>
    compareWithConstant(compiler, {
      value: compiler.compile(side, columns),
      comparison: how,
      constant,
    });
  return compare(first, second, comparison) ?? compare(second, first, mirrored(comparison));
}

function compareWithConstant(
  compiler: ExpressionCompiler,
  parts: {
    readonly value: CompiledValue;
    readonly comparison: Comparison;
    readonly constant: Expression;
  },
): CompiledValue | undefined {
  const { value, comparison } = parts;
  if (value.kind !== 'datum' || value.wide === undefined) return undefined;
  if (!integerTypes.has(parts.constant.type.oid)) return undefined;
  const constant = compiler.state.constants.find(parts.constant);
  if (constant === undefined || constant.datum() === null) return undefined;
  compiler.assumptions.push(() => constant.datum() !== null);
  const { writer } = compiler;
  const bound = writer.bind(() => halvesOf(constant.datum() as number | bigint));
  const compare = writer.bindObject(compareHalves);
  const text = `${compare}(${value.wide()}, ${bound}) ${operator(comparison)} 0`;
  return booleanOf(compiler, text, value.isNull);
}

/** Below 0: the number at the place is less than the bound, 0: equal, above 0: greater. */
function compareHalves(
  block: { readonly high: Int32Array; readonly low: Int32Array },
  place: number,
  [high, low]: readonly [number, number],
): number {
  const difference = block.high[place] - high;
  return difference === 0 ? (block.low[place] >>> 0) - (low >>> 0) : difference;
}
