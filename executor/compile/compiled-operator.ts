// A subtree of a plan as compiled pipelines, behind the interface of an operator. Should the rows turn
// out to be no work for them (values without an exact representation as keys, or more memory than a
// statement may use), the interpreted operators, which can use disk, start over instead; nothing has
// been put out by then, because only the last pipeline puts out rows, and it keeps none.

import { batchRows, blockRows } from '#common';
import type { PhysicalNode } from '#planner';
import { again } from '../contract.ts';
import { compiledBudgetShare, compiledWorkMemFactor, unspillableBytesMin } from '../limits.ts';
import { isOfRow } from '../operators/late-error.ts';
import type { Operator, Pulled } from '../operators/operator.ts';
import type { Runtime } from '../runtime.ts';
import type { BlockSource } from './block-source.ts';
import { breakerOf } from './build-breaker.ts';
import { NotCompilable } from './not-compilable.ts';
import { OutputSink } from './output-sink.ts';
import type { Pipeline } from './pipeline.ts';
import { PipelineBuilder } from './pipeline-builder.ts';
import { PipelineState } from './pipeline-state.ts';
import { SharingFailed } from './shared-table.ts';

/** What grows goes to disk when it has this part of the limit, even if others hold the rest. */
const growingShare = 8;

export interface CompiledOperatorOptions {
  /** Runs the node by interpretation (its inputs may be compiled again). */
  readonly fallback: () => Operator;
  readonly interpret: (node: PhysicalNode) => Operator;
  /** Runs the node by itself where threads fail to share its tables; for nodes that share some. */
  readonly alone?: () => Operator;
  /** Tests put their own blocks in a node's place, and lower the limit of memory. */
  readonly sourceOf?: ((node: PhysicalNode) => BlockSource | undefined) | undefined;
  readonly bytesMax?: number;
}

export class CompiledOperator implements Operator {
  private readonly node: PhysicalNode;
  private readonly runtime: Runtime;
  private readonly options: CompiledOperatorOptions;
  private readonly state: PipelineState;
  private readonly builder: PipelineBuilder;
  private readonly output: OutputSink;
  private position = 0;
  private ended = true;
  private interpreted: Operator | undefined = undefined;
  /** Rows have been put out. */
  private started = false;
  /** Its rows are no work for pipelines, as an earlier execution found. */
  private abandoned = false;

  constructor(node: PhysicalNode, runtime: Runtime, options: CompiledOperatorOptions) {
    this.node = node;
    this.runtime = runtime;
    this.options = options;
    this.state = new PipelineState(runtime);
    const { interpret, sourceOf } = options;
    this.builder = new PipelineBuilder({ state: this.state, interpret, sourceOf });
    this.output = new OutputSink(node.types);
    this.builder.build(node, this.output);
  }

  open(): void {
    this.close();
    if (this.abandoned) {
      if (this.builder.sharedLines.length > 0) this.leaveTeam();
      else this.interpret();
      return;
    }
    const { workMemBytes, parallel } = this.runtime.context;
    // The threads of a statement share its memory.
    const threads = parallel?.threads ?? 1;
    const budgetShare = this.runtime.memoryBytesMax / compiledBudgetShare;
    const share = Math.min((workMemBytes * compiledWorkMemFactor) / threads, budgetShare);
    const partition = Math.max(share, Math.min(unspillableBytesMin / threads, budgetShare));
    const { bytesMax } = this.options;
    this.state.begin(bytesMax ?? share, bytesMax ?? partition);
    for (const pipeline of this.builder.pipelines) {
      pipeline.open();
      for (const { seen } of this.builder.told.get(pipeline) ?? []) seen.rows = 0;
    }
    this.position = 0;
    this.started = false;
    this.ended = false;
  }

  next(): Pulled {
    return this.pull(batchRows);
  }

  nextLarge(): Pulled {
    return this.pull(blockRows);
  }

  private pull(rowsMax: number): Pulled {
    if (this.interpreted !== undefined) return this.interpreted.next();
    if (this.ended) return undefined;
    try {
      return this.advance(rowsMax);
    } catch (error) {
      if (error instanceof SharingFailed) {
        return this.leaveTeam()?.next();
      }
      if (this.started || !(error instanceof NotCompilable || this.mayWait(error))) throw error;
      for (const pipeline of this.builder.pipelines) pipeline.close();
      this.interpret();
      return this.interpreted!.next();
    }
  }

  close(): void {
    const isStopped = !this.ended && this.interpreted === undefined;
    // Otherwise that was done at the end of the last pipeline.
    if (isStopped && this.position < this.builder.pipelines.length) this.noteMeasurements();
    for (const pipeline of this.builder.pipelines) pipeline.close();
    this.state.texts.clear();
    this.interpreted?.close();
    this.interpreted = undefined;
    this.runtime.letGo(this);
    this.ended = true;
  }

  private advance(rowsMax: number): Pulled {
    const { pipelines } = this.builder;
    const poll = (): void => this.runtime.context.interrupt.check();
    while (this.position < pipelines.length) {
      if (this.output.waiting >= rowsMax) return this.take(rowsMax);
      if (this.runtime.pause()) return again;
      this.output.makeRoom();
      const outcome = pipelines[this.position].step(poll);
      if (outcome === again) return again;
      this.checkMemory(pipelines[this.position]);
      if (outcome !== true) continue;
      this.tell(pipelines[this.position]);
      this.position++;
      if (this.position === pipelines.length) this.noteMeasurements();
      else if (this.runtime.adaptive !== undefined && this.report()) return again;
    }
    if (this.output.waiting > 0) return this.take(rowsMax);
    this.close();
    return undefined;
  }

  /** The table that the last pipeline has filled is complete: the rest of the statement may be planned anew. */
  private report(): boolean {
    const built = this.builder.builds.get(this.builder.pipelines[this.position - 1]);
    if (built === undefined) return false;
    return this.runtime.reached(breakerOf(built, !this.builder.reach.isWhole(built.node)));
  }

  /** What joins and groupings of the pipeline have to teach. */
  private tell(pipeline: Pipeline): void {
    for (const { node, seen } of this.builder.told.get(pipeline) ?? [])
      if (this.builder.reach.isWhole(node)) this.runtime.observeRows(node, seen.rows);
  }

  private take(rowsMax: number): Pulled {
    this.started = true;
    return this.output.take(rowsMax);
  }

  /** Past the limit what grows goes to disk; what cannot may grow as far as that of other operators. */
  private checkMemory(pipeline: Pipeline): void {
    const { bytesMax } = this.state;
    let bytes = pipeline.bytes + this.state.texts.bytes;
    for (const sink of this.builder.sinks) bytes += sink.bytes;
    this.runtime.hold(this, bytes);
    if (bytes <= bytesMax || pipeline.growing.bytes < bytesMax / growingShare) return;
    if (!pipeline.relieve()) this.runtime.checkUnspillable(this, bytes);
  }

  /** For EXPLAIN ANALYZE. */
  private noteMeasurements(): void {
    const { measurements } = this.runtime;
    if (measurements === undefined) return;
    const { builder, state } = this;
    for (const { measurement, pipeline } of builder.measured) {
      measurement.loops++;
      measurement.milliseconds += pipeline.milliseconds;
    }
    for (const scan of builder.scans) {
      const { description } = scan;
      if (description !== undefined)
        measurements.get(scan.node.id)?.notes.set('Blocks', description);
    }
    for (const { nodeId, written } of builder.spilling) {
      const measurement = measurements.get(nodeId);
      if (measurement !== undefined) measurement.spilledBytes += written();
    }
    const text = `pipelines=${builder.pipelines.length} functions=${state.functionCount} time=${state.compileMs.toFixed(3)} ms`;
    measurements.get(this.node.id)?.notes.set('Compiled', text);
  }

  /** The error may be of a row that is not asked for: the interpreted operators know which rows are before it. */
  private mayWait(error: unknown): boolean {
    return this.runtime.earlyStops.stoppable.has(this.node) && isOfRow(error);
  }

  /** Before any thread has put out rows: the coordinator goes on without the others. */
  private leaveTeam(): Operator | undefined {
    for (const pipeline of this.builder.pipelines) pipeline.close();
    this.ended = true;
    const { exchange } = this.runtime.context.parallel!;
    for (const line of this.builder.sharedLines) exchange!.fail(line);
    if (!exchange!.isCoordinator) return undefined;
    this.ended = false;
    this.interpreted = this.options.alone!();
    this.interpreted.open();
    return this.interpreted;
  }

  private interpret(): void {
    this.abandoned = true;
    for (const { node } of this.builder.builds.values()) this.runtime.adaptive?.forget(node.id);
    this.interpreted = this.options.fallback();
    this.interpreted.open();
  }
}
