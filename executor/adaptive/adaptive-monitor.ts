// Watches an execution for estimates that were wrong: operators report the inputs that they have read to the end,
// and are told whether to give way, so that the rest can be planned anew (replanning.ts).
//
// Invariant: what has been reported is complete and unread, until its operator forgets it or closes.

import {
  type Checkpoint,
  checkpointsOf,
  nodeInputs,
  type PhysicalNode,
  type PhysicalPlan,
} from '#planner';
import { misjudgedRowsMin } from '../limits.ts';
import type { Breaker } from './contract.ts';

/** Of the rest's cost, what another plan may save at most where rows only go through hash tables. */
const hashedShare = 0.1;

export class AdaptiveMonitor {
  private readonly plan: PhysicalPlan;
  private readonly checkpoints: ReadonlyMap<number, Checkpoint>;
  private readonly complete = new Map<number, Breaker>();
  private reached: Breaker | undefined = undefined;

  constructor(plan: PhysicalPlan) {
    this.plan = plan;
    this.checkpoints = checkpointsOf(plan);
  }

  /** Is it of interest when the rows of the node are complete? */
  watches(nodeId: number): boolean {
    return this.checkpoints.has(nodeId);
  }

  /** More rows than this are too many. */
  rowsExpectedMax({ estimatedRows }: PhysicalNode): number {
    return estimatedRows * Math.max(1, this.plan.adaptive!.factor);
  }

  /** True: the operator is to return `again`, and to go on where it is when it is called again. */
  report(breaker: Breaker): boolean {
    const checkpoint = this.checkpoints.get(breaker.nodeId);
    if (checkpoint === undefined) return false;
    this.complete.set(breaker.nodeId, breaker);
    if (!this.isWrong(breaker, checkpoint)) return false;
    this.reached = breaker;
    return true;
  }

  forget(nodeId: number): void {
    this.complete.delete(nodeId);
    if (this.reached?.nodeId === nodeId) this.reached = undefined;
  }

  forgetAll(): void {
    this.complete.clear();
    this.reached = undefined;
  }

  /** The input whose rows were misjudged; asked once. */
  takeReached(): Breaker | undefined {
    const { reached } = this;
    this.reached = undefined;
    return reached;
  }

  /** All that is complete, without what is a part of something else that is; `ctes`: WITH queries that are. */
  inputs(ctes: ReadonlySet<number>): readonly Breaker[] {
    const within = new Set<number>();
    const enter = (node: PhysicalNode): void => {
      for (const input of nodeInputs(node)) {
        within.add(input.id);
        enter(input);
      }
    };
    for (const nodeId of this.complete.keys()) enter(this.checkpoints.get(nodeId)!.node);
    for (const { cteId, plan } of this.plan.ctes) {
      if (!ctes.has(cteId)) continue;
      within.add(plan.id);
      enter(plan);
    }
    return [...this.complete.values()].filter(({ nodeId }) => !within.has(nodeId));
  }

  private isWrong({ rows, isReduced }: Breaker, checkpoint: Checkpoint): boolean {
    const { node, restCost, isRepeated } = checkpoint;
    const { factor, cost } = this.plan.adaptive!;
    if (factor === 0) return true;
    const growth = Math.max(rows, 1) / Math.max(node.estimatedRows, 1);
    if (growth < factor && (isReduced || 1 / growth < factor)) return false;
    if (Math.max(rows, node.estimatedRows) < misjudgedRowsMin) return false;
    return restCost * (isRepeated ? Math.max(1, growth) : hashedShare) >= cost;
  }
}
