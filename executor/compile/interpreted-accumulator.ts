// Every other aggregate, and those with ORDER BY: the interpreter's states, fed with values that code has computed.

import type { AggregateExpression, Datum, Expression, Vector } from '#common';
import { AggregateCall } from '../operators/aggregate-call.ts';
import type { Runtime } from '../runtime.ts';
import type { Accumulator } from './accumulator.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { datumCode } from './compiled-value.ts';
import { vectorOf } from './datum-vector.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

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
    const { filter, arguments: given } = this.expression;
    if (filter !== undefined) writer.open(`if (${compiler.condition(filter, columns)})`);
    const datumsOf = (expressions: readonly Expression[]): readonly string[] =>
      expressions.map((expression) =>
        datumCode(compiler.compile(expression, columns), expression.type.oid, writer),
      );
    const values = datumsOf(given);
    const call = writer.bindObject(this.call);
    if (this.call.takesValues && values.length === 1)
      writer.line(`${call}.takeValue(${group}, ${values[0]});`);
    else {
      const order = datumsOf(this.call.orderBy.map((key) => key.expression));
      writer.line(`${call}.take(${group}, [${values.join(', ')}], [${order.join(', ')}]);`);
    }
    if (filter !== undefined) writer.close();
  }
  result(count: number): Vector {
    const values: Datum[] = [];
    for (let group = 0; group < count; group++) values.push(this.call.finish(group));
    return vectorOf(this.expression.type.oid, values);
  }
}
