// The groups of one grouping set of an aggregate. Past the budget of memory no more groups are made: rows
// of unknown groups are put aside in partitions on disk, to be grouped when the groups in memory are out.

import type { Expression, Vector } from '#common';
import type { PhysicalAggregate } from '#planner';
import { spillLevelsMax } from '../limits.ts';
import type { Accumulator } from './accumulator.ts';
import { giveBack, longerFloats } from './array-pool.ts';
import { type SourceBlock, vectorBlock } from './block-source.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { ColumnStore } from './column-store.ts';
import { dependentKeys } from './dependent-keys.ts';
import type { KnownBounds } from './direct-places.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { GroupIndex, type PerGroup } from './group-index.ts';
import { isPlainKey, keyComponent } from './key-code.ts';
import { KeyPool, nullKey } from './key-pool.ts';
import { keyVector } from './key-vector.ts';
import { makeAccumulator } from './make-accumulator.ts';
import { NotCompilable } from './not-compilable.ts';
import { withSharedSums } from './shared-sum.ts';
import type { PipelineState } from './pipeline-state.ts';
import type { RowPartitions } from './row-partitions.ts';
import type { PipelineSink } from './sink.ts';
import { SpillStore } from './spill-store.ts';

/** Bytes that a group takes: its places and its number of rows, each key and each aggregate. */
const bytesPerGroup = 48;
const bytesPerPart = 16;

export interface GroupSetOptions {
  /** Positions in the node's keys. */
  readonly set: readonly number[];
  /** Columns of the input that keys and aggregates read. */
  readonly read: readonly number[];
}

/** The rows of each group. */
class RowCounts implements PerGroup {
  values: Float64Array = new Float64Array(0);
  get bytes(): number {
    return this.values.byteLength;
  }
  grow(capacity: number): void {
    this.values = longerFloats(this.values, capacity);
  }
  clear(): void {
    giveBack(this.values);
    this.values = new Float64Array(0);
  }
}

export class GroupSet implements PipelineSink {
  /** Positions in the node's keys: of the set, and of those that are compared. */
  private readonly set: readonly number[];
  private readonly compared: readonly number[];
  /** Keys that the others determine are kept from each group's first row. */
  private readonly determined: readonly number[];
  private readonly determinedKeys: readonly Expression[];
  private readonly determinedValues: ColumnStore;
  private readonly keys: readonly Expression[];
  private readonly pools: readonly KeyPool[];
  private readonly index: GroupIndex;
  private readonly accumulators: readonly Accumulator[];
  private readonly node: PhysicalAggregate;
  private readonly state: PipelineState;
  /** Where rows wait whose groups do not fit. */
  readonly aside: SpillStore;
  /** No more groups are made. */
  private full = false;
  private modes = 0;
  /** How often the rows at hand have been divided. */
  private level = 0;
  private readonly rows = new RowCounts();

  constructor(node: PhysicalAggregate, { set, read }: GroupSetOptions, state: PipelineState) {
    this.node = node;
    this.state = state;
    this.set = set;
    const runtime = state.environment;
    const dependent = dependentKeys(node);
    this.compared = set.filter((position) => !dependent.has(position));
    this.determined = set.filter((position) => dependent.has(position));
    this.keys = this.compared.map((position) => node.groupKeys[position]);
    this.determinedKeys = this.determined.map((position) => node.groupKeys[position]);
    this.determinedValues = new ColumnStore(
      this.determinedKeys.map((key) => key.type.oid),
      {
        isPooled: true,
        textsOf: () => state.texts,
      },
    );
    const types = this.keys.map((key) => key.type.oid);
    this.pools = types.map((type) => new KeyPool(type));
    this.index = new GroupIndex(types);
    this.accumulators = withSharedSums(
      node.aggregates.map((aggregate) => makeAccumulator(aggregate, runtime)),
    );
    this.index.attach(this.rows);
    for (const accumulator of this.accumulators) this.index.attach(accumulator);
    const columns = read.map((ordinal): Expression => {
      return { kind: 'input', ordinal, type: node.input.types[ordinal] };
    });
    this.aside = new SpillStore({ columns, keys: this.keys, keyTypes: types }, runtime);
  }

  /** By the positions of the node's keys. */
  knowBounds(bounds: readonly KnownBounds[]): void {
    this.index.bounds = this.compared.map((position) => bounds[position]);
  }

  get generation(): number {
    return this.accumulators.reduce(
      (sum, accumulator) => sum + accumulator.generation,
      this.determinedValues.generation + this.aside.generation + this.modes,
    );
  }
  get bytes(): number {
    const kept = this.index.bytes + this.determinedValues.bytes + this.aside.bytes;
    return this.pools.reduce((sum, pool) => sum + pool.bytes, kept);
  }

  begin(): void {
    this.beginAt(0);
  }

  /** Before rows that are the result of so many divisions. */
  beginAt(level: number): void {
    this.clear();
    this.level = level;
    const parts = this.node.groupKeys.length + this.accumulators.length;
    const groupsMax = this.state.bytesMax / (bytesPerGroup + bytesPerPart * parts);
    this.index.clear(Math.min(this.node.estimatedRows, groupsMax));
    if (this.keys.length > 0) return;
    // A set without keys has its one group even without rows.
    this.index.count = 1;
    for (const { added } of this.accumulators) added?.();
  }
  finish(): void {}

  clear(): void {
    for (const pool of this.pools) pool.clear();
    this.determinedValues.clear();
    this.rows.clear();
    for (const accumulator of this.accumulators) accumulator.clear();
    this.index.release();
    this.aside.clear();
    this.setFull(false);
  }

  /** Rows of unknown groups are put aside from now on; false when that is so already, or never will. */
  stopGrowing(): boolean {
    if (this.full || this.keys.length === 0 || this.level >= spillLevelsMax) return false;
    this.aside.begin(this.level);
    this.setFull(true);
    return true;
  }

  relieve(): Generator<undefined, void> | undefined {
    return this.stopGrowing() ? nothing() : undefined;
  }

  /** The rows put aside, for the caller to close. */
  takeAside(): { readonly partitions: RowPartitions; readonly level: number } | undefined {
    return this.full ? { partitions: this.aside.take(), level: this.level } : undefined;
  }

  private setFull(full: boolean): void {
    if (this.full !== full) this.modes++;
    this.full = full;
  }

  emit(compiler: ExpressionCompiler, columns: ColumnBindings): void {
    const { writer } = compiler;
    const arrays = new Map<string, string>();
    const { index } = this;
    index.reloads = [];
    const array = (text: string): string => {
      let name = arrays.get(text);
      if (name === undefined) {
        name = writer.fresh('s');
        arrays.set(text, name);
        writer.before(`let ${name} = ${text};`);
        index.reloads.push(`${name} = ${text};`);
      }
      return name;
    };
    // The accumulators' arrays must be known where groups are made, so their code is written first.
    const keys = this.keyCodes(compiler, columns);
    const group = keys.length === 0 ? '0' : 'GROUP';
    const rows = array(`${writer.bindObject(this.rows)}.values`);
    const steps = writer.capture(() => {
      writer.line(`${rows}[${group}]++;`);
      for (const accumulator of this.accumulators)
        accumulator.emit(compiler, columns, group, array);
    });
    writer.endCaptures(1);
    if (keys.length === 0) {
      writer.lines(steps.lines);
      return;
    }
    if (this.full) {
      this.emitKnown(compiler, columns, { keys, steps: steps.lines });
      return;
    }
    const made = this.accumulators.flatMap(({ added }) => (added === undefined ? [] : [added]));
    const found = index.emitFind(compiler, keys, () => {
      for (const added of made) writer.line(`${writer.bindObject(added)}();`);
      if (this.determined.length === 0) return;
      const values = this.determinedKeys.map((key) => compiler.compile(key, columns));
      this.determinedValues.emitAppend(compiler, values);
    });
    writer.lines(steps.lines.map((line) => line.replaceAll('GROUP', found)));
  }

  /** Code for rows of groups that are there; others are put aside. */
  private emitKnown(
    compiler: ExpressionCompiler,
    columns: ColumnBindings,
    code: { readonly keys: readonly string[]; readonly steps: readonly string[] },
  ): void {
    const { writer } = compiler;
    const found = this.index.emitLookUp(compiler, code.keys);
    writer.open(`if (${found} >= 0)`);
    writer.lines(code.steps.map((line) => line.replaceAll('GROUP', found)));
    writer.otherwise();
    this.aside.emit(compiler, columns);
    writer.close();
  }

  private keyCodes(compiler: ExpressionCompiler, columns: ColumnBindings): string[] {
    // A group shows the value of its first row; a pool keeps the first of all rows.
    if (this.keys.length > 1 && !this.keys.every((key) => isPlainKey(key.type)))
      throw new NotCompilable();
    return this.keys.map((key, i) => {
      const value = compiler.compile(key, columns);
      const options = { adds: !this.full, exact: true };
      const component = keyComponent(compiler, value, this.pools[i], options);
      if (component === undefined) throw new NotCompilable();
      const { code, isNull } = component;
      return compiler.writer.declare(
        isNull === undefined ? code : `${isNull} ? ${nullKey} : ${code}`,
        'k',
      );
    });
  }

  block(): SourceBlock {
    const { count } = this.index;
    const keyCount = this.node.groupKeys.length;
    const vectors = new Map<number, Vector | undefined>();
    return vectorBlock(count, (column) => {
      if (!vectors.has(column)) vectors.set(column, this.vector(column, keyCount, count));
      return vectors.get(column);
    });
  }

  /** Keys, results, and GROUPING() bits, one per key: 1 when the key is left out. */
  private vector(column: number, keyCount: number, count: number): Vector | undefined {
    if (column < keyCount) {
      const kept = this.determined.indexOf(column);
      if (kept !== -1) return this.determinedValues.vector(kept);
      const position = this.compared.indexOf(column);
      return position === -1
        ? undefined
        : keyVector(this.index.keys[position], this.pools[position], count);
    }
    const accumulator = this.accumulators[column - keyCount];
    if (accumulator !== undefined) return accumulator.result(count, this.rows.values);
    const key = column - keyCount - this.accumulators.length;
    const bit = this.set.includes(key) ? 0 : 1;
    const values = new Int32Array(count).fill(bit);
    return { kind: 'integer', values, scale: 0, min: 0, max: 1, nulls: undefined };
  }
}

/** Relief without work of its own. */
export function* nothing(): Generator<undefined, void> {}
