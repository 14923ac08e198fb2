// One aggregate of a query: its states, one per group, and how a row enters them. With ORDER BY, and
// with DISTINCT where the order of the input shows, the arguments are collected and fed when the
// group is finished, in order; with DISTINCT otherwise, a set per group leaves out what was seen.

import {
  type AggregateExpression,
  type Batch,
  type Datum,
  type OrderKey,
  notSupported,
  uncollatedType,
} from '#common';
import { type AggregateImplementation, type CallTypes, functionRegistry } from '#functions';
import { callTypes } from '../expression/calls.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Columns, Evaluator } from '../expression/environment.ts';
import { type HashKey, type KeyHasher, keyHasher } from '../rows/key-hash.ts';
import { quickSort } from '../rows/quick-sort.ts';
import { type KeyColumn, compareByKey, keyColumn } from '../rows/row-order.ts';
import { rowBytes, valueBytes } from '../rows/value-size.ts';
import type { Runtime } from '../runtime.ts';

/** Aggregates whose result does not depend on the order of their input. */
const orderInsensitive = new Set([
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'bool_and',
  'bool_or',
  'every',
  'bit_and',
  'bit_or',
  'bit_xor',
  'variance',
  'var_pop',
  'var_samp',
  'stddev',
  'stddev_pop',
  'stddev_samp',
]);

/** May a result be read and further rows added to the same state? Collected results share it. */
export function isResumable(functionOid: number): boolean {
  const name = builtinName(functionOid);
  return orderInsensitive.has(name) || name === 'string_agg';
}

/** Empty for aggregates that users have made, whatever their name. */
function builtinName(functionOid: number): string {
  const signature = functionRegistry.functionByOid(functionOid);
  return signature === undefined || signature.routine !== undefined ? '' : signature.name;
}

/** Heap bytes of one state, roughly. */
const stateBytes = 48;
const countStarOid = 2803;

/** To other aggregates than these a collation says which arguments are distinct, and nothing else. */
function comparesByCollation(functionOid: number): boolean {
  return comparingAggregates.has(builtinName(functionOid));
}

const comparingAggregates = new Set([
  ...['min', 'max', 'mode', 'rank', 'dense_rank', 'percent_rank', 'cume_dist'],
]);

export function aggregateImplementation(
  functionOid: number,
  types: CallTypes,
): AggregateImplementation {
  const implementation = functionRegistry.aggregate(functionOid, {
    ...types,
    argumentTypes: comparesByCollation(functionOid)
      ? types.argumentTypes
      : types.argumentTypes.map(uncollatedType),
  });
  if (implementation === undefined) {
    throw notSupported(
      `aggregate ${functionRegistry.functionByOid(functionOid)?.name ?? functionOid}`,
    );
  }
  return implementation;
}

export class AggregateCall {
  private readonly runtime: Runtime;
  private readonly implementation: AggregateImplementation;
  private readonly evaluators: readonly Evaluator[];
  private readonly filter: Evaluator | undefined;
  private readonly countsRows: boolean;
  private readonly distinctHash: KeyHasher | undefined;
  /** Set when the input must be ordered before it is fed. */
  private readonly order: readonly KeyColumn[] | undefined;
  /** What rows are ordered by. */
  readonly orderBy: readonly OrderKey[];
  private readonly orderEvaluators: readonly Evaluator[];
  private readonly growing: boolean;
  private states: unknown[] = [];
  private seen: Set<HashKey>[] = [];
  private collected: Datum[][][] = [];
  bytes = 0;

  constructor(expression: AggregateExpression, runtime: Runtime) {
    this.runtime = runtime;
    this.implementation = aggregateImplementation(expression.functionOid, {
      ...callTypes(expression),
      orderBy: expression.orderBy,
    });
    this.evaluators = expression.arguments.map((argument) => compileExpression(argument, runtime));
    this.filter =
      expression.filter === undefined ? undefined : compileExpression(expression.filter, runtime);
    this.countsRows = expression.functionOid === countStarOid && this.filter === undefined;
    const types = expression.arguments.map((argument) => argument.type.oid);
    const name = builtinName(expression.functionOid);
    this.distinctHash = expression.distinct ? keyHasher(types) : undefined;
    const shown = expression.distinct && !orderInsensitive.has(name);
    this.orderBy =
      expression.orderBy.length === 0 && shown ? argumentOrder(expression) : expression.orderBy;
    this.order =
      this.orderBy.length === 0
        ? undefined
        : this.orderBy.map((key, i) => keyColumn(key, this.evaluators.length + i));
    this.orderEvaluators = this.orderBy.map((key) => compileExpression(key.expression, runtime));
    this.growing = !orderInsensitive.has(name);
  }

  /** Makes the state of group number `group`; groups are made in order. */
  addGroup(): void {
    this.states.push(this.implementation.create(this.runtime.functions));
    if (this.order !== undefined) this.collected.push([]);
    else if (this.distinctHash !== undefined) this.seen.push(new Set());
    this.bytes += stateBytes;
  }

  /** Feeds the rows of a batch to their groups; a negative group leaves the row out. */
  stepBatch(batch: Batch, groups: Int32Array): void {
    const { states, length } = { states: this.states, length: batch.length };
    if (this.countsRows) {
      const { implementation, runtime } = this;
      for (let row = 0; row < length; row++) {
        const group = groups[row];
        if (group >= 0) states[group] = implementation.step(states[group], runtime.functions);
      }
      return;
    }
    for (let row = 0; row < length; row++) {
      const group = groups[row];
      if (group >= 0) this.step(group, batch.columns, row);
    }
  }

  step(group: number, columns: Columns, row: number): void {
    if (this.filter !== undefined && this.filter(columns, row) !== true) return;
    const { evaluators } = this;
    if (this.takesValues && evaluators.length === 1) {
      this.takeValue(group, evaluators[0](columns, row));
      return;
    }
    this.take(
      group,
      evaluators.map((evaluator) => evaluator(columns, row)),
      this.orderEvaluators.map((evaluator) => evaluator(columns, row)),
    );
  }

  /** A row is taken in as it comes, whatever came before it. */
  get takesValues(): boolean {
    return this.order === undefined && this.distinctHash === undefined;
  }

  /** Takes in a row that has passed the filter, given its only argument; where `takesValues`. */
  takeValue(group: number, value: Datum): void {
    const { implementation } = this;
    if (value === null && implementation.strict) return;
    if (this.growing) this.bytes += valueBytes(value);
    this.states[group] = implementation.step(this.states[group], this.runtime.functions, value);
  }

  /** The same with any number of arguments, and the values that rows are ordered by. */
  take(group: number, values: Datum[], orderValues: readonly Datum[]): void {
    if (this.order !== undefined) {
      if (this.implementation.strict && values.includes(null)) return;
      for (const value of orderValues) values.push(value);
      this.collected[group].push(values);
      this.bytes += rowBytes(values);
      return;
    }
    if (this.distinctHash !== undefined && this.alreadySeen(group, values)) return;
    this.feed(group, values);
  }

  finish(group: number): Datum {
    if (this.order !== undefined) this.feedCollected(group, this.order);
    return this.implementation.finish(this.states[group], this.runtime.functions);
  }

  /** Forgets all groups but the last, which becomes group 0. */
  keepLastGroup(): void {
    this.states = this.states.slice(-1);
    this.seen = this.seen.slice(-1);
    this.collected = this.collected.slice(-1);
    this.bytes = this.states.length * stateBytes;
  }

  clear(): void {
    this.states = [];
    this.seen = [];
    this.collected = [];
    this.bytes = 0;
  }

  private feed(group: number, values: readonly Datum[]): void {
    if (this.implementation.strict && values.includes(null)) return;
    if (this.growing) this.bytes += rowBytes(values);
    this.states[group] = this.implementation.step(
      this.states[group],
      this.runtime.functions,
      ...values,
    );
  }

  private alreadySeen(group: number, values: readonly Datum[]): boolean {
    const key = this.distinctHash!(values);
    const seen = this.seen[group];
    if (seen.has(key)) return true;
    seen.add(key);
    this.bytes += 40 + valueBytes(key);
    return false;
  }

  private feedCollected(group: number, order: readonly KeyColumn[]): void {
    const rows = this.collected[group];
    const { functions } = this.runtime;
    let steps = 0;
    const positions = Int32Array.from(rows, (_row, position) => position);
    const compare = (left: number, right: number): number => {
      if ((++steps & 0x3fff) === 0) functions.checkCancel();
      for (const key of order) {
        const column = key.column;
        const comparison = compareByKey(key, rows[left][column], rows[right][column]);
        if (comparison !== 0) return comparison;
      }
      return 0;
    };
    if (!quickSort(positions, compare)) positions.sort(compare);
    const width = this.evaluators.length;
    const seen = new Set<HashKey>();
    for (const position of positions) {
      if ((++steps & 0x3fff) === 0) functions.checkCancel();
      const values = rows[position].slice(0, width);
      if (this.distinctHash !== undefined) {
        const key = this.distinctHash(values);
        if (seen.has(key)) continue;
        seen.add(key);
      }
      this.feed(group, values);
    }
    this.collected[group] = [];
  }
}

/** DISTINCT without ORDER BY feeds its arguments in ascending order, nulls last. */
function argumentOrder(expression: AggregateExpression): OrderKey[] {
  return expression.arguments.map((argument) => ({
    expression: argument,
    descending: false,
    nullsFirst: false,
  }));
}
