// Every other aggregate, and those with ORDER BY: the interpreter's states, fed row by row.

import type { AggregateExpression, Datum, Vector } from '#common';
import { AggregateCall } from '../operators/aggregate-call.ts';
import type { Runtime } from '../runtime.ts';
import type { Accumulator } from './accumulator.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { vectorOf } from './datum-vector.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { fillRow } from './fallback-code.ts';

export class InterpretedAccumulator implements Accumulator {
  readonly generation = 0;
  readonly added: () => void;
  private readonly expression: AggregateExpression;
  private readonly call: AggregateCall;

  constructor(expression: AggregateExpression, runtime: Runtime) {
    this.expression = expression;
    this.call = new AggregateCall(expression, runtime);
    this.added = () => this.call.addGroup();
  }
  get bytes(): number {
    return this.call.bytes;
  }
  grow(): void {}
  clear(): void {
    this.call.clear();
  }
  emit(compiler: ExpressionCompiler, columns: ColumnBindings, group: string): void {
    const { writer } = compiler;
    const { expression } = this;
    const inputs = [
      ...expression.arguments,
      ...expression.orderBy.map((key) => key.expression),
      ...(expression.filter === undefined ? [] : [expression.filter]),
    ];
    const row = fillRow(compiler, inputs, columns);
    writer.line(`${writer.bindObject(this.call)}.step(${group}, ${row}, 0);`);
  }
  result(count: number): Vector {
    const values: Datum[] = [];
    for (let group = 0; group < count; group++) values.push(this.call.finish(group));
    return vectorOf(this.expression.type.oid, values);
  }
}
