// percentile_cont, percentile_disc and their kin over numbers, dates and times: the values of all groups are
// kept in the order in which they come, put together by group in the end, and sorted there.

import {
  type AggregateExpression,
  type Datum,
  type Expression,
  Numeric,
  TypeOid,
  type Vector,
} from '#common';
import { type AggregateImplementation, functionRegistry, type SortedValues } from '#functions';
import { compileExpression } from '../expression/compile-expression.ts';
import { inputOrdinals } from '../expression/walk.ts';
import type { Runtime } from '../runtime.ts';
import { valueBytes } from '../rows/value-size.ts';
import type { Accumulator } from './accumulator.ts';
import { giveBack, longerFloats, zeroFloats } from './array-pool.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, datumCode, floatTypes, wholeNumberTypes } from './compiled-value.ts';
import { vectorOf } from './datum-vector.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

const valuesMin = 1024;

/** Has the aggregate a state like this one? Its direct argument must be the same for all groups. */
export function sortsNumbers(
  { arguments: given, orderBy, distinct }: AggregateExpression,
  implementation: AggregateImplementation,
): boolean {
  if (implementation.ofSorted === undefined || distinct) return false;
  const { oid } = given[given.length - 1].type;
  const isNumber = floatTypes.has(oid) || wholeNumberTypes.has(oid) || oid === TypeOid.numeric;
  return isNumber && orderBy.length === 1 && hasConstants(given.slice(0, -1));
}

function hasConstants(given: readonly Expression[]): boolean {
  return given.every((argument) => inputOrdinals(argument).size === 0);
}

/** Direct arguments come first. */
function sortedArgument({ arguments: given }: AggregateExpression): Expression {
  return given[given.length - 1];
}

export class SortedAccumulator implements Accumulator {
  readonly added = undefined;
  readonly generation = 0;
  private readonly expression: AggregateExpression;
  private readonly implementation: AggregateImplementation;
  private readonly runtime: Runtime;
  private readonly typeOid: number;
  /** Values that are kept as numbers, and their groups. */
  private values: Float64Array = new Float64Array(0);
  private groups: Float64Array = new Float64Array(0);
  private length = 0;
  private scale: number | undefined = undefined;
  /** By group: those that are not. */
  private datums = new Map<number, Datum[]>();
  private datumBytes = 0;

  constructor(
    expression: AggregateExpression,
    implementation: AggregateImplementation,
    runtime: Runtime,
  ) {
    this.expression = expression;
    this.implementation = implementation;
    this.runtime = runtime;
    this.typeOid = sortedArgument(expression).type.oid;
  }

  get bytes(): number {
    return this.values.byteLength * 2 + this.datumBytes;
  }
  grow(): void {}
  clear(): void {
    giveBack(this.values);
    giveBack(this.groups);
    this.values = new Float64Array(0);
    this.groups = new Float64Array(0);
    this.length = 0;
    this.datums = new Map();
    this.datumBytes = 0;
  }

  emit(compiler: ExpressionCompiler, columns: ColumnBindings, group: string): void {
    const { writer } = compiler;
    const { filter } = this.expression;
    if (filter !== undefined) writer.open(`if (${compiler.condition(filter, columns)})`);
    const value = compiler.compile(sortedArgument(this.expression), columns);
    const present = { ...value, isNull: undefined } as CompiledValue;
    const own = writer.bindObject(this);
    const add = this.isKept(value)
      ? `add(${group}, ${datumCode(present, TypeOid.float8, writer)});`
      : `addDatum(${group}, ${datumCode(present, this.typeOid, writer)});`;
    writer.line(`if (!${value.isNull ?? 'false'}) ${own}.${add}`);
    if (filter !== undefined) writer.close();
  }

  /** As a number of the scale that the first ones have? */
  private isKept(value: CompiledValue): boolean {
    if (floatTypes.has(this.typeOid)) return true;
    if (value.kind !== 'integer' || value.display !== undefined) return false;
    this.scale ??= value.scale;
    return value.scale === this.scale;
  }

  add(group: number, value: number): void {
    if (this.length === this.values.length) {
      const capacity = Math.max(valuesMin, this.length * 2);
      this.values = longerFloats(this.values, capacity);
      this.groups = longerFloats(this.groups, capacity);
    }
    this.groups[this.length] = group;
    this.values[this.length++] = value;
  }

  addDatum(group: number, value: Datum): void {
    const known = this.datums.get(group);
    if (known === undefined) this.datums.set(group, [value]);
    else known.push(value);
    this.datumBytes += valueBytes(value) + 8;
  }

  result(count: number): Vector {
    const { ends, values } = this.byGroup(count);
    const { arguments: given } = this.expression;
    const direct = given.length === 1 ? null : compileExpression(given[0], this.runtime)([], 0);
    const results: Datum[] = [];
    for (let group = 0; group < count; group++) {
      const own = values.subarray(group === 0 ? 0 : ends[group - 1], ends[group]);
      const sorted = this.sorted(own, this.datums.get(group));
      const isEmpty = sorted.length === 0;
      results.push(isEmpty ? null : this.implementation.ofSorted!(direct, sorted));
      this.runtime.functions.checkCancel();
    }
    giveBack(values);
    return vectorOf(this.expression.type.oid, results);
  }

  /** The values of a group after those of the one before. */
  private byGroup(count: number): { readonly ends: Int32Array; readonly values: Float64Array } {
    const { groups, length } = this;
    const ends = new Int32Array(count + 1);
    for (let i = 0; i < length; i++) ends[groups[i] + 1]++;
    for (let group = 0; group < count; group++) ends[group + 1] += ends[group];
    const values = zeroFloats(length);
    // What begins as a group's start is its end when all are in their places.
    for (let i = 0; i < length; i++) values[ends[groups[i]]++] = this.values[i];
    return { ends, values };
  }

  private sorted(numbers: Float64Array, datums: readonly Datum[] | undefined): SortedValues {
    const [{ descending }] = this.expression.orderBy;
    // NaN comes last, as it shall.
    numbers.sort();
    if (datums === undefined) {
      const { length } = numbers;
      const at = (position: number): Datum =>
        this.datumOf(numbers[descending ? length - 1 - position : position]);
      return { length, at };
    }
    const all = [...Array.from(numbers, (number) => this.datumOf(number)), ...datums];
    const ordering = functionRegistry.ordering(this.typeOid)!;
    all.sort((left, right) => ordering.compare(left, right));
    if (descending) all.reverse();
    return all;
  }

  private datumOf(number: number): Datum {
    return this.typeOid === TypeOid.numeric ? new Numeric(number, this.scale!) : number;
  }
}
