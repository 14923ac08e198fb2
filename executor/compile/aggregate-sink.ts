// Groups rows and aggregates them, for one or several grouping sets; then the source of the groups.

import { type Expression, type Vector, TypeOid } from '#common';
import type { PhysicalAggregate } from '#planner';
import type { again } from '../contract.ts';
import type { Runtime } from '../runtime.ts';
import type { Accumulator } from './accumulator.ts';
import { type BlockSource, type SourceBlock, vectorBlock } from './block-source.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { vectorOf } from './datum-vector.ts';
import { ColumnStore } from './column-store.ts';
import { dependentKeys } from './dependent-keys.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { GroupIndex, type PerGroup } from './group-index.ts';
import { isPlainKey, keyComponent } from './key-code.ts';
import { KeyPool, nullKey } from './key-pool.ts';
import { NotCompilable } from './not-compilable.ts';
import { makeAccumulator } from './make-accumulator.ts';
import type { PipelineSink } from './sink.ts';
import { wholeNumberTypes } from './compiled-value.ts';

export class AggregateSink implements PipelineSink, BlockSource {
  private readonly node: PhysicalAggregate;
  private readonly sets: readonly GroupSet[];
  private position = 0;

  constructor(node: PhysicalAggregate, runtime: Runtime) {
    this.node = node;
    const sets = node.groupingSets ?? [node.groupKeys.map((_key, position) => position)];
    this.sets = sets.map((set) => new GroupSet(node, set, runtime));
  }

  get generation(): number {
    return this.sets.reduce((sum, set) => sum + set.generation, 0);
  }
  get bytes(): number {
    return this.sets.reduce((sum, set) => sum + set.totalBytes, 0);
  }
  begin(): void {
    for (const set of this.sets) set.begin();
  }
  finish(): void {}
  clear(): void {
    for (const set of this.sets) set.clear();
  }
  emit(compiler: ExpressionCompiler, columns: ColumnBindings): void {
    for (const set of this.sets) set.emit(compiler, columns);
  }

  open(): void {
    this.position = 0;
  }
  next(): SourceBlock | typeof again | undefined {
    while (this.position < this.sets.length) {
      const block = this.sets[this.position++].block(this.node);
      if (block.selected > 0) return block;
    }
    return undefined;
  }
  close(): void {
    this.clear();
  }
}

/** The groups of one grouping set. */
class GroupSet implements PerGroup {
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
  private readonly groupsExpected: number;
  rows = new Float64Array(0);

  constructor(node: PhysicalAggregate, set: readonly number[], runtime: Runtime) {
    this.set = set;
    this.groupsExpected = node.estimatedRows;
    const dependent = dependentKeys(node);
    this.compared = set.filter((position) => !dependent.has(position));
    this.determined = set.filter((position) => dependent.has(position));
    this.keys = this.compared.map((position) => node.groupKeys[position]);
    this.determinedKeys = this.determined.map((position) => node.groupKeys[position]);
    this.determinedValues = new ColumnStore(this.determinedKeys.map((key) => key.type.oid));
    const types = this.keys.map((key) => key.type.oid);
    this.pools = types.map((type) => new KeyPool(type));
    this.index = new GroupIndex(types);
    this.accumulators = node.aggregates.map((aggregate) => makeAccumulator(aggregate, runtime));
    this.index.attach(this);
    for (const accumulator of this.accumulators) this.index.attach(accumulator);
  }

  get generation(): number {
    return this.accumulators.reduce(
      (sum, accumulator) => sum + accumulator.generation,
      this.determinedValues.generation,
    );
  }
  get bytes(): number {
    return this.rows.byteLength;
  }
  grow(capacity: number): void {
    const grown = new Float64Array(capacity);
    grown.set(this.rows);
    this.rows = grown;
  }
  get totalBytes(): number {
    const kept = this.index.bytes + this.determinedValues.bytes;
    return this.pools.reduce((sum, pool) => sum + pool.bytes, kept);
  }

  begin(): void {
    this.clear();
    this.index.clear(this.groupsExpected);
    if (this.keys.length > 0) return;
    // A set without keys has its one group even without rows.
    this.index.count = 1;
    for (const { added } of this.accumulators) added?.();
  }

  clear(): void {
    for (const pool of this.pools) pool.clear();
    this.determinedValues.clear();
    this.rows = new Float64Array(0);
    for (const accumulator of this.accumulators) accumulator.clear();
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
    const rows = array(`${writer.bindObject(this)}.rows`);
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
    const made = this.accumulators.flatMap(({ added }) => (added === undefined ? [] : [added]));
    const found = index.emitFind(compiler, keys, () => {
      for (const added of made) writer.line(`${writer.bindObject(added)}();`);
      if (this.determined.length === 0) return;
      const values = this.determinedKeys.map((key) => compiler.compile(key, columns));
      this.determinedValues.emitAppend(compiler, values);
    });
    writer.lines(steps.lines.map((line) => line.replaceAll('GROUP', found)));
  }

  private keyCodes(compiler: ExpressionCompiler, columns: ColumnBindings): string[] {
    // A group shows the value of its first row; a pool keeps the first of all rows.
    if (this.keys.length > 1 && !this.keys.every((key) => isPlainKey(key.type)))
      throw new NotCompilable();
    return this.keys.map((key, i) => {
      const value = compiler.compile(key, columns);
      const options = { adds: true, exact: true };
      const component = keyComponent(compiler, value, this.pools[i], options);
      if (component === undefined) throw new NotCompilable();
      const { code, isNull } = component;
      return compiler.writer.declare(
        isNull === undefined ? code : `${isNull} ? ${nullKey} : ${code}`,
        'k',
      );
    });
  }

  block(node: PhysicalAggregate): SourceBlock {
    const { count } = this.index;
    const keyCount = node.groupKeys.length;
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
      return position === -1 ? undefined : this.keyVector(position, count);
    }
    const accumulator = this.accumulators[column - keyCount];
    if (accumulator !== undefined) return accumulator.result(count, this.rows);
    const key = column - keyCount - this.accumulators.length;
    const bit = this.set.includes(key) ? 0 : 1;
    const values = new Int32Array(count).fill(bit);
    return { kind: 'integer', values, scale: 0, min: 0, max: 1, nulls: undefined };
  }

  private keyVector(position: number, count: number): Vector {
    const keys = this.index.keys[position];
    const pool = this.pools[position];
    const { typeOid } = pool;
    let nulls: Uint8Array | undefined;
    let min = 0;
    let max = 0;
    const values = new Float64Array(count);
    for (let group = 0; group < count; group++) {
      const key = keys[group];
      if (key === nullKey) {
        nulls ??= new Uint8Array(count);
        nulls[group] = 1;
        continue;
      }
      values[group] = key;
      if (key < min) min = key;
      if (key > max) max = key;
    }
    if (wholeNumberTypes.has(typeOid) || (typeOid === TypeOid.numeric && !pool.byIdentity)) {
      if (max <= Number.MAX_SAFE_INTEGER)
        return { kind: 'integer', values, scale: pool.scale ?? 0, min, max, nulls };
      return vectorOf(
        typeOid,
        Array.from(keys.subarray(0, count), (key) => pool.datum(key)),
      );
    }
    if (typeOid === TypeOid.bool)
      return { kind: 'boolean', values: Uint8Array.from(values), nulls };
    return { kind: 'dictionary', codes: Int32Array.from(values), dictionary: pool, nulls };
  }
}
