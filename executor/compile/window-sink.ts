// Computes window calls over a pipeline's rows; then the source of the rows with the results. The sort that
// the plan has below a window is made here: rows are kept in order (sorted-store.ts) with what partitions,
// order and calls look at. In memory, all partitions are one piece of work; rows that had to go to disk come
// back in order, and are cut into pieces of whole partitions (partition-pieces.ts).

import type { Expression, Vector } from '#common';
import type { PhysicalSort, PhysicalWindow } from '#planner';
import { type BlockSource, type SourceBlock, vectorBlock } from './block-source.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { expressionKey } from './expression-key.ts';
import { InterpretedWindowCall } from './interpreted-window-call.ts';
import { inputOf } from './node-columns.ts';
import { type Piece, type PiecePart, PartitionPieces } from './partition-pieces.ts';
import type { PipelineState } from './pipeline-state.ts';
import type { PipelineSink } from './sink.ts';
import { SortedStore } from './sorted-store.ts';
import { slicedVector } from './vector-batch.ts';
import { type WindowCall, windowKernelOf } from './window-kernels.ts';
import { WindowRows, WindowShape } from './window-rows.ts';

export class WindowSink implements PipelineSink, BlockSource {
  /** The sort below that is made here, too. */
  readonly sort: PhysicalSort | undefined;
  private readonly node: PhysicalWindow;
  private readonly needed: ReadonlySet<number>;
  private readonly rows: SortedStore;
  private readonly shape: WindowShape;
  private readonly evaluators: readonly ((rows: WindowRows) => Vector)[];
  private readonly pieces: PartitionPieces;
  private piece: Piece | undefined = undefined;
  private results: readonly (Vector | undefined)[] = [];
  private nextPart = 0;

  /** `needed`: which of the node's columns are read. */
  constructor(node: PhysicalWindow, needed: ReadonlySet<number>, state: PipelineState) {
    this.node = node;
    this.needed = needed;
    this.sort = sortBelow(node);
    const runtime = state.environment;
    const seen = [...readByCalls(node), ...(this.sort?.keys ?? []).map((key) => key.expression)];
    const kept = [...this.inputs(), ...seen];
    this.rows = new SortedStore({ kept, keys: this.sort?.keys ?? [] }, state);
    const placeOf = (expression: Expression): number => this.rows.placeOf(expression);
    this.shape = new WindowShape(node, placeOf, runtime);
    this.evaluators = node.calls.map((call) => evaluatorOf(call, this.shape));
    this.pieces = new PartitionPieces(this.rows, {
      partitionBy: node.partitionBy,
      seen: new Set(seen.map(placeOf)),
      runtime,
      bytesMax: () => state.bytesMax,
    });
  }

  get generation(): number {
    return this.rows.store.generation;
  }
  get bytes(): number {
    return this.rows.bytes + this.pieces.bytes;
  }
  get bytesWritten(): number {
    return this.rows.bytesWritten + this.pieces.bytesWritten;
  }
  /** What is read of the input, above the sort. */
  get read(): readonly Expression[] {
    return [...this.inputs(), ...readByCalls(this.node)];
  }
  begin(): void {
    this.clear();
  }
  clear(): void {
    this.rows.clear();
    this.pieces.close();
    this.piece = undefined;
    this.results = [];
  }
  relieve(): Generator<undefined, void> | undefined {
    return this.rows.relieve();
  }
  emit(compiler: ExpressionCompiler, columns: ColumnBindings): void {
    this.rows.emitAppend(compiler, columns);
  }
  finish(poll: () => void): void {
    this.rows.finish(poll);
  }

  open(): void {
    this.rows.open();
    this.piece = undefined;
  }
  next(): SourceBlock | undefined {
    if (this.piece === undefined || this.nextPart === this.piece.parts.length) {
      this.piece = this.pieces.next();
      if (this.piece === undefined) return undefined;
      const rows = new WindowRows(this.shape, this.piece.rows, this.rows.poll());
      const width = this.node.input.types.length;
      this.results = this.evaluators.map((evaluate, i) =>
        this.needed.has(width + i) ? evaluate(rows) : undefined,
      );
      this.nextPart = 0;
    }
    return this.block(this.piece, this.piece.parts[this.nextPart++]);
  }
  close(): void {
    this.clear();
  }

  /** The input's columns that are read after the window. */
  private inputs(): Expression[] {
    const { types } = this.node.input;
    return [...this.needed].flatMap((ordinal) =>
      ordinal < types.length ? [inputOf(ordinal, types)] : [],
    );
  }

  private block({ parts }: Piece, part: PiecePart): SourceBlock {
    const { types } = this.node.input;
    const input = (ordinal: number): Vector | undefined =>
      this.needed.has(ordinal)
        ? part.vector(this.rows.placeOf(inputOf(ordinal, types)))
        : undefined;
    const slice = { start: part.from, end: part.to };
    const result = (call: number): Vector | undefined =>
      parts.length === 1 ? this.results[call] : slicedVector(this.results[call], slice);
    return vectorBlock(part.to - part.from, (ordinal) =>
      ordinal < types.length ? input(ordinal) : result(ordinal - types.length),
    );
  }
}

/** A sort right below that makes nothing but the window's order. */
function sortBelow({ input, partitionBy, orderBy }: PhysicalWindow): PhysicalSort | undefined {
  if (input.kind !== 'sort' || input.limit !== undefined) return undefined;
  const keys = [
    ...partitionBy.map((expression) => ({ expression, descending: false, nullsFirst: false })),
    ...orderBy,
  ];
  const isSame =
    keys.length === input.keys.length &&
    input.keys.every(({ expression, descending, nullsFirst }, i) => {
      const key = expressionKey(expression);
      return (
        key !== undefined &&
        key === expressionKey(keys[i].expression) &&
        descending === keys[i].descending &&
        nullsFirst === keys[i].nullsFirst
      );
    });
  return isSame ? input : undefined;
}

function readByCalls({ partitionBy, orderBy, calls }: PhysicalWindow): Expression[] {
  const ofCalls = calls.flatMap((call) => [
    ...call.arguments.filter(({ kind }) => kind !== 'constant'),
    ...(call.filter === undefined ? [] : [call.filter]),
  ]);
  return [...partitionBy, ...orderBy.map(({ expression }) => expression), ...ofCalls];
}

function evaluatorOf(call: WindowCall, shape: WindowShape): (rows: WindowRows) => Vector {
  const kernel = windowKernelOf(call, shape.node);
  let interpreted: InterpretedWindowCall | undefined;
  return (rows) => {
    const vector = kernel?.(rows, call);
    if (vector !== undefined) return vector;
    interpreted ??= new InterpretedWindowCall(shape, call);
    return interpreted.evaluate(rows);
  };
}
