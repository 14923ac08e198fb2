// IN lists over whole numbers and texts of blocks: a set look-up. Lists of strings are looked up by dictionary
// entry, once each (memo-code.ts).

import {
  type ArrayComparisonExpression,
  type ArrayValue,
  type Datum,
  type Expression,
  TypeOid,
} from '#common';
import { comparisonOf, booleanOf } from './comparison-code.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, scaledInteger } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { RowConstant } from './row-constants.ts';
import { overTexts, textColumn, textNull } from './text-column.ts';
import { TextKeys } from './text-keys.ts';

export function compileMembership(
  compiler: ExpressionCompiler,
  expression: ArrayComparisonExpression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const known = comparisonOf(expression.functionOid);
  if (expression.quantifier !== 'any' || known?.comparison !== '=') return undefined;
  if (known.leftFactor !== 1 || known.rightFactor !== 1) return undefined;
  const array = compiler.state.constants.find(expression.array);
  if (array === undefined || isWide(array, expression.left)) return undefined;
  const text = textMembership(compiler, expression, array, columns);
  if (text !== undefined) return text;
  const left = compiler.compile(expression.left, columns);
  if (left.kind !== 'integer' || left.scale !== 0) return undefined;
  const { writer } = compiler;
  compiler.usedConstants.push({ constant: array, shape: array.shape() });
  const members = writer.bind(() => membersOf(array, expression.left));
  const found = writer.declare(`${members}.set.has(${left.code})`);
  const isNull = writer.declare(
    `${left.isNull ?? 'false'} ? !${members}.isEmpty : (!${found} && ${members}.hasNull)`,
  );
  return booleanOf(compiler, found, isNull);
}

/** Texts of blocks by their bytes. */
function textMembership(
  compiler: ExpressionCompiler,
  { left }: ArrayComparisonExpression,
  array: RowConstant,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const binding = textColumn(left, columns)?.binding;
  if (binding?.shape.kind !== 'datum' || !binding.shape.joined) return undefined;
  const { writer } = compiler;
  compiler.usedConstants.push({ constant: array, shape: array.shape() });
  const members = writer.bind(() => textMembersOf(array));
  const texts = overTexts(writer, binding, (joined) => joined);
  const isMissing = textNull(writer, binding) ?? 'false';
  const place = `${members}.keys.ofBlock(${texts}, ${binding.place}, false)`;
  const found = writer.declare(`!${isMissing} && ${place} >= 0`);
  const isNull = writer.declare(
    `${isMissing} ? !${members}.isEmpty : (!${found} && ${members}.hasNull)`,
  );
  return booleanOf(compiler, found, isNull);
}

interface TextMembers {
  readonly keys: TextKeys;
  readonly hasNull: boolean;
  readonly isEmpty: boolean;
}

const knownTexts = new WeakMap<object, TextMembers>();

function textMembersOf(array: RowConstant): TextMembers {
  const value = array.datum() as ArrayValue;
  let members = knownTexts.get(value);
  if (members === undefined) {
    const { elements } = value;
    const keys = new TextKeys();
    for (const element of elements) if (element !== null) keys.ofString(element as string, true);
    members = { keys, hasNull: elements.includes(null), isEmpty: elements.length === 0 };
    knownTexts.set(value, members);
  }
  return members;
}

interface Members {
  readonly set: ReadonlySet<number>;
  readonly hasNull: boolean;
  readonly isEmpty: boolean;
}

const known = new WeakMap<object, Members>();

function membersOf(array: RowConstant, left: Expression): Members {
  const value = array.datum() as ArrayValue;
  let members = known.get(value);
  if (members === undefined) {
    const set = new Set<number>();
    for (const element of value.elements) {
      const whole = wholeOf(element, left);
      if (whole !== undefined) set.add(whole);
    }
    members = {
      set,
      hasNull: value.elements.includes(null),
      isEmpty: value.elements.length === 0,
    };
    known.set(value, members);
  }
  return members;
}

/** The element as a whole number; undefined when no whole number within ±2^53 equals it. */
function wholeOf(element: Datum, left: Expression): number | undefined {
  if (element === null) return undefined;
  const scaled = scaledInteger(element, left.type.oid);
  if (scaled === undefined) return undefined;
  const whole = scaled.value / 10 ** scaled.scale;
  return Number.isInteger(whole) ? whole : undefined;
}

/** No array at all. */
function isWide(array: RowConstant, left: Expression): boolean {
  const value = array.datum();
  return value === null || left.type.oid === TypeOid.float8 || left.type.oid === TypeOid.float4;
}
