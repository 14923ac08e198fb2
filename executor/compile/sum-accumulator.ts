// sum and avg of whole numbers and decimals. Sums are exact: a sum stays in a double while it is a safe
// integer, and what would pass that goes to a wide sum beside it.

import {
  type AggregateExpression,
  type Datum,
  Numeric,
  TypeOid,
  type Vector,
  type WideIntegers,
  canonicalInteger,
  databaseError,
} from '#common';
import { functionRegistry } from '#functions';
import { type Accumulator, type ArrayName, Skipped, emitGuard } from './accumulator.ts';
import { safeMax } from './arithmetic-code.ts';
import { giveBack, longerFloats, zeroFloats } from './array-pool.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, datumCode } from './compiled-value.ts';
import { vectorOf } from './datum-vector.ts';
import { HalfSums } from './half-sums.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

export class SumAccumulator implements Accumulator {
  readonly added = undefined;
  generation = 0;
  readonly expression: AggregateExpression;
  private readonly isNumeric: boolean;
  private readonly skipped = new Skipped();
  sums: Float64Array = new Float64Array(0);
  /** Display scales, where they differ from row to row. */
  displays: Float64Array | undefined = undefined;
  /** Of the sums in the array. */
  private scale: number | undefined = undefined;
  /** What did not fit into doubles, in the array's scale. */
  private wide = new Map<number, bigint>();
  /** What came in halves. */
  private readonly halves = new HalfSums();
  /** What came as datums, and in how many rows. */
  private rest = new Map<number, { readonly sum: Numeric; readonly rows: number }>();
  private capacity = 0;

  /** Of sum or avg. */
  constructor(expression: AggregateExpression) {
    this.expression = expression;
    this.isNumeric = expression.arguments[0].type.oid === TypeOid.numeric;
  }

  get bytes(): number {
    const extra = (this.wide.size + this.rest.size) * 100 + (this.displays?.byteLength ?? 0);
    return this.sums.byteLength + this.halves.bytes + this.skipped.bytes + extra;
  }
  grow(capacity: number): void {
    this.capacity = capacity;
    this.sums = longerFloats(this.sums, capacity);
    if (this.displays !== undefined) this.displays = longerFloats(this.displays, capacity);
    this.halves.grow(capacity);
    this.skipped.grow(capacity);
  }
  clear(): void {
    giveBack(this.sums);
    giveBack(this.displays);
    this.sums = new Float64Array(0);
    if (this.displays !== undefined) this.displays = new Float64Array(0);
    this.halves.clear();
    this.wide = new Map();
    this.rest = new Map();
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
    if (value.kind === 'integer' && value.display === undefined && this.scale === undefined)
      this.scale = value.scale;
    if (value.kind === 'integer' && value.display !== undefined) this.scale ??= value.scale;
    if (value.kind === 'integer' && value.scale === this.scale) {
      const sums = array(`${own}.sums`);
      const sum = writer.declare(`${sums}[${group}] + ${value.code}`);
      writer.line(
        `if (${sum} <= ${safeMax} && ${sum} >= -${safeMax}) ${sums}[${group}] = ${sum}; else ${own}.spill(${group}, ${value.code});`,
      );
      this.emitDisplay(compiler, value, group, array);
    } else if (value.kind === 'datum' && value.wide !== undefined) {
      this.halves.use();
      writer.line(`${own}.addHalves(${group}, ${value.wide()});`);
    } else {
      const type = this.expression.arguments[0].type.oid;
      const datum = datumCode({ ...value, isNull: undefined } as CompiledValue, type, writer);
      writer.line(`${own}.addDatum(${group}, ${datum});`);
    }
    close();
  }

  private emitDisplay(
    compiler: ExpressionCompiler,
    value: CompiledValue & { readonly kind: 'integer' },
    group: string,
    array: ArrayName,
  ): void {
    if (value.display === undefined && this.displays === undefined) return;
    if (this.displays === undefined) this.startDisplays();
    const displays = array(`${compiler.writer.bindObject(this)}.displays`);
    const display = value.display ?? `${value.scale}`;
    compiler.writer.line(
      `if (${display} > ${displays}[${group}]) ${displays}[${group}] = ${display};`,
    );
  }

  /** Groups so far have rows of the one scale; older code does not keep display scales. */
  private startDisplays(): void {
    this.displays = zeroFloats(this.capacity);
    this.sums.forEach((sum, group) => {
      if (sum !== 0 || this.wide.has(group)) this.displays![group] = this.scale!;
    });
    this.generation++;
  }

  /** A sum that would leave the doubles' exact range moves to the wide sums. */
  spill(group: number, value: number): void {
    const total = BigInt(this.sums[group]) + BigInt(value);
    this.wide.set(group, (this.wide.get(group) ?? 0n) + total);
    this.sums[group] = 0;
  }

  /** An int8 that is held in halves. */
  addHalves(group: number, block: WideIntegers, place: number): void {
    const { halves } = this;
    const high = halves.high[group] + block.high[place];
    const low = halves.low[group] + (block.low[place] >>> 0);
    halves.high[group] = high;
    halves.low[group] = low;
    if (low > safeMax / 2) this.addDatum(group, halves.take(group));
  }

  addDatum(group: number, value: Datum): void {
    const numeric = this.isNumeric
      ? (value as Numeric)
      : Numeric.fromInteger(value as number | bigint);
    const known = this.rest.get(group);
    this.rest.set(
      group,
      known === undefined
        ? { sum: numeric, rows: 1 }
        : { sum: known.sum.add(numeric), rows: known.rows + 1 },
    );
  }

  result(count: number, rows: Float64Array): Vector {
    return this.resultAs(this.expression, count, rows);
  }

  /** The result of sum or avg over the same values. */
  resultAs(expression: AggregateExpression, count: number, rows: Float64Array): Vector {
    const isAverage = functionRegistry.functionByOid(expression.functionOid)?.name === 'avg';
    this.halves.takeAll(count, (group, sum) => this.addDatum(group, sum));
    const isPlain = this.wide.size === 0 && this.rest.size === 0 && this.displays === undefined;
    if (!isAverage && isPlain) return this.plainSums(count, rows);
    const { oid } = expression.type;
    const values: Datum[] = [];
    for (let group = 0; group < count; group++) {
      const counted = this.skipped.countOf(group, rows);
      if (counted === 0) values.push(null);
      else if (isAverage)
        values.push(this.total(group, counted).divide(Numeric.fromInteger(counted)));
      else {
        const total = this.total(group, counted);
        values.push(oid === TypeOid.numeric ? total : integerOf(total));
      }
    }
    return vectorOf(oid, values);
  }

  /** `counted`: the rows that count. */
  private total(group: number, counted: number): Numeric {
    const rest = this.rest.get(group);
    if (rest?.rows === counted) return rest.sum;
    const coefficient = (this.wide.get(group) ?? 0n) + BigInt(this.sums[group]);
    const total = this.scaled(coefficient, group);
    return rest === undefined ? total : rest.sum.add(total);
  }

  /** The sum of the array, with the largest display scale of its rows. */
  private scaled(coefficient: bigint, group: number): Numeric {
    const scale = this.isNumeric ? (this.scale ?? 0) : 0;
    if (this.displays === undefined) return Numeric.of(coefficient, scale);
    const display = this.displays[group];
    return Numeric.of(coefficient / 10n ** BigInt(scale - display), display);
  }

  private plainSums(count: number, rows: Float64Array): Vector {
    const values = this.sums.subarray(0, count);
    let min = 0;
    let max = 0;
    let nulls: Uint8Array | undefined;
    for (let group = 0; group < count; group++) {
      const value = values[group];
      if (value < min) min = value;
      if (value > max) max = value;
      if (this.skipped.countOf(group, rows) !== 0) continue;
      nulls ??= new Uint8Array(count);
      nulls[group] = 1;
    }
    const scale = this.isNumeric ? (this.scale ?? 0) : 0;
    return { kind: 'integer', values, scale, min, max, nulls };
  }
}

/** The sum of whole numbers as a bigint. */
function integerOf(total: Numeric): Datum {
  const integer = canonicalInteger(BigInt(total.coefficient));
  if (typeof integer === 'bigint' && BigInt.asIntN(64, integer) !== integer)
    throw databaseError('numericValueOutOfRange', 'bigint out of range');
  return integer;
}
