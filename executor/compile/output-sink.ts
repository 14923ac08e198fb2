// The last pipeline's rows, on their way out as batches.

import { type Batch, type SqlType, batchRows } from '#common';
import type { ColumnBindings } from './column-bindings.ts';
import { ColumnStore } from './column-store.ts';
import { columnOfVector } from './datum-vector.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { PipelineSink } from './sink.ts';

export class OutputSink implements PipelineSink {
  private readonly types: readonly SqlType[];
  private readonly store: ColumnStore;
  private taken = 0;

  constructor(types: readonly SqlType[]) {
    this.types = types;
    this.store = new ColumnStore(types.map((type) => type.oid));
  }

  get generation(): number {
    return this.store.generation;
  }
  get bytes(): number {
    return this.store.bytes;
  }
  begin(): void {
    this.store.clear();
    this.taken = 0;
  }
  finish(): void {}
  clear(): void {
    this.store.clear();
    this.taken = 0;
  }
  emit(compiler: ExpressionCompiler, columns: ColumnBindings): void {
    const values = this.types.map((type, ordinal) =>
      compiler.compile({ kind: 'input', type, ordinal }, columns),
    );
    this.store.emitAppend(compiler, values);
  }

  get waiting(): number {
    return this.store.length - this.taken;
  }

  /** The next rows; when all are out the store begins anew, with the same representation. */
  take(): Batch {
    const start = this.taken;
    const end = Math.min(this.store.length, start + batchRows);
    const columns = this.types.map((type, i) =>
      columnOfVector(this.store.vector(i), type.oid, { start, end }),
    );
    this.taken = end;
    if (end === this.store.length) this.restart();
    return { length: end - start, columns };
  }

  /** Later rows take the places of those that are out; nulls must not stay behind. */
  private restart(): void {
    this.store.length = 0;
    this.taken = 0;
    for (const column of this.store.columns) column.reuse();
  }
}
