// Rows that a pipeline keeps, by columns, and the code that appends to them. Beside the columns a store
// may have key components: plain numbers that stand for the row's keys in a hash table.

import type { Vector } from '#common';
import { outOfMemory } from '../errors.ts';
import { storeBytesMax } from '../limits.ts';
import { giveBack, longerFloats } from './array-pool.ts';
import { type CompiledValue, datumCode } from './compiled-value.ts';
import type { LateTexts } from './late-texts.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { StoredColumn } from './stored-column.ts';

const capacityMin = 1024;

export interface ColumnStoreOptions {
  readonly keyCount?: number;
  /** Arrays are used again after clear(): nobody may read vectors then. */
  readonly isPooled?: boolean;
  /** Takes texts as they are in segments, for columns that it is given for. */
  readonly textsOf?: (column: number) => LateTexts | undefined;
}

export class ColumnStore {
  readonly columns: readonly StoredColumn[];
  readonly keys: Float64Array[];
  length = 0;
  capacity = 0;
  /** Counts the changes of representation: code for another one is out of date. */
  generation = 0;

  constructor(
    types: readonly number[],
    { keyCount = 0, isPooled = false, textsOf }: ColumnStoreOptions = {},
  ) {
    this.columns = types.map((type, i) => new StoredColumn(type, isPooled, textsOf?.(i)));
    this.keys = Array.from({ length: keyCount }, () => new Float64Array(0));
  }

  get bytes(): number {
    let bytes = this.keys.length * this.capacity * 8;
    for (const column of this.columns) bytes += column.bytes;
    return bytes;
  }

  clear(): void {
    for (const column of this.columns) column.clear();
    for (let i = 0; i < this.keys.length; i++) {
      giveBack(this.keys[i]);
      this.keys[i] = new Float64Array(0);
    }
    this.length = 0;
    this.capacity = 0;
  }

  /** Room for at least one more row after `length`. */
  grow(length: number): void {
    this.capacity = Math.max(capacityMin, length * 2);
    if (this.capacity * 8 * (this.columns.length + this.keys.length) > storeBytesMax)
      throw outOfMemory();
    for (const column of this.columns) column.grow(this.capacity);
    for (let i = 0; i < this.keys.length; i++)
      this.keys[i] = longerFloats(this.keys[i], this.capacity);
  }

  /** Keeps the rows at the places only, in that order; not for stores with keys. */
  keep(places: Int32Array): void {
    for (const column of this.columns) column.keep(places);
    this.length = places.length;
  }

  vector(column: number): Vector {
    return this.columns[column].vector(this.length);
  }

  vectors(): Vector[] {
    return this.columns.map((column) => column.vector(this.length));
  }

  /** Code that appends one row; `values` are the columns', `keys` the components' texts. */
  emitAppend(
    compiler: ExpressionCompiler,
    values: readonly CompiledValue[],
    keys: readonly string[] = [],
  ): void {
    const { writer } = compiler;
    let changed = false;
    values.forEach((value, i) => {
      if (this.columns[i].adapt(value, this.length)) changed = true;
    });
    if (changed) this.generation++;
    if (this.capacity === 0) this.grow(0);
    const store = writer.bindObject(this);
    const length = writer.fresh('len');
    const capacity = writer.fresh('cap');
    writer.before(`let ${length} = ${store}.length, ${capacity} = ${store}.capacity;`);
    const reload = [`${capacity} = ${store}.capacity;`];
    const array = (text: string): string => {
      const name = writer.fresh('a');
      writer.before(`let ${name} = ${text};`);
      reload.push(`${name} = ${text};`);
      return name;
    };
    const assignments: string[] = [];
    keys.forEach((key, i) =>
      assignments.push(`${array(`${store}.keys[${i}]`)}[${length}] = ${key};`),
    );
    values.forEach((value, i) => {
      const column = writer.bindObject(this.columns[i]);
      const target = `${array(`${column}.values`)}[${length}]`;
      const nulls = value.isNull === undefined ? undefined : array(`${column}.nulls`);
      assignments.push(...storeCode(compiler, this.columns[i], value, { target, column }));
      if (nulls !== undefined) assignments.push(`${nulls}[${length}] = ${value.isNull} ? 1 : 0;`);
    });
    writer.line(`if (${length} === ${capacity}) { ${store}.grow(${length}); ${reload.join(' ')} }`);
    for (const assignment of assignments) writer.line(assignment);
    writer.line(`${length}++;`);
    writer.after(`${store}.length = ${length};`);
  }
}

interface Target {
  readonly target: string;
  /** The stored column's name. */
  readonly column: string;
}

function storeCode(
  compiler: ExpressionCompiler,
  stored: StoredColumn,
  value: CompiledValue,
  { target, column }: Target,
): string[] {
  const { writer } = compiler;
  const isLate = stored.representation === 'texts';
  if (isLate && value.kind === 'datum' && value.text !== undefined)
    return [`${target} = ${value.text(stored.texts!)};`];
  if (value.kind === 'datum' && value.code === 'null') return [];
  if (stored.representation !== 'dictionary' && !isLate)
    return [`${target} = ${value.kind === 'boolean' ? `${value.code} ? 1 : 0` : value.code};`];
  const pool = `${column}.${isLate ? 'texts' : 'pool'}`;
  if (value.kind !== 'dictionary') {
    const datum = datumCode(value, stored.typeOid, writer);
    const add = `${target} = ${pool}.add(${datum});`;
    return value.isNull === undefined ? [add] : [`if (!${value.isNull}) ${add}`];
  }
  const { resolve } = value;
  const map = writer.bind((frame) =>
    isLate ? stored.texts!.mapOf(resolve(frame)) : stored.pool.mapOf(resolve(frame)),
  );
  const place = writer.fresh('p');
  const lines = [
    `let ${place} = ${map}[${value.code}];`,
    `if (!(${place} > 0)) ${place} = ${pool}.fill(${map}, ${value.dictionary}, ${value.code});`,
    `${target} = ${place}${isLate ? '' : ' - 1'};`,
  ];
  return value.isNull === undefined ? lines : [`if (!${value.isNull}) {`, ...lines, '}'];
}
