// sum, avg, min and max of floats. Sums add up in the order of the rows.

import { type AggregateExpression, databaseError, TypeOid, type Vector } from '#common';
import { functionRegistry } from '#functions';
import { type Accumulator, type ArrayName, Skipped, emitGuard } from './accumulator.ts';
import { giveBack, longerFloats } from './array-pool.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, datumCode } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

export type FloatAggregate = 'sum' | 'avg' | 'min' | 'max';

/** What a group begins with: it is lost in the first value, also in -0; NaN is above all other values. */
const initialValues: Readonly<Record<FloatAggregate, number>> = {
  sum: -0,
  avg: -0,
  min: NaN,
  max: -Infinity,
};

export class FloatAccumulator implements Accumulator {
  readonly added = undefined;
  readonly generation = 0;
  readonly expression: AggregateExpression;
  private readonly which: FloatAggregate;
  private readonly skipped = new Skipped();
  values: Float64Array = new Float64Array(0);

  constructor(expression: AggregateExpression, which: FloatAggregate) {
    this.expression = expression;
    this.which = which;
  }

  /** Other sums and averages of the same values may use its sums. */
  get isSum(): boolean {
    const isSingle = this.expression.arguments[0].type.oid === TypeOid.float4;
    return (this.which === 'sum' || this.which === 'avg') && !isSingle;
  }
  get bytes(): number {
    return this.values.byteLength + this.skipped.bytes;
  }
  grow(capacity: number): void {
    this.values = longerFloats(this.values, capacity, initialValues[this.which]);
    this.skipped.grow(capacity);
  }
  clear(): void {
    giveBack(this.values);
    this.values = new Float64Array(0);
    this.skipped.clear();
  }

  emit(
    compiler: ExpressionCompiler,
    columns: ColumnBindings,
    group: string,
    array: ArrayName,
  ): void {
    const { writer } = compiler;
    const skip = (): string => this.skipped.emit(writer, group, array);
    const { value, close } = emitGuard(compiler, this.expression, columns, skip);
    const [{ type }] = this.expression.arguments;
    const present = { ...value!, isNull: undefined } as CompiledValue;
    const code = writer.declare(datumCode(present, type.oid, writer));
    const values = array(`${writer.bindObject(this)}.values`);
    const known = `${values}[${group}]`;
    if (this.which === 'min')
      writer.line(`if (${code} <= ${known} || ${known} !== ${known}) ${known} = ${code};`);
    else if (this.which === 'max')
      writer.line(`if (${code} >= ${known} || ${code} !== ${code}) ${known} = ${code};`);
    else {
      const isSingle = this.which === 'sum' && type.oid === TypeOid.float4;
      const text = `${known} + ${code}`;
      const sum = writer.declare(isSingle ? `Math.fround(${text})` : text);
      const check = writer.bindObject(checkSum);
      writer.line(`if (${sum} - ${sum} !== 0) ${check}(${known}, ${code});`);
      writer.line(`${known} = ${sum};`);
    }
    close();
  }

  result(count: number, rows: Float64Array): Vector {
    return this.resultAs(this.expression, count, rows);
  }

  /** The result of sum or avg over the same values. */
  resultAs(expression: AggregateExpression, count: number, rows: Float64Array): Vector {
    const isAverage = functionRegistry.functionByOid(expression.functionOid)?.name === 'avg';
    const values = this.values.slice(0, count);
    let nulls: Uint8Array | undefined;
    for (let group = 0; group < count; group++) {
      const counted = this.skipped.countOf(group, rows);
      if (isAverage) values[group] /= counted;
      if (counted !== 0) continue;
      nulls ??= new Uint8Array(count);
      nulls[group] = 1;
    }
    return { kind: 'float', values, nulls };
  }
}

/** Of a sum that is not finite. */
function checkSum(known: number, value: number): void {
  if (Number.isFinite(known) && Number.isFinite(value))
    throw databaseError('numericValueOutOfRange', 'value out of range: overflow');
}
