// min and max of whole numbers, dates, times and decimals.

import { type AggregateExpression, type Datum, Numeric, TypeOid, type Vector } from '#common';
import { functionRegistry } from '#functions';
import { type Accumulator, type ArrayName, Skipped, emitGuard } from './accumulator.ts';
import { giveBack, longerFloats } from './array-pool.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, datumCode } from './compiled-value.ts';
import { vectorOf } from './datum-vector.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

export class ExtremeAccumulator implements Accumulator {
  readonly added = undefined;
  readonly generation = 0;
  private readonly expression: AggregateExpression;
  private readonly which: 'min' | 'max';
  private readonly compare: (left: Datum, right: Datum) => number;
  private readonly skipped = new Skipped();
  values: Float64Array = new Float64Array(0);
  private scale: number | undefined = undefined;
  private datums = new Map<number, Datum>();

  constructor(expression: AggregateExpression, which: 'min' | 'max') {
    this.expression = expression;
    this.which = which;
    const ordering = functionRegistry.ordering(expression.arguments[0].type.oid)!;
    this.compare = (left, right) => ordering.compare(left, right);
  }

  private get initial(): number {
    return this.which === 'min' ? Infinity : -Infinity;
  }
  get bytes(): number {
    return this.values.byteLength + this.skipped.bytes + this.datums.size * 100;
  }
  grow(capacity: number): void {
    this.values = longerFloats(this.values, capacity, this.initial);
    this.skipped.grow(capacity);
  }
  clear(): void {
    giveBack(this.values);
    this.values = new Float64Array(0);
    this.datums = new Map();
    this.skipped.clear();
  }

  emit(
    compiler: ExpressionCompiler,
    columns: ColumnBindings,
    group: string,
    array: ArrayName,
  ): void {
    const { writer } = compiler;
    const skip = (): string => this.skipped.emit(compiler.writer, group, array);
    const guarded = emitGuard(compiler, this.expression, columns, skip);
    const value = guarded.value!;
    const { close } = guarded;
    const own = writer.bindObject(this);
    const plain = value.kind === 'integer' && value.display === undefined;
    if (plain) this.scale ??= value.scale;
    if (plain && value.scale === this.scale) {
      const values = array(`${own}.values`);
      const comparison = this.which === 'min' ? '<' : '>';
      writer.line(
        `if (${value.code} ${comparison} ${values}[${group}]) ${values}[${group}] = ${value.code};`,
      );
    } else {
      const type = this.expression.arguments[0].type.oid;
      const datum = datumCode({ ...value, isNull: undefined } as CompiledValue, type, writer);
      writer.line(`${own}.addDatum(${group}, ${datum});`);
    }
    close();
  }

  addDatum(group: number, value: Datum): void {
    const known = this.datums.get(group);
    if (known === undefined || this.isBetter(value, known)) this.datums.set(group, value);
  }

  private isBetter(value: Datum, known: Datum): boolean {
    const order = this.compare(value, known);
    return this.which === 'min' ? order < 0 : order > 0;
  }

  result(count: number, rows: Float64Array): Vector {
    const values: Datum[] = [];
    for (let group = 0; group < count; group++) {
      values.push(this.skipped.countOf(group, rows) === 0 ? null : this.finish(group));
    }
    return vectorOf(this.expression.type.oid, values);
  }

  private finish(group: number): Datum {
    const datum = this.datums.get(group);
    const value = this.values[group];
    if (!Number.isFinite(value)) return datum!;
    const whole =
      this.expression.type.oid === TypeOid.numeric ? new Numeric(value, this.scale!) : value;
    return datum === undefined || this.isBetter(whole, datum) ? whole : datum;
  }
}
