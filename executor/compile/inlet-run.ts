// One inlet of a pipeline at work: blocks of its source run through generated code into the sink. A scan's
// filter is a function of its own that runs before, so that columns are decoded only for blocks in which
// rows remain.

import type { Expression, Vector } from '#common';
import type { PhysicalNode } from '#planner';
import { again } from '../contract.ts';
import { BlockFilter } from './block-filter.ts';
import type { BlockSource, SourceBlock } from './block-source.ts';
import type { BlockFrame } from './code-writer.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { KeyMembers } from './key-filter.ts';
import type { NodeMeasurement } from '../measurement.ts';
import type { PipelineState } from './pipeline-state.ts';
import { type ProbeStep, emitProbe } from './probe-code.ts';
import type { PipelineSink } from './sink.ts';
import { VariantCache } from './variant-cache.ts';

/** Counts the rows of a join or grouping that is to teach the planner. */
export interface TellStep {
  readonly kind: 'tell';
  readonly node: PhysicalNode;
  readonly seen: { rows: number };
}

export type PipelineStep =
  | { readonly kind: 'filter'; readonly condition: Expression }
  /** EXPLAIN ANALYZE: counts the rows that come by. */
  | { readonly kind: 'count'; readonly measurement: NodeMeasurement }
  | TellStep
  /** Expressions that nobody reads are undefined. */
  | { readonly kind: 'project'; readonly expressions: readonly (Expression | undefined)[] }
  | ProbeStep;

export interface Inlet {
  readonly source: BlockSource;
  /** How many columns the source has, and which of them are read. */
  readonly width: number;
  readonly ordinals: readonly number[];
  /** Conjuncts over source columns, cheapest first. */
  readonly filter: readonly Expression[];
  readonly filterOrdinals: readonly number[];
  readonly steps: readonly PipelineStep[];
  readonly keys: KeyMembers;
  /** EXPLAIN ANALYZE: of the scan whose filter this is. */
  readonly filtered: NodeMeasurement | undefined;
  /** Its rows are those of the look-up's table that met no partner. */
  readonly leftOverOf?: ProbeStep | undefined;
}

/** Rows handled between two looks at the clock and at the output. */
const sliceRows = 8192;
/** The first slice of an inlet. */
const sliceRowsFirst = 16;
/** A slice that took longer is followed by smaller ones: its rows have many matches. */
const sliceMsMax = 5;

export class InletRun {
  readonly inlet: Inlet;
  readonly sink: PipelineSink;
  private readonly generation: () => number;
  private readonly filter: BlockFilter;
  private readonly main: VariantCache;
  private block: SourceBlock | undefined = undefined;
  private frame: BlockFrame = { vectors: [] };
  /** Of the code that `run` is. */
  private prepared = 0;
  private run:
    | ((from: number, to: number, selection: Int32Array | undefined) => number)
    | undefined;
  private rows: Int32Array | undefined = undefined;
  private from = 0;
  private to = 0;
  private slice = sliceRowsFirst;
  private readonly measures: boolean;

  constructor(inlet: Inlet, sink: PipelineSink, state: PipelineState) {
    this.inlet = inlet;
    this.sink = sink;
    this.measures = state.environment.measurements !== undefined;
    const { width, ordinals, steps } = inlet;
    this.filter = new BlockFilter(inlet, state);
    const stores = steps.flatMap((step) =>
      step.kind === 'probe' && step.spill !== undefined ? [step.spill.store] : [],
    );
    this.generation = () => stores.reduce((sum, store) => sum + store.generation, sink.generation);
    this.main = new VariantCache({
      ordinals,
      width,
      state,
      generation: this.generation,
      write: (compiler, columns) => {
        writeSteps(compiler, columns, steps, sink);
        return '0';
      },
    });
  }

  open(): void {
    this.filter.open();
    this.main.revalidate();
    this.block = undefined;
    this.slice = sliceRowsFirst;
    this.inlet.source.open();
  }

  /** true at the end. */
  step(): boolean | typeof again {
    if (this.block === undefined) {
      if (this.hasNoMatches()) return true;
      const block = this.inlet.source.next();
      if (block === again) return again;
      if (block === undefined) return true;
      if (!this.start(block)) return false;
    }
    // The sink has gone over to another way of taking rows.
    if (this.prepared !== this.generation()) this.prepare();
    const start = performance.now();
    const end = Math.min(this.to, this.from + this.slice);
    this.run!(this.from, end, this.rows);
    this.from = end;
    const elapsed = performance.now() - start;
    if (elapsed > sliceMsMax) this.slice = Math.max(1, Math.floor(this.slice / 4));
    else if (this.slice < sliceRows && elapsed < 1)
      this.slice = Math.min(sliceRows, this.slice * 2);
    if (this.from >= this.to) this.leaveBlock();
    return false;
  }

  close(): void {
    this.block = undefined;
    this.inlet.source.close();
  }

  /** The source gives back what it holds; a measured one stays for its figures. */
  finished(): void {
    this.block = undefined;
    this.filter.finished();
    if (this.measures) return;
    this.inlet.source.close();
  }

  /** Nothing can come out, so the source need not be read. */
  private hasNoMatches(): boolean {
    return this.inlet.steps.some(
      (step) =>
        step.kind === 'probe' &&
        step.table.store.length === 0 &&
        !defers(step) &&
        (step.type === 'inner' ||
          step.type === 'semi' ||
          step.type === 'right' ||
          step.type === 'mark'),
    );
  }

  /** Filters the block; false when no row remains. */
  private start(block: SourceBlock): boolean {
    const vectors: (Vector | undefined)[] = [];
    const { rows, count } = this.filter.apply(block, vectors);
    if (count === 0) {
      block.release?.();
      return false;
    }
    const wanted = rows?.subarray(0, count);
    for (const ordinal of this.inlet.ordinals) vectors[ordinal] ??= block.vector(ordinal, wanted);
    this.block = block;
    this.rows = rows;
    this.from = 0;
    this.to = count;
    this.frame = { vectors };
    this.prepare();
    return true;
  }

  /** Its rows have gone into the sink, which has copied what it keeps of them. */
  private leaveBlock(): void {
    this.block?.release?.();
    this.block = undefined;
  }

  private prepare(): void {
    this.run = this.main.prepare(this.frame, this.rows !== undefined);
    this.prepared = this.generation();
  }
}

/** The table is on disk: rows wait until the part of it that they belong to is in memory. */
function defers(step: ProbeStep): boolean {
  return step.table.spilled && step.replays !== true;
}

function writeSteps(
  compiler: ExpressionCompiler,
  source: ColumnBindings,
  steps: readonly PipelineStep[],
  sink: PipelineSink,
): void {
  const { writer } = compiler;
  let columns = source;
  let skip = 'rows';
  const closers: (() => void)[] = [];
  let taken = false;
  for (const step of steps) {
    switch (step.kind) {
      case 'filter':
        writer.line(`if (!${compiler.condition(step.condition, columns)}) continue ${skip};`);
        break;
      case 'count':
      case 'tell': {
        const count = writer.fresh('n');
        const target = writer.bindObject(step.kind === 'count' ? step.measurement : step.seen);
        writer.before(`let ${count} = 0;`);
        writer.line(`${count}++;`);
        writer.after(`${target}.rows += ${count};`);
        break;
      }
      case 'project': {
        const input = columns;
        columns = step.expressions.map((expression) =>
          expression === undefined ? undefined : { kind: 'expression', expression, columns: input },
        );
        break;
      }
      case 'probe': {
        const deferred = defers(step);
        compiler.assumptions.push(() => defers(step) === deferred);
        // A reduction saves work, no more.
        if (deferred && step.spill === undefined) break;
        if (deferred) {
          step.spill!.store.emit(compiler, columns);
          taken = true;
          break;
        }
        const probe = emitProbe(compiler, step, columns, skip);
        ({ columns, skip } = probe);
        closers.push(probe.close);
      }
    }
    if (taken) break;
  }
  if (!taken) sink.emit(compiler, columns);
  for (const close of closers.toReversed()) close();
}
