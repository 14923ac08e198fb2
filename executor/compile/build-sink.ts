// Stores the rows of a hash join's build side in its table.

import type { Expression } from '#common';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { JoinTable } from './join-table.ts';
import { keyComponent } from './key-code.ts';
import { nullKey } from './key-pool.ts';
import type { PipelineSink } from './sink.ts';
import { NotCompilable } from './not-compilable.ts';

export interface BuildSinkOptions {
  readonly keys: readonly Expression[];
  /** The input's columns that are read after the join, by ordinal. */
  readonly payload: readonly Expression[];
  /** Rows with a null key never match, but some joins put them out. */
  readonly keepsNullKeys: boolean;
  /** The join asks which rows met a partner. */
  readonly marks: boolean;
}

export class BuildSink implements PipelineSink {
  readonly table: JoinTable;
  private readonly options: BuildSinkOptions;

  constructor(options: BuildSinkOptions) {
    this.options = options;
    this.table = new JoinTable(
      options.payload.map((column) => column.type.oid),
      options.keys.map((key) => key.type.oid),
    );
  }

  get generation(): number {
    return this.table.store.generation;
  }
  get bytes(): number {
    return this.table.bytes;
  }
  begin(): void {
    this.table.clear();
  }
  finish(poll: () => void): void {
    this.table.finish(poll, this.options.marks);
  }
  clear(): void {
    this.table.clear();
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
}
