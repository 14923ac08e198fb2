// Stores the rows of a hash join's build side in its table. Past the budget of memory the rows go to
// partitions on disk, by the hash of their keys.

import type { Expression, Vector } from '#common';
import { spillLevelsMax } from '../limits.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { TableExchange } from '../parallel/table-exchange.ts';
import { JoinTable } from './join-table.ts';
import { keyComponent } from './key-code.ts';
import { nullKey } from './key-pool.ts';
import { keyVector } from './key-vector.ts';
import type { PipelineState } from './pipeline-state.ts';
import type { PipelineSink } from './sink.ts';
import { NotCompilable } from './not-compilable.ts';
import { RowPartitions } from './row-partitions.ts';
import { SharingFailed, combineParts, partOf, sharedTable, takeTable } from './shared-table.ts';
import { hashVectors } from './vector-hash.ts';

export interface BuildSinkOptions {
  readonly keys: readonly Expression[];
  /** The input's columns that are read after the join, by ordinal. */
  readonly payload: readonly Expression[];
  /** Rows with a null key never match, but some joins put them out. */
  readonly keepsNullKeys: boolean;
  /** The join asks which rows met a partner. */
  readonly marks: boolean;
  readonly state: PipelineState;
  /** The line that ends when all threads have stored their rows; undefined: the table is this thread's own. */
  readonly line?: number | undefined;
}

/** Rows written to disk in one go. */
const spillRows = 1 << 16;

export class BuildSink implements PipelineSink {
  readonly table: JoinTable;
  readonly options: BuildSinkOptions;
  private readonly loads: boolean;
  /** How often the rows have been divided. */
  private level = 0;
  private partitions: RowPartitions | undefined = undefined;
  /** In all executions, for EXPLAIN ANALYZE. */
  bytesWritten = 0;

  /** With a table: takes the rows of one partition, which are payload and keys (partitionRow()). */
  constructor(options: BuildSinkOptions, table?: JoinTable) {
    this.options = options;
    this.loads = table !== undefined;
    this.table =
      table ??
      new JoinTable(
        options.payload.map((column) => column.type.oid),
        options.keys.map((key) => key.type.oid),
        // What other threads are given must be strings.
        options.line === undefined ? options.state.texts : undefined,
      );
  }

  get generation(): number {
    return this.table.store.generation;
  }
  get bytes(): number {
    return this.table.bytes;
  }
  begin(): void {
    this.beginAt(0);
  }
  /** Before the rows of a partition that is the result of so many divisions. */
  beginAt(level: number): void {
    this.clear();
    this.level = level;
  }
  finish(poll: () => void): void {
    const { line } = this.options;
    if (line !== undefined) {
      const part = partOf(this.table);
      if (part === undefined) this.exchange.fail(line);
      else this.exchange.arrive(line, part);
      return;
    }
    if (this.partitions === undefined) {
      this.table.finish(poll, this.options.marks);
      return;
    }
    for (const _part of this.write()) poll();
    this.table.spilled = true;
  }

  settle(poll: () => void): boolean {
    const { line } = this.options;
    return line === undefined || this.settleShared(line, poll);
  }

  private settleShared(line: number, poll: () => void): boolean {
    const { exchange, table } = this;
    if (!exchange.isComplete(line)) {
      exchange.wait(() => exchange.isComplete(line));
      return false;
    }
    if (exchange.hasFailed(line)) throw new SharingFailed();
    if (!exchange.isCoordinator) {
      const whole = exchange.tableOf(line);
      if (whole === undefined) {
        exchange.wait(() => exchange.tableOf(line) !== undefined || exchange.hasFailed(line));
        return false;
      }
      table.threads = this.threads;
      takeTable(table, whole);
      return true;
    }
    table.threads = this.threads;
    combineParts(table, exchange.partsOf(line)!);
    table.finish(poll, this.options.marks);
    exchange.publish(line, sharedTable(table));
    return true;
  }

  private get exchange(): TableExchange {
    return this.options.state.environment.context.parallel!.exchange!;
  }
  private get threads(): number {
    return this.options.state.environment.context.parallel!.threads;
  }

  clear(): void {
    this.table.clear();
    if (!this.loads) this.table.spilled = false;
    this.partitions?.close();
    this.partitions = undefined;
  }

  /** The partitions, when rows were put there; the caller closes them. */
  takePartitions(): RowPartitions | undefined {
    const taken = this.partitions;
    this.partitions = undefined;
    this.bytesWritten += taken?.bytes ?? 0;
    return taken;
  }

  relieve(): Generator<undefined, void> | undefined {
    const { table } = this;
    const { line } = this.options;
    if (line !== undefined) {
      if (table.threads > 1) return undefined;
      this.exchange.fail(line);
      throw new SharingFailed();
    }
    if (table.keyTypes.length === 0 || this.level >= spillLevelsMax) return undefined;
    if (table.store.length === 0) return undefined;
    this.partitions ??= new RowPartitions(
      this.options.state.environment.context.spillDirectory,
      this.level,
    );
    return this.write();
  }

  emit(compiler: ExpressionCompiler, columns: ColumnBindings): void {
    const { keys, payload, keepsNullKeys } = this.options;
    const { writer } = compiler;
    const components = keys.map((key, i) => {
      const value = compiler.compile(key, columns);
      const component = keyComponent(compiler, value, this.table.pools[i], {
        adds: true,
        exact: false,
      });
      if (component === undefined) throw new NotCompilable();
      return component;
    });
    const nulls = components.flatMap(({ isNull }) => (isNull === undefined ? [] : [isNull]));
    const guarded = nulls.length > 0 && !keepsNullKeys;
    if (guarded) writer.open(`if (!(${nulls.join(' || ')}))`);
    const codes = components.map(({ code, isNull }) =>
      isNull === undefined || guarded ? code : `${isNull} ? ${nullKey} : ${code}`,
    );
    const values = payload.map((column) => compiler.compile(column, columns));
    this.table.store.emitAppend(compiler, values, codes);
    if (guarded) writer.close();
  }

  /** Moves the table's rows to the partitions. */
  private *write(): Generator<undefined, void> {
    const { store, pools, keyTypes } = this.table;
    for (let start = 0; start < store.length; start += spillRows) {
      const end = Math.min(store.length, start + spillRows);
      const keys = pools.map((pool, i) =>
        keyVector(store.keys[i].subarray(start, end), pool, end - start),
      );
      const payload = store.vectors().map((vector) => sliced(vector, start, end));
      this.partitions!.add([...payload, ...keys], hashVectors(keys, keyTypes, end - start));
      yield;
    }
    this.table.clear();
  }
}

/** A sink that takes the rows of one of the sink's partitions into the same table. */
export function partitionLoader({ options, table }: BuildSink): BuildSink {
  const row = [...options.payload, ...options.keys].map(({ type }, ordinal): Expression => ({
    kind: 'input',
    type,
    ordinal,
  }));
  const width = options.payload.length;
  const loaded = {
    ...options,
    line: undefined,
    payload: row.slice(0, width),
    keys: row.slice(width),
  };
  return new BuildSink(loaded, table);
}

function sliced(vector: Vector, start: number, end: number): Vector {
  switch (vector.kind) {
    case 'datum':
      return { kind: 'datum', values: vector.values.slice(start, end) };
    case 'dictionary':
      return {
        ...vector,
        codes: vector.codes.subarray(start, end),
        nulls: vector.nulls?.subarray(start, end),
      };
    default:
      return {
        ...vector,
        values: vector.values.subarray(start, end),
        nulls: vector.nulls?.subarray(start, end),
      } as Vector;
  }
}
