// Sorts a pipeline's rows; then the source of the sorted rows. When only the first rows are wanted, the
// store is cut back to them whenever it holds some times as many, and the last of them is a bound: code
// compares a row's first key with it before the row's other columns are looked at. Sorts do not use disk:
// past the budget of memory the interpreted operator, which does, starts over.

import type { Datum, Expression, Vector } from '#common';
import type { PhysicalSort } from '#planner';
import { compileScalar } from '../operators/simple-operators.ts';
import { type KeyColumn, keyColumn } from '../rows/row-order.ts';
import type { Runtime } from '../runtime.ts';
import type { BlockSource, SourceBlock } from './block-source.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { ColumnStore } from './column-store.ts';
import type { CompiledValue } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { NotCompilable } from './not-compilable.ts';
import type { PipelineSink } from './sink.ts';
import { orderOf } from './sort-keys.ts';

/** The store is cut back to the rows wanted when it holds so many times as many, and at least so many. */
const cutFactor = 2;
const cutRowsMin = 1024;
/** More rows than this are sorted in one go at the end. */
const topRowsMax = 8192;

export class SortSink implements PipelineSink, BlockSource {
  private readonly node: PhysicalSort;
  private readonly keyColumns: readonly KeyColumn[];
  /** What the store keeps: columns of the input, then keys. */
  private readonly kept: readonly Expression[];
  private readonly limit: (() => Datum) | undefined;
  private readonly store: ColumnStore;
  private readonly ordinals: readonly number[];
  private rowsWanted = Infinity;
  private order: Int32Array = new Int32Array(0);
  private isRead = true;
  /** The first key of the last row wanted; a row beyond it can be left out when `bounded`. */
  bound = 0;
  bounded = false;

  /** `ordinals`: the input's columns that are read after the sort. */
  constructor(node: PhysicalSort, ordinals: readonly number[], runtime: Runtime) {
    this.node = node;
    this.ordinals = ordinals;
    this.keyColumns = node.keys.map((key, i) => keyColumn(key, i));
    const columns = ordinals.map((ordinal): Expression => ({
      kind: 'input',
      ordinal,
      type: node.input.types[ordinal],
    }));
    this.kept = [...columns, ...node.keys.map(({ expression }) => expression)];
    this.store = new ColumnStore(this.kept.map(({ type }) => type.oid));
    this.limit = node.limit === undefined ? undefined : compileScalar(node.limit, runtime);
  }

  get generation(): number {
    return this.store.generation;
  }
  get bytes(): number {
    return this.store.bytes + this.order.byteLength;
  }
  begin(): void {
    this.clear();
    const limit = this.limit?.() ?? null;
    this.rowsWanted = limit === null ? Infinity : Math.max(0, Number(limit));
  }
  clear(): void {
    this.store.clear();
    this.order = new Int32Array(0);
    this.bounded = false;
  }
  relieve(): undefined {
    throw new NotCompilable();
  }

  emit(compiler: ExpressionCompiler, columns: ColumnBindings): void {
    const { writer } = compiler;
    const guarded = this.emitGuard(compiler, columns);
    const values = this.kept.map((expression) => compiler.compile(expression, columns));
    this.store.emitAppend(compiler, values);
    if (guarded) writer.close();
    writer.after(`${writer.bindObject(this)}.cutBack();`);
  }

  /** Opens a scope for rows whose first key is not beyond the bound. */
  private emitGuard(compiler: ExpressionCompiler, columns: ColumnBindings): boolean {
    const { writer } = compiler;
    const [first] = this.node.keys;
    if (this.node.limit === undefined) return false;
    const value = compiler.compile(first.expression, columns);
    if (!this.isComparable(value)) return false;
    const sink = writer.bindObject(this);
    const [bound, bounded] = [writer.fresh('bd'), writer.fresh('bd')];
    writer.before(`const ${bound} = ${sink}.bound, ${bounded} = ${sink}.bounded;`);
    const beyond = `${value.code} ${first.descending ? '<' : '>'} ${bound}`;
    const text =
      value.isNull === undefined ? beyond : `(${value.isNull} ? ${!first.nullsFirst} : ${beyond})`;
    writer.open(`if (!(${bounded} && ${text}))`);
    return true;
  }

  private isComparable(value: CompiledValue): boolean {
    const stored = this.store.columns[this.ordinals.length];
    if (value.kind === 'integer')
      return (
        value.display === undefined &&
        (stored.representation === undefined ||
          (stored.representation === 'integer' && stored.scale === value.scale))
      );
    return value.kind === 'float' && (stored.representation ?? 'float') === 'float';
  }

  /** Called by generated code after each slice. */
  cutBack(): void {
    const { rowsWanted, store } = this;
    if (rowsWanted > topRowsMax || store.length <= Math.max(rowsWanted * cutFactor, cutRowsMin))
      return;
    const order = this.sorted().subarray(0, rowsWanted);
    store.keep(order);
    this.setBound(rowsWanted - 1);
  }

  private setBound(row: number): void {
    const vector = this.store.vector(this.ordinals.length);
    this.bounded =
      row >= 0 &&
      (vector.kind === 'integer' || vector.kind === 'float') &&
      (vector.nulls === undefined || vector.nulls[row] === 0) &&
      !Number.isNaN(vector.values[row]);
    if (this.bounded) this.bound = (vector as { readonly values: Float64Array }).values[row];
  }

  private sorted(): Int32Array {
    const vectors = this.keyColumns.map((_key, i) => this.store.vector(this.ordinals.length + i));
    return orderOf(vectors, this.keyColumns, this.store.length);
  }

  finish(): void {
    this.order = this.sorted();
    if (this.rowsWanted < this.order.length) this.order = this.order.slice(0, this.rowsWanted);
  }

  open(): void {
    this.isRead = false;
  }
  next(): SourceBlock | undefined {
    if (this.isRead || this.order.length === 0) return undefined;
    this.isRead = true;
    return {
      length: this.store.length,
      selection: this.order,
      selected: this.order.length,
      vector: (ordinal): Vector | undefined => {
        const place = this.ordinals.indexOf(ordinal);
        return place === -1 ? undefined : this.store.vector(place);
      },
    };
  }
  close(): void {
    this.clear();
    this.isRead = true;
  }
}
