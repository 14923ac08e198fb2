// Generates code for expressions over a pipeline's columns. What has no kernel here, or cannot be
// proved exact in doubles, is computed by the interpreter row by row (fallback-code.ts) or once per
// distinct value (memo-code.ts), so every expression has code.
//
// Boolean values are code that is false when null; a condition needs nothing else.

import type { CaseTestExpression, Expression, InputExpression, LogicExpression } from '#common';
import { TypeOid } from '#common';
import { integerKernel } from './arithmetic-code.ts';
import { compileMembership } from './membership-code.ts';
import { compileBranches } from './branch-code.ts';
import type { CodeWriter } from './code-writer.ts';
import { type ColumnBindings, loadVector } from './column-bindings.ts';
import { comparisonKernel } from './comparison-code.ts';
import {
  type BooleanValue,
  type CompiledValue,
  datumValue,
  floatTypes,
  wholeNumberTypes,
} from './compiled-value.ts';
import { expressionKey } from './expression-key.ts';
import { compileFallback } from './fallback-code.ts';
import { floatKernel } from './float-code.ts';
import { likeKernel } from './like-code.ts';
import { compileMemo } from './memo-code.ts';
import type { PipelineState } from './pipeline-state.ts';
import { textKernel } from './text-code.ts';
import { wideKernel } from './wide-code.ts';
import type { ConstantShape, RowConstant } from './row-constants.ts';

/** A constant that code was generated for, and as what. */
export interface UsedConstant {
  readonly constant: RowConstant;
  readonly shape: ConstantShape;
}

export class ExpressionCompiler {
  readonly writer: CodeWriter;
  readonly state: PipelineState;
  readonly usedConstants: UsedConstant[] = [];
  /** What the code takes for granted besides; asked again before a later execution uses it. */
  readonly assumptions: (() => boolean)[] = [];
  /** What the innermost CASE operand is. */
  caseTest: { readonly value: CompiledValue; readonly typeOid: number } | undefined = undefined;

  constructor(writer: CodeWriter, state: PipelineState) {
    this.writer = writer;
    this.state = state;
  }

  compile(expression: Expression, columns: ColumnBindings): CompiledValue {
    if (expression.kind === 'input') return this.column(expression, columns);
    if (expression.kind === 'caseTest') return this.caseTestValue(expression, columns);
    const key = expressionKey(expression);
    if (key === undefined) return this.make(expression, columns);
    const known = this.writer.known(columns, key);
    if (known !== undefined) return known;
    const value = this.make(expression, columns);
    this.writer.remember(columns, key, value);
    return value;
  }

  /** A name or literal that is true where the condition is true (not false, not null). */
  condition(expression: Expression, columns: ColumnBindings): string {
    return this.boolean(this.compile(expression, columns)).code;
  }

  boolean(value: CompiledValue): BooleanValue {
    if (value.kind === 'boolean') return value;
    if (value.kind !== 'datum') throw new Error(`a condition of kind ${value.kind}`);
    const code = this.writer.declare(`${value.code} === true`);
    return { kind: 'boolean', code, isNull: value.isNull };
  }

  private column(expression: InputExpression, columns: ColumnBindings): CompiledValue {
    const binding = columns[expression.ordinal];
    if (binding === undefined) throw new Error('a column that was not asked for');
    return binding.kind === 'vector'
      ? loadVector(binding, this.writer)
      : this.compile(binding.expression, binding.columns);
  }

  private caseTestValue(expression: CaseTestExpression, columns: ColumnBindings): CompiledValue {
    return this.caseTest?.value ?? compileFallback(this, expression, columns);
  }

  private make(expression: Expression, columns: ColumnBindings): CompiledValue {
    const constant = this.state.constants.find(expression);
    if (constant !== undefined) return this.constant(constant);
    return (
      compileMemo(this, expression, columns) ??
      this.kernel(expression, columns) ??
      compileFallback(this, expression, columns)
    );
  }

  private constant(constant: RowConstant): CompiledValue {
    const shape = constant.shape();
    this.usedConstants.push({ constant, shape });
    if (shape.kind === 'null') return datumValue('null');
    const code = this.writer.bind(() => constant.operand());
    if (shape.kind === 'integer') return { ...shape, code, isNull: undefined };
    if (shape.kind === 'datum') return { kind: 'datum', code, isNull: 'false' };
    return { kind: shape.kind, code, isNull: undefined };
  }

  private kernel(expression: Expression, columns: ColumnBindings): CompiledValue | undefined {
    switch (expression.kind) {
      case 'and':
      case 'or':
        return this.logic(expression, columns);
      case 'not': {
        const value = this.boolean(this.compile(expression.argument, columns));
        const code =
          value.isNull === undefined ? `!${value.code}` : `!${value.code} && !${value.isNull}`;
        return { kind: 'boolean', code: this.writer.declare(code), isNull: value.isNull };
      }
      case 'isNull': {
        if (expression.rowwise && !isScalar(expression.argument)) return undefined;
        const { isNull } = this.compile(expression.argument, columns);
        const text = isNull ?? 'false';
        const code = this.writer.declare(expression.negated ? `!${text}` : text);
        return { kind: 'boolean', code, isNull: undefined };
      }
      case 'booleanTest': {
        const value = this.boolean(this.compile(expression.argument, columns));
        const isNull = value.isNull ?? 'false';
        const test =
          expression.test === 'true'
            ? value.code
            : expression.test === 'unknown'
              ? isNull
              : `(!${value.code} && !${isNull})`;
        const code = this.writer.declare(expression.negated ? `!${test}` : test);
        return { kind: 'boolean', code, isNull: undefined };
      }
      case 'cast':
        return expression.method === 'relabel' && sameRepresentation(expression)
          ? this.compile(expression.argument, columns)
          : undefined;
      case 'case':
      case 'coalesce':
        return compileBranches(this, expression, columns);
      case 'arrayComparison':
        return compileMembership(this, expression, columns);
      case 'call':
        return (
          comparisonKernel(this, expression, columns) ??
          integerKernel(this, expression, columns) ??
          floatKernel(this, expression, columns) ??
          likeKernel(this, expression, columns) ??
          textKernel(this, expression, columns) ??
          wideKernel(this, expression, columns)
        );
      default:
        return undefined;
    }
  }

  /** Left to right; what is on the right is only computed where it matters. */
  private logic(expression: LogicExpression, columns: ColumnBindings): BooleanValue {
    const { writer } = this;
    const first = this.boolean(this.compile(expression.arguments[0], columns));
    const code = writer.fresh();
    const isNull = writer.fresh('n');
    writer.line(`let ${code} = ${first.code}, ${isNull} = ${first.isNull ?? 'false'};`);
    let nullable = first.isNull !== undefined;
    const isAnd = expression.kind === 'and';
    for (const argument of expression.arguments.slice(1)) {
      writer.open(isAnd ? `if (${code} || ${isNull})` : `if (!${code})`);
      const next = this.boolean(this.compile(argument, columns));
      const nextNull = next.isNull ?? 'false';
      if (next.isNull !== undefined) nullable = true;
      if (isAnd) {
        writer.line(
          `${isNull} = (${isNull} && (${next.code} || ${nextNull})) || (${code} && ${nextNull});`,
        );
        writer.line(`${code} = ${code} && ${next.code};`);
      } else {
        writer.line(`${code} = ${next.code};`);
        writer.line(`${isNull} = !${code} && (${isNull} || ${nextNull});`);
      }
      writer.close();
    }
    return { kind: 'boolean', code, isNull: nullable ? isNull : undefined };
  }
}

const textTypes: ReadonlySet<number> = new Set([
  TypeOid.text,
  TypeOid.varchar,
  TypeOid.bpchar,
  TypeOid.name,
  TypeOid.char,
]);

function isScalar(expression: Expression): boolean {
  const { oid } = expression.type;
  return (
    wholeNumberTypes.has(oid) ||
    floatTypes.has(oid) ||
    textTypes.has(oid) ||
    oid === TypeOid.numeric ||
    oid === TypeOid.bool
  );
}

/** Types that a relabelling cast does not take from one family of representations to another. */
function sameRepresentation(expression: Extract<Expression, { kind: 'cast' }>): boolean {
  const from = expression.argument.type.oid;
  const to = expression.type.oid;
  if (from === to) return true;
  return textTypes.has(from) && textTypes.has(to);
}
