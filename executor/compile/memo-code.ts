// Expressions over a single column that has few distinct values: looked up in a memo table.

import { type DatumVector, type Dictionary, type Expression, TypeOid } from '#common';
import { inputOrdinals, visitExpression } from '../expression/walk.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, numberBounds } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { integerKernelKnown } from './arithmetic-code.ts';
import { comparisonKernelKnown } from './comparison-code.ts';
import type { MemoResult, MemoTable } from './memo-table.ts';
import { prefixLengthOf } from './prefix-expression.ts';
import { noPlace, prefixPlaces } from './prefix-places.ts';
import { isRepeatable } from './row-constants.ts';

/** Widest range of whole numbers that gets a table. */
const memoRangeMax = 1 << 18;

export function compileMemo(
  compiler: ExpressionCompiler,
  expression: Expression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const ordinals = inputOrdinals(expression);
  if (ordinals.size !== 1 || !isRepeatable(expression)) return undefined;
  const [ordinal] = ordinals;
  const type = inputType(expression);
  if (type === undefined) return undefined;
  const byPrefix = compilePrefixMemo(compiler, expression, { columns, ordinal });
  if (byPrefix !== undefined) return byPrefix;
  // Reading such a column would make strings of its texts.
  const binding = columns[ordinal];
  if (binding?.kind === 'vector' && binding.shape.kind === 'datum') return undefined;
  const input = compiler.compile({ kind: 'input', ordinal, type }, columns);
  if (input.kind === 'dictionary') {
    const table = compiler.state.memoTable(expression, ordinal, resultOf(expression));
    table.looksAt(prefixLength(compiler, expression));
    const { resolve } = input;
    const memo = compiler.writer.bind((frame) => table.ofDictionary(resolve(frame)));
    return lookUp(compiler, { expression, table, memo, code: input.code, isNull: input.isNull });
  }
  if (input.kind !== 'integer' || input.scale !== 0 || hasKernel(expression)) return undefined;
  const { min, max } = input;
  if (max - min >= memoRangeMax || type.oid === TypeOid.numeric) return undefined;
  const table = compiler.state.memoTable(expression, ordinal, resultOf(expression));
  const memo = compiler.writer.bind(() =>
    table.ofRange(min, max - min + 1, (offset) => min + offset),
  );
  const code = min === 0 ? input.code : compiler.writer.declare(`${input.code} - ${min}`);
  return lookUp(compiler, { expression, table, memo, code, isNull: input.isNull });
}

/** Text without a dictionary of which only the first characters count. */
function compilePrefixMemo(
  compiler: ExpressionCompiler,
  expression: Expression,
  { columns, ordinal }: { readonly columns: ColumnBindings; readonly ordinal: number },
): CompiledValue | undefined {
  const { writer, state } = compiler;
  const binding = columns[ordinal];
  if (binding?.kind !== 'vector' || binding.shape.kind !== 'datum' || binding.mayMiss)
    return undefined;
  const length = prefixLength(compiler, expression);
  if (length === undefined) return undefined;
  const { resolve, place } = binding;
  const prefixes = prefixPlaces(length);
  const table = state.memoTable(expression, ordinal, resultOf(expression));
  let dictionary: Dictionary | undefined;
  const places = writer.bind((frame) => {
    const placed = prefixes.of(resolve(frame) as DatumVector);
    ({ dictionary } = placed);
    return placed.places;
  });
  // Resolved one after the other.
  const memo = writer.bind(() => table.ofDictionary(dictionary!));
  const code = writer.declare(`${places}[${place}]`);
  const isNull = writer.declare(`${code} === ${noPlace}`);
  return lookUp(compiler, { expression, table, memo, code, isNull });
}

/** Of the prefix that the expression looks at; the code is made for it. */
function prefixLength(compiler: ExpressionCompiler, expression: Expression): number | undefined {
  const { constants } = compiler.state;
  const lengthNow = (): number | undefined =>
    prefixLengthOf(expression, (constant) => constants.find(constant)?.datum());
  const length = lengthNow();
  compiler.assumptions.push(() => lengthNow() === length);
  return length;
}

interface LookUp {
  readonly expression: Expression;
  readonly table: MemoTable;
  readonly memo: string;
  readonly code: string;
  readonly isNull: string | undefined;
}

function lookUp(compiler: ExpressionCompiler, parts: LookUp): CompiledValue {
  const { writer } = compiler;
  const { expression, memo, code, isNull } = parts;
  const table = writer.fresh('m');
  writer.before(`const ${table} = ${memo}.table;`);
  const place = writer.declare(
    isNull === undefined ? `${code} + 1` : `${isNull} ? 0 : ${code} + 1`,
  );
  const entry = writer.fresh();
  writer.line(`let ${entry} = ${table}[${place}];`);
  const fill = `${entry} = ${memo}.fill(${place});`;
  switch (resultOf(expression)) {
    case 'boolean': {
      writer.line(`if (!(${entry} > 0)) ${fill}`);
      const value = writer.declare(`${entry} === 2`);
      return { kind: 'boolean', code: value, isNull: writer.declare(`${entry} === 3`) };
    }
    case 'number': {
      writer.line(`if (!(${entry} === ${entry})) ${fill}`);
      const [min, max] = numberBounds(expression.type.oid)!;
      const isNone = writer.declare(`${entry} === Infinity`);
      const value = writer.declare(`${isNone} ? 0 : ${entry}`);
      return { kind: 'integer', code: value, isNull: isNone, scale: 0, min, max };
    }
    case 'dictionary': {
      writer.line(`if (!(${entry} !== 0 && ${entry} === ${entry})) ${fill}`);
      const isNone = writer.declare(`${entry} < 0`);
      const value = writer.declare(`${isNone} ? 0 : ${entry} - 1`);
      const { derived } = parts.table;
      const dictionary = writer.bindObject(derived);
      return {
        kind: 'dictionary',
        code: value,
        isNull: isNone,
        dictionary,
        resolve: () => derived,
      };
    }
  }
}

function resultOf(expression: Expression): MemoResult {
  const { oid } = expression.type;
  if (oid === TypeOid.bool) return 'boolean';
  return numberBounds(oid) === undefined ? 'dictionary' : 'number';
}

/** What is computed faster than looked up. */
function hasKernel(expression: Expression): boolean {
  switch (expression.kind) {
    case 'call':
      return integerKernelKnown(expression) || comparisonKernelKnown(expression);
    case 'and':
    case 'or':
      return expression.arguments.every(hasKernel);
    case 'not':
    case 'isNull':
      return true;
    case 'coalesce':
      return expression.arguments.every(
        (argument) =>
          argument.kind === 'input' || argument.kind === 'constant' || hasKernel(argument),
      );
    default:
      return expression.kind === 'arrayComparison' || expression.kind === 'cast';
  }
}

function inputType(expression: Expression): Expression['type'] | undefined {
  let type: Expression['type'] | undefined;
  visitExpression(expression, (inner) => {
    if (inner.kind === 'input') type ??= inner.type;
  });
  return type;
}
