// Texts without a dictionary: comparisons with a constant and lengths, from the bytes of a block.

import { type CallExpression, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import { type Comparison, mirrored } from '../expression/native-comparison.ts';
import { eitherNull } from './arithmetic-code.ts';
import { booleanOf, operator } from './comparison-code.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, datumCode } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { TextBound } from './text-bound.ts';
import { overTexts, textColumn, textNull } from './text-column.ts';

/** pg_proc.prosrc. */
const comparisons = new Map<string, Comparison>([
  ['texteq', '='],
  ['textne', '<>'],
  ['text_lt', '<'],
  ['text_le', '<='],
  ['text_gt', '>'],
  ['text_ge', '>='],
]);
/** Of ASCII texts the same. */
const lengths: ReadonlySet<string> = new Set(['textlen', 'textoctetlen']);
const lengthMax = 2 ** 30;

export function textKernel(
  compiler: ExpressionCompiler,
  expression: CallExpression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const name = functionRegistry.functionByOid(expression.functionOid)?.implementation ?? '';
  if (lengths.has(name)) return lengthOf(compiler, expression, columns);
  const comparison = comparisons.get(name);
  if (comparison === undefined) return undefined;
  const [left, right] = expression.arguments;
  return (
    compareWithConstant(compiler, { column: left, constant: right, comparison, columns }) ??
    compareWithConstant(compiler, {
      column: right,
      constant: left,
      comparison: mirrored(comparison),
      columns,
    }) ??
    equality(compiler, expression, { comparison, columns })
  );
}

/** Of strings, which are equal where their bytes are. */
function equality(
  compiler: ExpressionCompiler,
  expression: CallExpression,
  { comparison, columns }: Pick<Parts, 'comparison' | 'columns'>,
): CompiledValue | undefined {
  if (comparison !== '=' && comparison !== '<>') return undefined;
  const [left, right] = expression.arguments.map((argument) => {
    const value = compiler.compile(argument, columns);
    const present = { ...value, isNull: undefined } as CompiledValue;
    return { isNull: value.isNull, code: datumCode(present, argument.type.oid, compiler.writer) };
  });
  const isNull = eitherNull(compiler, left.isNull, right.isNull);
  return booleanOf(compiler, `${left.code} ${operator(comparison)} ${right.code}`, isNull);
}

function lengthOf(
  { writer }: ExpressionCompiler,
  expression: CallExpression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const binding = textColumn(expression.arguments[0], columns)?.binding;
  if (binding?.shape.kind !== 'datum' || !binding.shape.joined) return undefined;
  const { place } = binding;
  const ends = overTexts(writer, binding, (texts) => texts.ends);
  const start = `(${place} === 0 ? 0 : ${ends}[${place} - 1])`;
  const code = writer.declare(`${ends}[${place}] - ${start}`);
  const isNull = textNull(writer, binding);
  return { kind: 'integer', code, isNull, scale: 0, min: 0, max: lengthMax };
}

interface Parts {
  readonly column: CallExpression['arguments'][number];
  readonly constant: CallExpression['arguments'][number];
  readonly comparison: Comparison;
  readonly columns: ColumnBindings;
}

function compareWithConstant(
  compiler: ExpressionCompiler,
  { column, constant: expression, comparison, columns }: Parts,
): CompiledValue | undefined {
  const binding = textColumn(column, columns)?.binding;
  if (binding?.shape.kind !== 'datum' || !binding.shape.joined) return undefined;
  if (expression.type.oid !== TypeOid.text && expression.type.oid !== TypeOid.varchar)
    return undefined;
  const constant = compiler.state.constants.find(expression);
  if (constant === undefined || typeof constant.datum() !== 'string') return undefined;
  compiler.usedConstants.push({ constant, shape: constant.shape() });
  const { writer } = compiler;
  const bound = new TextBound();
  const texts = overTexts(writer, binding, (joined) =>
    bound.over(constant.datum() as string, joined),
  );
  const isNull = textNull(writer, binding);
  const test =
    comparison === '=' || comparison === '<>'
      ? `${comparison === '<>' ? '!' : ''}${texts}.equals(${binding.place})`
      : `${texts}.compare(${binding.place}) ${operator(comparison)} 0`;
  const code = writer.declare(isNull === undefined ? test : `!${isNull} && ${test}`);
  return { kind: 'boolean', code, isNull };
}
