// Runs a plan: the entry of the executor. Compiled instances of a plan are kept for its next execution,
// a few per plan; an instance that failed is thrown away.

import type { Batch } from '#common';
import type { ObservedFractions, PhysicalPlan } from '#planner';
import type { Savepoint } from '#storage';
import { AdaptiveMonitor } from './adaptive/adaptive-monitor.ts';
import type { Replan } from './adaptive/contract.ts';
import { type Replanned, Replanning } from './adaptive/replanning.ts';
import { type Execution, type ExecutionContext, again } from './contract.ts';
import { FastExecution } from './fast-path/fast-execution.ts';
import { fastPath } from './fast-path/fast-path.ts';
import { planInstancesMax, preloadCostMin } from './limits.ts';
import type { NodeMeasurement } from './measurement.ts';
import { buildOperator } from './operators/build-operator.ts';
import { cteState } from './operators/cte.ts';
import { type Operator, pullLarge } from './operators/operator.ts';
import { type InitPlan, isWriting, longInitPlans } from './plan-walk.ts';
import { Runtime } from './runtime.ts';

export interface ExecuteOptions {
  /** Measure every node, for EXPLAIN ANALYZE. */
  readonly instrument?: boolean;
  /** The reader takes batches of up to blockRows rows. */
  readonly largeBatches?: boolean;
  /** Plans the rest anew when estimates prove wrong; without it the plan stays as it is. */
  readonly replan?: Replan | undefined;
}

/** With `instrument`, what was measured, by node id. */
export interface MeasuredExecution extends Execution {
  readonly measurements: ReadonlyMap<number, NodeMeasurement> | undefined;
  /** What is to teach the planner; complete once the rows are, until it is closed. */
  readonly observed: ObservedFractions | undefined;
  /** The last plan, when it is not the one that was asked for. */
  readonly replanned?: PhysicalPlan | undefined;
}

interface PlanInstance {
  readonly runtime: Runtime;
  readonly root: Operator;
  /** Run before the plan itself, because they may take long. */
  readonly initPlans: readonly InitPlan[];
}

const idleInstances = new WeakMap<PhysicalPlan, PlanInstance[]>();

export function executePlan(
  plan: PhysicalPlan,
  context: ExecutionContext,
  options?: ExecuteOptions,
): MeasuredExecution {
  if (options?.instrument === true)
    return new PlanExecution(plan, newInstance(plan, new Map()), context, {
      ...options,
      reusable: false,
    });
  const path = fastPath(plan);
  if (path !== undefined) return new FastExecution(plan, path, context);
  const idle = idleInstances.get(plan)?.pop();
  return new PlanExecution(plan, idle ?? newInstance(plan), context, {
    ...options,
    reusable: true,
  });
}

function newInstance(
  plan: PhysicalPlan,
  measurements?: Map<number, NodeMeasurement>,
  kept?: ReadonlySet<number>,
): PlanInstance {
  const runtime = new Runtime(plan, buildOperator, measurements);
  // A statement does not see its own writes, but what its WITH queries write depends on when they run.
  const mayPreload = plan.subplans.length > 0 && !plan.ctes.some((cte) => isWriting(cte.plan));
  const initPlans = mayPreload ? longInitPlans(plan, preloadCostMin, kept) : [];
  return { runtime, root: buildOperator(plan.root, runtime), initPlans };
}

type Phase = 'new' | 'preload' | 'rows' | 'writes' | 'ended';

class PlanExecution implements MeasuredExecution {
  private plan: PhysicalPlan;
  private instance: PlanInstance;
  private readonly context: ExecutionContext;
  private reusable: boolean;
  private readonly replan: Replan | undefined;
  private replanning: Replanning | undefined = undefined;
  replanned: PhysicalPlan | undefined = undefined;
  private readonly largeBatches: boolean;
  private phase: Phase = 'new';
  private failed = false;
  /** Where the statement began: what it writes itself it does not see. */
  private startedAt: Savepoint | undefined = undefined;
  private released = false;
  private returnedRows = 0;
  private writtenRows = 0;
  /** WITH queries that write and that nobody has read to the end. */
  private pendingWrites: number[] = [];
  private writePosition = 0;
  private preloadPosition = 0;

  constructor(
    plan: PhysicalPlan,
    instance: PlanInstance,
    context: ExecutionContext,
    options: ExecuteOptions & { readonly reusable: boolean },
  ) {
    this.plan = plan;
    this.instance = instance;
    this.context = context;
    this.reusable = options.reusable;
    this.largeBatches = options.largeBatches ?? false;
    this.replan = options.replan;
  }

  get measurements(): ReadonlyMap<number, NodeMeasurement> | undefined {
    return this.instance.runtime.measurements;
  }

  get observed(): ObservedFractions | undefined {
    return this.instance.runtime.observed;
  }

  get rowCount(): number {
    const { command } = this.plan;
    return command === 'SELECT' || command === 'VALUES' ? this.returnedRows : this.writtenRows;
  }

  next(): Batch | typeof again | undefined {
    // A plan that only reads may run on a thread, whose reader has no writes to tell apart.
    if (this.plan.readOnly) return this.advanceOrFail();
    const { transaction } = this.context;
    const outer = transaction.ownWritesUntil;
    this.startedAt ??= transaction.savepoint();
    transaction.ownWritesUntil = this.startedAt;
    try {
      return this.advanceOrFail();
    } finally {
      transaction.ownWritesUntil = outer;
    }
  }

  private advanceOrFail(): Batch | typeof again | undefined {
    try {
      return this.advance();
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }

  close(): void {
    if (this.released) return;
    this.released = true;
    this.phase = 'ended';
    this.replanning?.close();
    try {
      this.closeInstance();
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }

  private closeInstance(): void {
    const { runtime, root } = this.instance;
    root.close();
    runtime.end();
    if (!this.reusable || this.failed) return;
    const idle = idleInstances.get(this.plan) ?? [];
    if (idle.length < planInstancesMax) idle.push(this.instance);
    idleInstances.set(this.plan, idle);
  }

  private advance(): Batch | typeof again | undefined {
    const { runtime, root, initPlans } = this.instance;
    if (this.phase === 'new') {
      runtime.begin(this.context);
      this.watch(runtime);
      this.phase = 'preload';
    }
    if (this.phase === 'preload') {
      for (; this.preloadPosition < initPlans.length; this.preloadPosition++) {
        const { subplan, rowsWanted } = initPlans[this.preloadPosition];
        if (runtime.subplan(subplan).preload(rowsWanted) === again) return again;
      }
      root.open();
      this.phase = 'rows';
    }
    if (this.phase === 'rows') {
      if (this.replanning !== undefined && this.planAnew() === again) return again;
      const pulled = this.largeBatches ? pullLarge(root) : root.next();
      if (pulled === again) {
        this.startPlanningAnew(runtime);
        return again;
      }
      if (pulled !== undefined) {
        this.returnedRows += pulled.length;
        return pulled;
      }
      this.finishRows();
    }
    if (this.phase === 'writes') return this.finishWrites();
    return undefined;
  }

  private watch(runtime: Runtime): void {
    if (this.replan !== undefined && this.plan.adaptive !== undefined)
      runtime.adaptive = new AdaptiveMonitor(this.plan);
  }

  private startPlanningAnew(runtime: Runtime): void {
    const reached = runtime.adaptive?.takeReached();
    if (reached === undefined || this.returnedRows > 0) return;
    this.replanning = Replanning.start(runtime, reached, this.replan!);
  }

  /** undefined: the execution goes on as it is. */
  private planAnew(): typeof again | undefined {
    const outcome = this.replanning!.advance();
    if (outcome === again) return again;
    this.replanning = undefined;
    if (outcome === undefined) return undefined;
    this.adopt(outcome);
    return again;
  }

  private adopt({ plan, kept }: Replanned): void {
    const { measurements, observed } = this.instance.runtime;
    this.closeInstance();
    this.instance = newInstance(plan, measurements, new Set(kept.keys()));
    this.plan = plan;
    this.replanned = plan;
    this.reusable = false;
    const { runtime } = this.instance;
    runtime.begin(this.context);
    runtime.observed = observed;
    this.watch(runtime);
    for (const [cteId, rows] of kept) {
      if (plan.ctes.some((cte) => cte.cteId === cteId)) cteState(runtime, cteId).fill(rows);
      else rows.clear();
    }
    this.preloadPosition = 0;
    this.phase = 'preload';
  }

  private finishRows(): void {
    const { runtime } = this.instance;
    this.writtenRows = runtime.writtenRows;
    this.pendingWrites = this.plan.ctes
      .filter((cte) => isWriting(cte.plan))
      .map((cte) => cte.cteId);
    this.phase = 'writes';
  }

  /** Data-modifying WITH queries run to their end whether or not they are read; then the late checks. */
  private finishWrites(): typeof again | undefined {
    const { runtime } = this.instance;
    while (this.writePosition < this.pendingWrites.length) {
      if (cteState(runtime, this.pendingWrites[this.writePosition]).finish() === again)
        return again;
      this.writePosition++;
    }
    for (let i = 0; i < runtime.statementEndChecks.length; i++) {
      runtime.statementEndChecks[i]();
      if (i % 1024 === 1023) this.context.interrupt.check();
    }
    runtime.statementEndChecks = [];
    this.phase = 'ended';
    return undefined;
  }
}
