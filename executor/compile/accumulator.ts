// The states of one aggregate over all groups, in typed arrays, and the code that takes a row in. Nulls
// are counted rather than rows, so that input without nulls pays nothing: a group's count is its number
// of rows less those skipped.

import type { AggregateExpression, Vector } from '#common';
import { giveBack, longerFloats, zeroFloats } from './array-pool.ts';
import type { CodeWriter } from './code-writer.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { CompiledValue } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { PerGroup } from './group-index.ts';

/** Names of per-group arrays in the code at hand; growing them makes the code load them again. */
export type ArrayName = (text: string) => string;

export interface Accumulator extends PerGroup {
  /** Code that takes the row into group `group`. */
  emit(
    compiler: ExpressionCompiler,
    columns: ColumnBindings,
    group: string,
    array: ArrayName,
  ): void;
  /** Runs when a group is made; undefined: nothing to do. */
  readonly added: (() => void) | undefined;
  /** Results of the groups, given their numbers of rows. */
  result(count: number, rows: Float64Array): Vector;
  readonly generation: number;
  clear(): void;
}

/** Rows that an aggregate leaves out, by group. */
export class Skipped implements PerGroup {
  rows: Float64Array | undefined = undefined;
  private capacity = 0;

  get bytes(): number {
    return this.rows?.byteLength ?? 0;
  }
  grow(capacity: number): void {
    this.capacity = capacity;
    if (this.rows !== undefined) this.rows = longerFloats(this.rows, capacity);
  }
  private need(): void {
    this.rows ??= zeroFloats(this.capacity);
  }
  /** Code that counts a row of the group as skipped. */
  emit(writer: CodeWriter, group: string, array: ArrayName): string {
    this.need();
    return `${array(`${writer.bindObject(this)}.rows`)}[${group}]++;`;
  }
  clear(): void {
    // Code that counts nulls stays in use, and needs its array.
    giveBack(this.rows);
    if (this.rows !== undefined) this.rows = new Float64Array(0);
  }
  countOf(group: number, rows: Float64Array): number {
    return rows[group] - (this.rows === undefined ? 0 : (this.rows[group] ?? 0));
  }
}

/** Opens the scope in which a row counts; true when `close` must be written. */
export function emitGuard(
  compiler: ExpressionCompiler,
  expression: AggregateExpression,
  columns: ColumnBindings,
  skip: () => string,
): { readonly value: CompiledValue | undefined; readonly close: () => void } {
  const { writer } = compiler;
  let depth = 0;
  if (expression.filter !== undefined) {
    const test = compiler.condition(expression.filter, columns);
    writer.line(`if (!${test}) ${skip()}`);
    writer.open('else');
    depth++;
  }
  const [argument] = expression.arguments;
  const value = argument === undefined ? undefined : compiler.compile(argument, columns);
  if (value?.isNull !== undefined && value.isNull !== 'false') {
    writer.line(`if (${value.isNull}) ${skip()}`);
    writer.open('else');
    depth++;
  }
  return {
    value,
    close: () => {
      for (; depth > 0; depth--) writer.close();
    },
  };
}
