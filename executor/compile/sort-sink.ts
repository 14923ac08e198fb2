// Sorts a pipeline's rows; then the source of the sorted rows. When only the first rows are wanted, the
// store is cut back to them whenever it holds some times as many, and the last of them is a bound: code
// compares a row's first key with it before the row's other columns are looked at. Past the budget of memory
// sorted runs go to disk (sorted-store.ts).

import type { Datum, Expression } from '#common';
import type { PhysicalSort } from '#planner';
import { compileScalar } from '../operators/simple-operators.ts';
import type { BlockSource, SourceBlock } from './block-source.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { CompiledValue } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { currentMorsel } from '../parallel/line-share.ts';
import { MorselMarks } from './morsel-marks.ts';
import { inputOf } from './node-columns.ts';
import type { PipelineState } from './pipeline-state.ts';
import type { PipelineSink } from './sink.ts';
import { SortedStore } from './sorted-store.ts';

/** The store is cut back to the rows wanted when it holds so many times as many, and at least so many. */
const cutFactor = 2;
const cutRowsMin = 1024;
/** More rows than this are sorted in one go at the end. */
const topRowsMax = 8192;

export class SortSink implements PipelineSink, BlockSource {
  private readonly node: PhysicalSort;
  private readonly limit: (() => Datum) | undefined;
  private readonly rows: SortedStore;
  private readonly marks: MorselMarks | undefined;
  /** Of the input's columns that are read after the sort. */
  private readonly columns: ReadonlyMap<number, Expression>;
  private rowsWanted = Infinity;
  private rowsOut = 0;
  /** The first key of the last row wanted; a row beyond it can be left out when `bounded`. */
  bound = 0;
  bounded = false;

  /** `ordinals`: the input's columns that are read after the sort. */
  constructor(node: PhysicalSort, ordinals: readonly number[], state: PipelineState) {
    this.node = node;
    const { types } = node.input;
    this.columns = new Map(ordinals.map((ordinal) => [ordinal, inputOf(ordinal, types)]));
    this.marks = marksOf(node, state);
    this.rows = new SortedStore(
      {
        kept: [...this.columns.values()],
        keys: node.keys,
        texts: state.texts,
        marks: this.marks,
      },
      state,
    );
    this.limit =
      node.limit === undefined ? undefined : compileScalar(node.limit, state.environment);
  }

  get generation(): number {
    return this.rows.store.generation;
  }
  get bytes(): number {
    return this.rows.bytes;
  }
  get bytesWritten(): number {
    return this.rows.bytesWritten;
  }
  begin(): void {
    this.clear();
    const limit = this.limit?.() ?? null;
    this.rowsWanted = limit === null ? Infinity : Math.max(0, Number(limit));
  }
  clear(): void {
    this.rows.clear();
    this.bounded = false;
  }
  relieve(): Generator<undefined, void> | undefined {
    return this.rows.relieve();
  }

  emit(compiler: ExpressionCompiler, columns: ColumnBindings): void {
    const { writer } = compiler;
    const guarded = this.emitGuard(compiler, columns);
    this.rows.emitAppend(compiler, columns);
    if (guarded) writer.close();
    writer.after(`${writer.bindObject(this)}.sliceAdded();`);
  }

  /** Opens a scope for rows whose first key is not beyond the bound. */
  private emitGuard(compiler: ExpressionCompiler, columns: ColumnBindings): boolean {
    const { writer } = compiler;
    const [first] = this.node.keys;
    if (this.node.limit === undefined) return false;
    const value = compiler.compile(first.expression, columns);
    if (!this.isComparable(value)) return false;
    const sink = writer.bindObject(this);
    const [bound, bounded] = [writer.fresh('bd'), writer.fresh('bd')];
    writer.before(`const ${bound} = ${sink}.bound, ${bounded} = ${sink}.bounded;`);
    const beyond = `${value.code} ${first.descending ? '<' : '>'} ${bound}`;
    const text =
      value.isNull === undefined ? beyond : `(${value.isNull} ? ${!first.nullsFirst} : ${beyond})`;
    writer.open(`if (!(${bounded} && ${text}))`);
    return true;
  }

  private isComparable(value: CompiledValue): boolean {
    const stored = this.rows.store.columns[this.firstKey];
    if (value.kind === 'integer')
      return (
        value.display === undefined &&
        (stored.representation === undefined ||
          (stored.representation === 'integer' && stored.scale === value.scale))
      );
    return value.kind === 'float' && (stored.representation ?? 'float') === 'float';
  }

  private get firstKey(): number {
    return this.rows.placeOf(this.node.keys[0].expression);
  }

  /** Called by generated code after each slice, whose rows are all of one block. */
  sliceAdded(): void {
    this.marks?.note(this.rows.length);
    this.cutBack();
  }

  private cutBack(): void {
    const { rowsWanted, rows } = this;
    if (rowsWanted > topRowsMax || rows.length <= Math.max(rowsWanted * cutFactor, cutRowsMin))
      return;
    rows.cutTo(rowsWanted);
    this.setBound(rowsWanted - 1);
  }

  private setBound(row: number): void {
    const vector = this.rows.store.vector(this.firstKey);
    this.bounded =
      row >= 0 &&
      (vector.kind === 'integer' || vector.kind === 'float') &&
      (vector.nulls === undefined || vector.nulls[row] === 0) &&
      !Number.isNaN(vector.values[row]);
    if (this.bounded) this.bound = (vector as { readonly values: Float64Array }).values[row];
  }

  finish(poll: () => void): void {
    this.rows.finish(poll);
  }

  open(): void {
    this.rows.open();
    this.rowsOut = 0;
  }
  next(): SourceBlock | undefined {
    if (this.rowsOut >= this.rowsWanted) return undefined;
    const rows = this.rows.next();
    if (rows === undefined) return undefined;
    const selected = Math.min(rows.order.length, this.rowsWanted - this.rowsOut);
    this.rowsOut += selected;
    return {
      length: rows.length,
      selection: rows.order,
      selected,
      vector: (ordinal) => {
        if (ordinal === this.node.input.types.length) return rows.vector(this.rows.morselPlace);
        const column = this.columns.get(ordinal);
        return column === undefined ? undefined : rows.vector(this.rows.placeOf(column));
      },
    };
  }
  close(): void {
    this.clear();
  }
}

/** Of a sort that threads share. */
function marksOf({ morselLines }: PhysicalSort, state: PipelineState): MorselMarks | undefined {
  if (morselLines === undefined) return undefined;
  const { environment } = state;
  return new MorselMarks(() => currentMorsel(environment.context.parallel!.shares!, morselLines));
}
