// Rows that leave generated code for partitions on disk: some columns and the keys by whose hash the rows
// are spread. They are collected in a store and written out when there are many.

import type { Expression } from '#common';
import type { Runtime } from '../runtime.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { ColumnStore } from './column-store.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { RowPartitions } from './row-partitions.ts';
import { hashVectors } from './vector-hash.ts';

const pendingRowsMax = 1 << 15;
const pendingBytesMax = 1 << 22;

export interface SpillStoreOptions {
  readonly columns: readonly Expression[];
  readonly keys: readonly Expression[];
  /** By which both sides of a join hash their keys. */
  readonly keyTypes: readonly number[];
}

export class SpillStore {
  private readonly options: SpillStoreOptions;
  private readonly runtime: Runtime;
  private readonly store: ColumnStore;
  private partitions: RowPartitions | undefined = undefined;
  /** In all executions, for EXPLAIN ANALYZE. */
  bytesWritten = 0;

  constructor(options: SpillStoreOptions, runtime: Runtime) {
    this.options = options;
    this.runtime = runtime;
    const { columns, keys } = options;
    this.store = new ColumnStore([...columns, ...keys].map(({ type }) => type.oid));
  }

  get generation(): number {
    return this.store.generation;
  }
  get bytes(): number {
    return this.store.bytes;
  }

  /** Writes the code that puts a row here. */
  emit(compiler: ExpressionCompiler, bindings: ColumnBindings): void {
    const { columns, keys } = this.options;
    const values = [...columns, ...keys].map((column) => compiler.compile(column, bindings));
    this.store.emitAppend(compiler, values);
  }

  /** Rows go to partitions of the level from now on. */
  begin(level: number): void {
    this.clear();
    this.partitions = new RowPartitions(this.runtime.context.spillDirectory, level);
  }

  writeWhenMany(): void {
    const { length, bytes } = this.store;
    if (length >= pendingRowsMax || (length > 0 && bytes >= pendingBytesMax)) this.write();
  }

  /** What was put here, for the caller to close. */
  take(): RowPartitions {
    this.write();
    const taken = this.partitions!;
    this.partitions = undefined;
    this.store.clear();
    this.bytesWritten += taken.bytes;
    return taken;
  }

  clear(): void {
    this.store.clear();
    this.partitions?.close();
    this.partitions = undefined;
  }

  private write(): void {
    const { columns, keyTypes } = this.options;
    const { length } = this.store;
    if (length === 0) return;
    const vectors = this.store.vectors();
    const hashes = hashVectors(vectors.slice(columns.length), keyTypes, length);
    this.partitions!.add(vectors.slice(0, columns.length), hashes);
    this.store.clear();
  }
}
