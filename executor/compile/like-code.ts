// column [NOT] LIKE constant over text that has no dictionary: tested by the block where it is held in
// one piece (like-marks.ts), else row by row by the interpreter.

import {
  type CallExpression,
  type Datum,
  type DatumVector,
  type Expression,
  genericColumn,
  TypeOid,
} from '#common';
import { functionRegistry } from '#functions';
import type { Evaluator } from '../expression/environment.ts';
import type { Resolve } from './code-writer.ts';
import type { ColumnBindings, VectorBinding } from './column-bindings.ts';
import type { BooleanValue } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { LikePattern, isLiteralPattern, markLike, markNull } from './like-marks.ts';
import type { RowConstant } from './row-constants.ts';

const isNegated = new Map([
  ['textlike', false],
  ['textnlike', true],
]);

export function likeKernel(
  compiler: ExpressionCompiler,
  expression: CallExpression,
  columns: ColumnBindings,
): BooleanValue | undefined {
  const name = functionRegistry.functionByOid(expression.functionOid)?.implementation;
  const negated = name === undefined ? undefined : isNegated.get(name);
  if (negated === undefined) return undefined;
  const ordinal = columnOf(expression.arguments[0]);
  const binding = ordinal === undefined ? undefined : columns[ordinal];
  if (ordinal === undefined || binding?.kind !== 'vector' || binding.mayMiss) return undefined;
  const pattern = compiler.state.constants.find(expression.arguments[1]);
  if (binding.shape.kind !== 'datum' || typeof pattern?.datum() !== 'string') return undefined;
  const { writer, state } = compiler;
  compiler.usedConstants.push({ constant: pattern, shape: pattern.shape() });
  const { resolve, place } = binding;
  if (binding.shape.joined) {
    const byBlock = isLiteral(pattern);
    compiler.assumptions.push(() => isLiteral(pattern) === byBlock);
    if (byBlock) {
      const marks = writer.bind(marksOf(pattern, resolve));
      const mark = writer.declare(`${marks}[${place}]`);
      const code = writer.declare(`${mark} === ${negated ? 0 : markLike}`);
      return { kind: 'boolean', code, isNull: writer.declare(`${mark} === ${markNull}`) };
    }
  }
  const evaluator = state.evaluator(expression);
  const test = writer.bind((frame) =>
    byRow(evaluator, ordinal, (resolve(frame) as DatumVector).values),
  );
  const value = writer.declare(`${test}(${place})`);
  const code = writer.declare(`${value} === true`);
  return { kind: 'boolean', code, isNull: writer.declare(`${value} === null`) };
}

function isLiteral(pattern: RowConstant): boolean {
  const value = pattern.datum();
  return typeof value === 'string' && isLiteralPattern(value);
}

function marksOf(pattern: RowConstant, resolve: VectorBinding['resolve']): Resolve {
  let like: LikePattern | undefined;
  return (frame) => {
    const value = pattern.datum() as string;
    if (like?.pattern !== value) like = new LikePattern(value);
    return like.marksOf((resolve(frame) as DatumVector).texts!);
  };
}

function columnOf(argument: Expression): number | undefined {
  const input =
    argument.kind === 'cast' && argument.method === 'relabel' ? argument.argument : argument;
  if (input.kind !== 'input') return undefined;
  const { oid } = input.type;
  return oid === TypeOid.text || oid === TypeOid.varchar ? input.ordinal : undefined;
}

function byRow(
  evaluator: Evaluator,
  ordinal: number,
  values: readonly Datum[],
): (place: number) => Datum {
  const columns = Array.from({ length: ordinal + 1 }, () => genericColumn(values as Datum[]));
  return (place) => evaluator(columns, place);
}
