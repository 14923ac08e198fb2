// The last pipeline's rows, on their way out as batches.

import type { Batch, SqlType } from '#common';
import type { ColumnBindings } from './column-bindings.ts';
import { ColumnStore } from './column-store.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { PipelineSink } from './sink.ts';
import { VectorBatch, slicedVector } from './vector-batch.ts';

export class OutputSink implements PipelineSink {
  private readonly types: readonly SqlType[];
  private readonly typeOids: readonly number[];
  private readonly store: ColumnStore;
  private taken = 0;

  constructor(types: readonly SqlType[]) {
    this.types = types;
    this.typeOids = types.map((type) => type.oid);
    this.store = new ColumnStore(this.typeOids);
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
  take(rowsMax: number): Batch {
    const start = this.taken;
    const end = Math.min(this.store.length, start + rowsMax);
    const vectors = this.typeOids.map((_typeOid, i) =>
      slicedVector(this.store.vector(i), { start, end }),
    );
    this.taken = end;
    if (end === this.store.length) this.restart();
    return new VectorBatch(end - start, vectors, this.typeOids, true);
  }

  /** Who had the rows that are out is done with them: those that wait move to the front, or the store would only grow. */
  makeRoom(): void {
    const { taken, waiting } = this;
    if (waiting >= taken) return;
    this.store.keep(Int32Array.from({ length: waiting }, (_, i) => taken + i));
    this.taken = 0;
  }

  /** Later rows take the places of those that are out; nulls must not stay behind. */
  private restart(): void {
    this.store.length = 0;
    this.taken = 0;
    for (const column of this.store.columns) column.reuse();
  }
}
