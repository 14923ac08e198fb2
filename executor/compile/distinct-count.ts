// count(DISTINCT x): pairs of group and key component in one open-addressing table.

import type { AggregateExpression, Vector } from '#common';
import { type Accumulator, type ArrayName, emitGuard } from './accumulator.ts';
import { giveBack, longerFloats, zeroFloats, zeroWholes } from './array-pool.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { finished, mixed } from './join-table.ts';
import { keyComponent } from './key-code.ts';
import { KeyPool } from './key-pool.ts';

const placesMin = 1024;

export class DistinctCountAccumulator implements Accumulator {
  readonly added = undefined;
  readonly generation = 0;
  private readonly expression: AggregateExpression;
  private readonly pool: KeyPool;
  private counts = new Float64Array(0);
  /** Group + 1 by place, and the component that it met. */
  private groups = new Int32Array(placesMin);
  private keys = new Float64Array(placesMin);
  private pairs = 0;

  constructor(expression: AggregateExpression) {
    this.expression = expression;
    this.pool = new KeyPool(expression.arguments[0].type.oid);
  }

  get bytes(): number {
    return this.counts.byteLength + this.groups.length * 12 + this.pool.bytes;
  }
  grow(capacity: number): void {
    this.counts = longerFloats(this.counts, capacity);
  }
  clear(): void {
    giveBack(this.counts);
    giveBack(this.groups);
    giveBack(this.keys);
    this.counts = new Float64Array(0);
    this.groups = new Int32Array(placesMin);
    this.keys = new Float64Array(placesMin);
    this.pairs = 0;
    this.pool.clear();
  }

  emit(
    compiler: ExpressionCompiler,
    columns: ColumnBindings,
    group: string,
    _array: ArrayName,
  ): void {
    const { writer } = compiler;
    const { value, close } = emitGuard(compiler, this.expression, columns, () => '{}');
    const options = { adds: true, exact: false };
    const component = keyComponent(compiler, value!, this.pool, options)!;
    writer.line(`${writer.bindObject(this)}.add(${group}, ${component.code});`);
    close();
  }

  add(group: number, key: number): void {
    const { groups, keys } = this;
    const mask = groups.length - 1;
    let place = finished(mixed(mixed(0, key, true), group, false)) & mask;
    while (groups[place] !== 0) {
      if (groups[place] === group + 1 && keys[place] === key) return;
      place = (place + 1) & mask;
    }
    groups[place] = group + 1;
    keys[place] = key;
    this.counts[group]++;
    if (++this.pairs * 2 > groups.length) this.enlarge();
  }

  result(count: number): Vector {
    const values = this.counts.slice(0, count);
    const max = values.reduce((most, value) => Math.max(most, value), 0);
    return { kind: 'integer', values, scale: 0, min: 0, max, nulls: undefined };
  }

  private enlarge(): void {
    const { groups, keys } = this;
    this.groups = zeroWholes(groups.length * 2);
    this.keys = zeroFloats(groups.length * 2);
    const mask = this.groups.length - 1;
    for (let old = 0; old < groups.length; old++) {
      if (groups[old] === 0) continue;
      const hash = mixed(mixed(0, keys[old], true), groups[old] - 1, false);
      let place = finished(hash) & mask;
      while (this.groups[place] !== 0) place = (place + 1) & mask;
      this.groups[place] = groups[old];
      this.keys[place] = keys[old];
    }
    giveBack(groups);
    giveBack(keys);
  }
}
