// The end of a pipeline: what takes its rows.

import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

export interface PipelineSink {
  /** Writes the code that takes one row. */
  emit(compiler: ExpressionCompiler, columns: ColumnBindings): void;
  /** Changes when code generated before is out of date. */
  readonly generation: number;
  /** Heap and typed arrays held. */
  readonly bytes: number;
  /** Before the first row. */
  begin(): void;
  /** After the last row; may take long, so it polls. */
  finish(poll: () => void): void;
  clear(): void;
}
