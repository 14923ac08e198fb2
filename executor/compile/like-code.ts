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
import type { BlockFrame } from './code-writer.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { BooleanValue } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { likeMarks, type LikeTest } from './like-marks.ts';

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
  const evaluator = state.evaluator(expression);
  const { resolve } = binding;
  const test = writer.bind((frame: BlockFrame): LikeTest => {
    const vector = resolve(frame) as DatumVector;
    const byBlock = likeMarks(vector, pattern.datum() as string);
    return byBlock === undefined
      ? byRow(evaluator, ordinal, vector.values)
      : negated
        ? (place) => opposite[byBlock(place)]
        : byBlock;
  });
  const result = writer.declare(`${test}(${binding.place})`);
  const code = writer.declare(`${result} === 1`);
  return { kind: 'boolean', code, isNull: writer.declare(`${result} === 2`) };
}

const opposite: readonly number[] = [1, 0, 2];

function columnOf(argument: Expression): number | undefined {
  const input =
    argument.kind === 'cast' && argument.method === 'relabel' ? argument.argument : argument;
  if (input.kind !== 'input') return undefined;
  const { oid } = input.type;
  return oid === TypeOid.text || oid === TypeOid.varchar ? input.ordinal : undefined;
}

function byRow(evaluator: Evaluator, ordinal: number, values: readonly Datum[]): LikeTest {
  const columns = Array.from({ length: ordinal + 1 }, () => genericColumn(values as Datum[]));
  return (place) => {
    const value = evaluator(columns, place);
    return value === null ? 2 : value === true ? 1 : 0;
  };
}
