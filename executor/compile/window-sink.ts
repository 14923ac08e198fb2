// Computes window calls over a pipeline's rows; then the source of the rows with the results. The sort that
// the plan has below a window is made here: rows are kept in order (sorted-store.ts) with what partitions,
// order and calls look at. In memory, all partitions are one piece of work; rows that had to go to disk come
// back in order, and are cut into pieces of whole partitions (partition-pieces.ts).

import type { Expression, Vector } from '#common';
import { again } from '../contract.ts';
import type { PhysicalSort, PhysicalWindow } from '#planner';
import { type BlockSource, type SourceBlock, vectorBlock } from './block-source.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { expressionKey } from './expression-key.ts';
import { InterpretedWindowCall } from './interpreted-window-call.ts';
import { inputOf } from './node-columns.ts';
import type { Piece, PiecePart } from './partition-piece.ts';
import { PartitionPieces } from './partition-pieces.ts';
import type { PipelineState } from './pipeline-state.ts';
import { RowByRowCalls, rowByRowMax } from './row-by-row-calls.ts';
import type { PipelineSink } from './sink.ts';
import { SortedStore } from './sorted-store.ts';
import { slicedVector } from './vector-batch.ts';
import { type WindowCallKernel, windowKernelOf } from './window-kernels.ts';
import { PartitionOnDisk, PartitionsInMemory } from './window-partitions.ts';
import { WindowRows, WindowShape } from './window-rows.ts';

export class WindowSink implements PipelineSink, BlockSource {
  /** The sort below that is made here, too. */
  readonly sort: PhysicalSort | undefined;
  private readonly node: PhysicalWindow;
  private readonly needed: ReadonlySet<number>;
  private readonly rows: SortedStore;
  private readonly shape: WindowShape;
  private readonly kernels: readonly (WindowCallKernel | undefined)[];
  private readonly interpreted: (InterpretedWindowCall | undefined)[];
  private readonly pieces: PartitionPieces;
  private readonly bytesMax: () => number;
  private readonly seen: readonly number[];
  private piece: Piece | undefined = undefined;
  /** Of the whole piece, by call. */
  private results: readonly (Vector | undefined)[] = [];
  /** The calls that have no such result. */
  private rowByRow: RowByRowCalls | undefined = undefined;
  private rowByRowCalls: readonly number[] = [];
  /** Rows of the piece that are out. */
  private position = 0;
  private isStarted = false;

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
    this.kernels = node.calls.map((call) => windowKernelOf(call, node));
    this.interpreted = node.calls.map(() => undefined);
    this.bytesMax = () => state.bytesMax;
    const places = new Set(seen.map(placeOf));
    this.seen = [...places].toSorted((left, right) => left - right);
    this.pieces = new PartitionPieces(this.rows, {
      partitionBy: node.partitionBy,
      seen: places,
      runtime,
      bytesMax: this.bytesMax,
      partitionBytesMax: () => state.partitionBytesMax,
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
    this.forgetPiece();
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
    this.forgetPiece();
    this.isStarted = false;
  }
  next(): SourceBlock | typeof again | undefined {
    if (!this.isStarted) this.shape.checkOffsets();
    this.isStarted = true;
    if (this.piece === undefined || this.position === this.piece.length) {
      this.forgetPiece();
      const piece = this.pieces.next();
      if (piece === undefined || piece === again) return piece;
      this.start(piece);
    }
    return this.nextBlock(this.piece!);
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

  private forgetPiece(): void {
    this.piece = undefined;
    this.results = [];
    this.rowByRow = undefined;
    this.position = 0;
  }

  private start(piece: Piece): void {
    this.piece = piece;
    const { calls, input } = this.node;
    const poll = this.rows.poll();
    const rows = piece.rows && new WindowRows(this.shape, piece.rows, poll);
    const isNeeded = (call: number): boolean => this.needed.has(input.types.length + call);
    this.results = calls.map((call, i) =>
      rows !== undefined && isNeeded(i) ? this.kernels[i]?.(rows, call) : undefined,
    );
    this.rowByRowCalls = calls.flatMap((_call, i) =>
      isNeeded(i) && this.results[i] === undefined ? [i] : [],
    );
    if (this.rowByRowCalls.length === 0) return;
    const partitions =
      rows === undefined
        ? new PartitionOnDisk(piece.pages!, (expression) =>
            this.seen.indexOf(this.rows.placeOf(expression)),
          )
        : new PartitionsInMemory(rows);
    const own = this.rowByRowCalls.map(
      (i) => (this.interpreted[i] ??= new InterpretedWindowCall(this.shape, calls[i])),
    );
    this.rowByRow = new RowByRowCalls(own, partitions, { resultBytesMax: this.bytesMax(), poll });
  }

  private nextBlock(piece: Piece): SourceBlock {
    const from = this.position;
    const end = piece.endOfPart(from);
    const made = this.rowByRow?.next(Math.min(end, from + rowByRowMax));
    const to = made?.end ?? end;
    this.position = to;
    const { rowByRowCalls, results } = this;
    return this.block(piece, { from, to }, (call) => {
      const whole = results[call];
      if (whole === undefined) return made?.vectors[rowByRowCalls.indexOf(call)];
      return to - from === piece.length ? whole : slicedVector(whole, { start: from, end: to });
    });
  }

  private block(
    piece: Piece,
    part: PiecePart,
    resultOf: (call: number) => Vector | undefined,
  ): SourceBlock {
    const { types } = this.node.input;
    const input = (ordinal: number, wanted?: Int32Array): Vector | undefined =>
      this.needed.has(ordinal)
        ? piece.vector(this.rows.placeOf(inputOf(ordinal, types)), part, wanted)
        : undefined;
    return vectorBlock(part.to - part.from, (ordinal, wanted) =>
      ordinal < types.length ? input(ordinal, wanted) : resultOf(ordinal - types.length),
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
