// count(*) and count(x).

import type { AggregateExpression, Vector } from '#common';
import { type Accumulator, type ArrayName, Skipped, emitGuard } from './accumulator.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

export class CountAccumulator implements Accumulator {
  readonly added = undefined;
  readonly generation = 0;
  private readonly expression: AggregateExpression;
  private readonly skipped = new Skipped();

  constructor(expression: AggregateExpression) {
    this.expression = expression;
  }
  get bytes(): number {
    return this.skipped.bytes;
  }
  grow(capacity: number): void {
    this.skipped.grow(capacity);
  }
  clear(): void {
    this.skipped.clear();
  }
  emit(
    compiler: ExpressionCompiler,
    columns: ColumnBindings,
    group: string,
    array: ArrayName,
  ): void {
    const skip = (): string => this.skipped.emit(compiler.writer, group, array);
    emitGuard(compiler, this.expression, columns, skip).close();
  }
  result(count: number, rows: Float64Array): Vector {
    const values = new Float64Array(count);
    let max = 0;
    for (let group = 0; group < count; group++) {
      values[group] = this.skipped.countOf(group, rows);
      if (values[group] > max) max = values[group];
    }
    return { kind: 'integer', values, scale: 0, min: 0, max, nulls: undefined };
  }
}
