// The end of a pipeline: what takes its rows.

import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { InletRun } from './inlet-run.ts';
import type { SpillStore } from './spill-store.ts';

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
  /** After finish(): is what it holds complete? Other threads may still be at their parts of it. */
  settle?(poll: () => void): boolean;
  clear(): void;
  /** Past the budget of memory: starts to use disk, in steps. undefined: nothing to be won that way. */
  relieve?(): Generator<undefined, void> | undefined;
  /** Rows that generated code puts aside for later; written to disk between slices. */
  readonly spills?: readonly SpillStore[];
  /** After the last row, before finish(): runs over rows that were put aside. */
  replays?(): Generator<InletRun | undefined, void>;
}
