// The states of one aggregate over all groups, in typed arrays, and the code that takes a row in.
//
// Sums of whole numbers and decimals are exact: a sum stays in a double while it is a safe integer, and
// what would pass that goes to a wide sum beside it. Nulls are counted rather than rows, so that input
// without nulls pays nothing: a group's count is its number of rows less those skipped.

import {
  type AggregateExpression,
  type Datum,
  Numeric,
  TypeOid,
  type Vector,
  canonicalInteger,
  databaseError,
} from '#common';
import { functionRegistry } from '#functions';
import { AggregateCall } from '../operators/aggregate-call.ts';
import type { Runtime } from '../runtime.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, datumCode, wholeNumberTypes } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { fillRow } from './fallback-code.ts';
import type { PerGroup } from './group-index.ts';
import { safeMax } from './arithmetic-code.ts';
import { vectorOf } from './datum-vector.ts';

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

const countStar = 2803;
const countAny = 2147;

export function makeAccumulator(expression: AggregateExpression, runtime: Runtime): Accumulator {
  const signature = functionRegistry.functionByOid(expression.functionOid);
  const plain = !expression.distinct && expression.orderBy.length === 0;
  const { functionOid } = expression;
  if (plain && (functionOid === countStar || functionOid === countAny))
    return new CountAccumulator(expression);
  const [argument] = expression.arguments;
  const oid = argument?.type.oid;
  const isWhole = oid === TypeOid.int2 || oid === TypeOid.int4 || oid === TypeOid.int8;
  if (plain && expression.arguments.length === 1 && (isWhole || oid === TypeOid.numeric)) {
    if (signature?.implementation === `sum(${typeName(oid)})`)
      return new SumAccumulator(expression, false);
    if (signature?.implementation === `avg(${typeName(oid)})`)
      return new SumAccumulator(expression, true);
  }
  if (plain && expression.arguments.length === 1 && oid !== undefined) {
    const isExtreme = signature?.name === 'min' || signature?.name === 'max';
    if (isExtreme && (wholeNumberTypes.has(oid) || oid === TypeOid.numeric))
      return new ExtremeAccumulator(expression, signature.name === 'max' ? 'max' : 'min');
  }
  return new InterpretedAccumulator(expression, runtime);
}

function typeName(oid: number): string {
  if (oid === TypeOid.int2) return 'int2';
  if (oid === TypeOid.int4) return 'int4';
  return oid === TypeOid.int8 ? 'int8' : 'numeric';
}

/** Rows that an aggregate leaves out, by group. */
class Skipped implements PerGroup {
  rows: Float64Array | undefined = undefined;
  private capacity = 0;

  get bytes(): number {
    return this.rows?.byteLength ?? 0;
  }
  grow(capacity: number): void {
    this.capacity = capacity;
    if (this.rows !== undefined) this.rows = longer(this.rows, capacity);
  }
  /** Makes the array when there is none; true then. */
  need(): boolean {
    if (this.rows !== undefined) return false;
    this.rows = new Float64Array(this.capacity);
    return true;
  }
  clear(): void {
    // Code that counts nulls stays in use, and needs its array.
    if (this.rows !== undefined) this.rows = new Float64Array(0);
  }
  countOf(group: number, rows: Float64Array): number {
    return rows[group] - (this.rows === undefined ? 0 : (this.rows[group] ?? 0));
  }
}

function longer(array: Float64Array, capacity: number, fill = 0): Float64Array {
  const grown = new Float64Array(capacity);
  if (fill !== 0) grown.fill(fill, array.length);
  grown.set(array.length > capacity ? array.subarray(0, capacity) : array);
  return grown;
}

/** Opens the scope in which a row counts; true when `close` must be written. */
function emitGuard(
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

class CountAccumulator implements Accumulator {
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
    const skip = (): string => {
      this.skipped.need();
      const skipped = compiler.writer.bindObject(this.skipped);
      return `${array(`${skipped}.rows`)}[${group}]++;`;
    };
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

/** sum and avg of whole numbers and decimals. */
class SumAccumulator implements Accumulator {
  readonly added = undefined;
  generation = 0;
  private readonly expression: AggregateExpression;
  private readonly isAverage: boolean;
  private readonly isNumeric: boolean;
  private readonly skipped = new Skipped();
  sums: Float64Array = new Float64Array(0);
  /** Display scales, where they differ from row to row. */
  displays: Float64Array | undefined = undefined;
  /** Of the sums in the array. */
  private scale: number | undefined = undefined;
  /** What did not fit into doubles, in the array's scale. */
  private wide = new Map<number, bigint>();
  /** What came as datums. */
  private rest = new Map<number, Numeric>();
  private capacity = 0;

  constructor(expression: AggregateExpression, isAverage: boolean) {
    this.expression = expression;
    this.isAverage = isAverage;
    this.isNumeric = expression.arguments[0].type.oid === TypeOid.numeric;
  }

  get bytes(): number {
    const extra = (this.wide.size + this.rest.size) * 100 + (this.displays?.byteLength ?? 0);
    return this.sums.byteLength + this.skipped.bytes + extra;
  }
  grow(capacity: number): void {
    this.capacity = capacity;
    this.sums = longer(this.sums, capacity);
    if (this.displays !== undefined) this.displays = longer(this.displays, capacity);
    this.skipped.grow(capacity);
  }
  clear(): void {
    this.sums = new Float64Array(0);
    if (this.displays !== undefined) this.displays = new Float64Array(0);
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
    const skip = (): string => {
      this.skipped.need();
      const skipped = writer.bindObject(this.skipped);
      return `${array(`${skipped}.rows`)}[${group}]++;`;
    };
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
    this.displays = new Float64Array(this.capacity);
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

  addDatum(group: number, value: Datum): void {
    const numeric = this.isNumeric ? (value as Numeric) : Numeric.fromInteger(value as number);
    const known = this.rest.get(group);
    this.rest.set(group, known === undefined ? numeric : known.add(numeric));
  }

  result(count: number, rows: Float64Array): Vector {
    const { type } = this.expression;
    if (
      !this.isAverage &&
      this.wide.size === 0 &&
      this.rest.size === 0 &&
      this.displays === undefined
    )
      return this.plainSums(count, rows);
    const values: Datum[] = [];
    for (let group = 0; group < count; group++) values.push(this.finish(group, rows));
    return vectorOf(type.oid, values);
  }

  private finish(group: number, rows: Float64Array): Datum {
    const counted = this.skipped.countOf(group, rows);
    if (counted === 0) return null;
    const wide = this.wide.get(group) ?? 0n;
    const coefficient = wide + BigInt(this.sums[group]);
    let total = this.scaled(coefficient, group);
    const rest = this.rest.get(group);
    if (rest !== undefined) total = rest.add(total);
    if (this.isAverage) return total.divide(Numeric.fromInteger(counted));
    if (this.expression.type.oid === TypeOid.numeric) return total;
    const integer = canonicalInteger(BigInt(total.coefficient));
    if (typeof integer === 'bigint' && BigInt.asIntN(64, integer) !== integer)
      throw databaseError('numericValueOutOfRange', 'bigint out of range');
    return integer;
  }

  /** The sum of the array, with the largest display scale of its rows. */
  private scaled(coefficient: bigint, group: number): Numeric {
    const scale = this.isNumeric ? (this.scale ?? 0) : 0;
    if (this.displays === undefined) {
      const onlyRest = coefficient === 0n && this.rest.has(group);
      return onlyRest ? Numeric.zero : Numeric.of(coefficient, scale);
    }
    const display = this.displays[group];
    return Numeric.of(coefficient / 10n ** BigInt(scale - display), display);
  }

  private plainSums(count: number, rows: Float64Array): Vector {
    const values = this.sums.slice(0, count);
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

/** min and max of whole numbers, dates, times and decimals. */
class ExtremeAccumulator implements Accumulator {
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
    this.values = longer(this.values, capacity, this.initial);
    this.skipped.grow(capacity);
  }
  clear(): void {
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
    const skip = (): string => {
      this.skipped.need();
      const skipped = writer.bindObject(this.skipped);
      return `${array(`${skipped}.rows`)}[${group}]++;`;
    };
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

/** Every other aggregate, and those with DISTINCT or ORDER BY: the interpreter's states, fed row by row. */
class InterpretedAccumulator implements Accumulator {
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
