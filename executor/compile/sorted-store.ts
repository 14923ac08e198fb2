// Rows that a pipeline keeps in order: columns in memory, sorted when all are there; past the budget of
// memory, sorted runs on disk that are merged as they are read (sorted-runs.ts).

import { type Expression, type OrderKey, TypeOid, type Vector, sqlType } from '#common';
import { type KeyColumn, keyColumn } from '../rows/row-order.ts';
import type { Runtime } from '../runtime.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { ColumnStore } from './column-store.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { expressionKey } from './expression-key.ts';
import type { LateTexts } from './late-texts.ts';
import type { MorselMarks } from './morsel-marks.ts';
import type { OrderedRows } from './ordered-rows.ts';
import type { PipelineState } from './pipeline-state.ts';
import { KeyOrder } from './key-order.ts';
import { SortedRuns } from './sorted-runs.ts';

/** Sorting needs so much more beside a row's columns. */
const sortBytesPerRow = 24;

export interface SortedStoreOptions {
  /** What is kept of a row; expressions that are the same are kept once. */
  readonly kept: readonly Expression[];
  /** Of the order; without any, rows stay in the order of their arrival. */
  readonly keys: readonly OrderKey[];
  /** For columns that are no keys. */
  readonly texts?: LateTexts;
  /** Decide between rows with equal keys, and are a column after the others. */
  readonly marks?: MorselMarks | undefined;
}

const ofMorsels = { descending: false, nullsFirst: false } as const;

export class SortedStore {
  readonly store: ColumnStore;
  private readonly expressions: readonly Expression[];
  private readonly places = new Map<Expression, number>();
  private readonly byKey = new Map<string, number>();
  private readonly keys: readonly KeyColumn[];
  private readonly marks: MorselMarks | undefined;
  private readonly runtime: Runtime;
  private readonly state: PipelineState;
  private order: KeyOrder | undefined = undefined;
  private runs: SortedRuns | undefined = undefined;
  private isRead = true;
  /** In all executions, for EXPLAIN ANALYZE. */
  bytesWritten = 0;

  constructor({ kept, keys, texts, marks }: SortedStoreOptions, state: PipelineState) {
    this.marks = marks;
    this.state = state;
    this.runtime = state.environment;
    this.expressions = this.placed([...kept, ...keys.map(({ expression }) => expression)]);
    const ofKeys = keys.map((key) => keyColumn(key, this.placeOf(key.expression)));
    const morsel = { kind: 'input', ordinal: 0, type: sqlType(TypeOid.int4) } as const;
    this.keys =
      marks === undefined
        ? ofKeys
        : [...ofKeys, keyColumn({ ...ofMorsels, expression: morsel }, this.morselPlace)];
    this.store = new ColumnStore(
      this.expressions.map(({ type }) => type.oid),
      {
        isPooled: true,
        textsOf: (place) => (this.keys.some(({ column }) => column === place) ? undefined : texts),
      },
    );
  }

  /** The expressions without those that are there already. */
  private placed(wanted: readonly Expression[]): readonly Expression[] {
    const expressions: Expression[] = [];
    for (const expression of wanted) {
      const key = expressionKey(expression);
      let place =
        this.places.get(expression) ?? (key === undefined ? undefined : this.byKey.get(key));
      place ??= expressions.push(expression) - 1;
      if (key !== undefined) this.byKey.set(key, place);
      this.places.set(expression, place);
    }
    return expressions;
  }

  /** Of the rows' morsels. */
  get morselPlace(): number {
    return this.expressions.length;
  }

  /** The column that keeps the expression. */
  placeOf(expression: Expression): number {
    return this.places.get(expression) ?? this.byKey.get(expressionKey(expression)!)!;
  }

  get bytes(): number {
    return this.store.bytes + this.store.length * sortBytesPerRow + (this.runs?.bytes ?? 0);
  }
  /** Rows in memory that no run has. */
  get length(): number {
    return this.store.length;
  }
  get isSpilled(): boolean {
    return this.runs !== undefined;
  }

  clear(): void {
    this.store.clear();
    this.marks?.clear();
    this.order = undefined;
    this.runs?.close();
    this.runs = undefined;
    this.isRead = true;
  }

  emitAppend(compiler: ExpressionCompiler, columns: ColumnBindings): void {
    const values = this.expressions.map((expression) => compiler.compile(expression, columns));
    this.store.emitAppend(compiler, values);
  }

  /** Keeps only the first rows of those in memory. */
  cutTo(rows: number): void {
    this.store.keep(this.sorted(() => {}).order.subarray(0, rows));
  }

  /** Moves the rows in memory to disk, as a run; undefined: there are none. */
  relieve(): Generator<undefined, void> | undefined {
    return this.store.length === 0 ? undefined : this.writeRun();
  }

  private *writeRun(): Generator<undefined, void> {
    const poll = this.poll();
    const { store } = this;
    this.runs ??= new SortedRuns({
      types: this.types,
      keys: this.keys,
      directory: this.runtime.context.spillDirectory,
      bytesMax: this.state.bytesMax,
    });
    const { order } = this.sorted(poll);
    yield;
    yield* this.runs.add(this.vectors(), order, store.bytes);
    store.clear();
    this.marks?.clear();
  }

  /** All rows are there. */
  finish(poll: () => void): void {
    if (this.runs === undefined) {
      this.order = this.sorted(poll);
      return;
    }
    if (this.store.length > 0) for (const _block of this.writeRun()) poll();
    this.runs.finish(poll);
    this.bytesWritten += this.runs.bytesWritten;
  }

  open(): void {
    this.isRead = false;
  }

  /** The rows in order: all of them when they are in memory, block by block otherwise. */
  next(): OrderedRows | undefined {
    if (this.runs !== undefined) return this.runs.next(this.poll());
    const { order, store } = this;
    if (this.isRead || order === undefined || store.length === 0) return undefined;
    this.isRead = true;
    return {
      length: store.length,
      get order() {
        return order.order;
      },
      isGiven: order.isGiven,
      vector: (column) => this.vector(column),
      keyInOrder: (column) => this.keyInOrder(order, column),
    };
  }

  /** The values of a key in order, where they are known without the places of the rows. */
  private keyInOrder(order: KeyOrder, column: number): Vector | undefined {
    const key = this.keys.findIndex((each) => each.column === column);
    if (key === -1) return undefined;
    const vector = this.vector(column);
    if (vector.kind !== 'integer' || vector.nulls !== undefined) return undefined;
    const { length } = this.store;
    const values =
      vector.values instanceof Int32Array ? new Int32Array(length) : new Float64Array(length);
    return order.decode(key, values) ? { ...vector, values } : undefined;
  }

  poll(): () => void {
    const { interrupt } = this.runtime.context;
    return () => interrupt.check();
  }

  /** The column of morsels, if there is one, is after those of the store. */
  private vector(column: number): Vector {
    const { store, marks } = this;
    return column === this.morselPlace ? marks!.vector(store.length) : store.vector(column);
  }

  private vectors(): Vector[] {
    return this.types.map((_type, column) => this.vector(column));
  }

  private get types(): readonly number[] {
    const types = this.store.columns.map(({ typeOid }) => typeOid);
    return this.marks === undefined ? types : [...types, TypeOid.int4];
  }

  private sorted(poll: () => void): KeyOrder {
    const vectors = this.keys.map(({ column }) => this.vector(column));
    return new KeyOrder(vectors, this.keys, this.store.length, poll);
  }
}
