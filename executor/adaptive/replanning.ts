// Planning the rest of a statement anew, in steps that yield: what is known of the rows that have been computed goes to
// the planner; when it has another plan, the rows move to buffers, from which the new plan reads them as WITH
// queries. Until then nothing of the old execution is touched, and it can go on.

import { type PhysicalPlan, type ReplanRequest, computedCteId } from '#planner';
import type { Batch } from '#common';
import { again } from '../contract.ts';
import { BatchBuffer } from '../rows/batch-buffer.ts';
import type { Runtime } from '../runtime.ts';
import { ColumnCounts } from './column-counts.ts';
import type { Breaker, Replan } from './contract.ts';

export interface Replanned {
  readonly plan: PhysicalPlan;
  /** By id of the WITH query. */
  readonly kept: ReadonlyMap<number, BatchBuffer>;
}

export class Replanning {
  private readonly runtime: Runtime;
  private readonly replan: Replan;
  private readonly inputs: readonly Breaker[];
  private readonly request: ReplanRequest;
  private plan: PhysicalPlan | undefined = undefined;
  private position = 0;
  private moving: Iterator<Batch> | undefined = undefined;
  private readonly kept = new Map<number, BatchBuffer>();

  private constructor(
    runtime: Runtime,
    replan: Replan,
    parts: { readonly inputs: readonly Breaker[]; readonly request: ReplanRequest },
  ) {
    this.runtime = runtime;
    this.replan = replan;
    this.inputs = parts.inputs;
    this.request = parts.request;
  }

  /** undefined: something that has been computed would have to be computed again. */
  static start(runtime: Runtime, reached: Breaker, replan: Replan): Replanning | undefined {
    const ctes: { readonly cteId: number; readonly rows: number }[] = [];
    for (const [cteId, state] of runtime.ctes) {
      if (state.progress === 'part') return undefined;
      if (state.progress === 'all') ctes.push({ cteId, rows: state.rows });
    }
    const inputs = [
      ...runtime.adaptive!.inputs(new Set(ctes.map(({ cteId }) => cteId))),
      ...runtime.keptSubplans.map(({ breaker }) => breaker),
    ];
    if (inputs.some(({ ordinals }) => ordinals === undefined)) return undefined;
    const { nodeId, rows } = reached;
    const request = { nodeId, rows, ctes, inputs: inputs.map(describe) };
    return new Replanning(runtime, replan, { inputs, request });
  }

  /** The new plan with what it begins with, or undefined to go on with the old one. */
  advance(): Replanned | typeof again | undefined {
    if (this.plan === undefined) {
      const plan = this.replan(this.request);
      if (plan === undefined || plan === again) return plan;
      this.plan = plan;
    }
    while (this.position < this.inputs.length) {
      if (this.runtime.pause()) return again;
      this.moveBatch(this.inputs[this.position]);
    }
    for (const { cteId } of this.request.ctes)
      this.kept.set(cteId, this.runtime.ctes.get(cteId)!.take());
    return { plan: this.plan, kept: this.kept };
  }

  /** When the statement ends in between. */
  close(): void {
    for (const buffer of this.kept.values()) buffer.clear();
  }

  private moveBatch(input: Breaker): void {
    const { workMemBytes, spillDirectory } = this.runtime.context;
    const cteId = computedCteId(input.nodeId);
    let buffer = this.kept.get(cteId);
    if (buffer === undefined) {
      buffer = new BatchBuffer(workMemBytes, spillDirectory);
      this.kept.set(cteId, buffer);
    }
    this.moving ??= input.batches()[Symbol.iterator]();
    const next = this.moving.next();
    if (next.done === true) {
      this.moving = undefined;
      this.position++;
    } else if (next.value.length > 0) buffer.append(next.value);
  }
}

function describe(input: Breaker): ReplanRequest['inputs'][number] {
  const { nodeId, rows, ordinals } = input;
  let counts: ColumnCounts | undefined;
  for (const batch of input.batches()) {
    counts ??= new ColumnCounts(batch.columns.length);
    counts.add(batch, ordinals!);
    if (counts.isFull) break;
  }
  return { nodeId, rows, ordinals: ordinals!, distinct: counts?.estimates(rows) ?? [] };
}
