// The end of a pipeline: what takes its rows.

import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

/** For pipelines whose look-ups do all that is to be done. */
export const noSink: PipelineSink = {
  emit: () => {},
  generation: 0,
  bytes: 0,
  begin: () => {},
  finish: () => {},
  clear: () => {},
};

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
