// The state of one running plan: what its operators and expressions share. An instance is built once
// and reused for later executions of the plan (instances.ts), so everything that changes between
// executions hangs here and is read at run time.

import type { Datum } from '#common';
import type { FunctionContext } from '#functions';
import type { PhysicalNode, PhysicalPlan } from '#planner';
import type { Key, RowReader } from '#storage';
import type { AdaptiveMonitor } from './adaptive/adaptive-monitor.ts';
import type { Breaker } from './adaptive/contract.ts';
import type { ExecutionContext } from './contract.ts';
import { outOfMemory } from './errors.ts';
import type { ExpressionEnvironment } from './expression/environment.ts';
import { unspillableBytesMin, unspillableFactor } from './limits.ts';
import type { NodeMeasurement } from './measurement.ts';
import { StatementMemory } from './memory/statement-memory.ts';
import type { CteState } from './operators/cte.ts';
import type { Operator } from './operators/operator.ts';
import { isWriting } from './plan-walk.ts';
import { type EarlyStops, earlyStops } from './row-by-row.ts';
import { Subplan } from './subplan.ts';

export type BuildOperator = (node: PhysicalNode, runtime: Runtime) => Operator;

export class Runtime implements ExpressionEnvironment {
  readonly plan: PhysicalPlan;
  readonly slots: Datum[];
  readonly measurements: Map<number, NodeMeasurement> | undefined;
  readonly ctes = new Map<number, CteState>();
  /**
   * By id of what is to teach the planner; of a scan: the fraction of the table's rows that met its filter, of a join
   * or grouping: its rows.
   */
  observed: Map<number, number> | undefined = undefined;
  parameters: readonly Datum[] = [];
  caseTest: Datum = null;
  epoch = 0;
  /** Rows written, for the command tag of INSERT, UPDATE and DELETE. */
  writtenRows = 0;
  /** Where operators tell what they have read to the end; undefined: the plan stays as it is. */
  adaptive: AdaptiveMonitor | undefined = undefined;
  /** Nesting of foreign key actions right now. */
  cascadeDepth = 0;
  /** Checks to run when the statement's rows are all written (NO ACTION foreign keys). */
  statementEndChecks: (() => void)[] = [];
  /** Whose rows the command tag tells. */
  private readonly counted: PhysicalNode | undefined;
  private readonly memory = new StatementMemory();
  private readonly taught: ReadonlySet<number>;
  private current: ExecutionContext | undefined = undefined;
  private readonly build: BuildOperator;
  private readonly subplans = new Map<number, Subplan>();
  private readonly targets = new Map<number, Set<Key>>();
  private stops: EarlyStops | undefined = undefined;
  /** Above 0 inside an expression or another loop that cannot be left and resumed. */
  private atomicDepth = 0;

  /** `measurements`: nodes are measured, for EXPLAIN ANALYZE. */
  constructor(
    plan: PhysicalPlan,
    build: BuildOperator,
    measurements?: Map<number, NodeMeasurement>,
  ) {
    this.plan = plan;
    this.taught = new Set(plan.teaches);
    const { root } = plan;
    this.counted = root.kind === 'sequence' ? root.steps[root.counted] : root;
    this.build = build;
    this.slots = new Array<Datum>(plan.slotCount).fill(null);
    this.measurements = measurements;
  }

  /** A scan has come to its end. */
  observe(node: PhysicalNode, fraction: number): void {
    this.observed ??= new Map();
    this.observed.set(node.id, fraction);
  }

  /** Are the rows of the node to be counted? Not where threads share it: each has a part of them. */
  teaches({ id }: PhysicalNode): boolean {
    return this.taught.has(id);
  }

  /** All rows of a join or grouping have been seen. */
  observeRows(node: PhysicalNode, rows: number): void {
    if (this.context.parallel === undefined) this.observe(node, rows);
  }

  /** Counts a row for the command tag, which speaks of the statement's own writes only. */
  rowWritten(node: PhysicalNode): void {
    if (node === this.counted) this.writtenRows++;
  }

  get context(): ExecutionContext {
    return this.current!;
  }

  get functions(): FunctionContext {
    return this.current!.functions;
  }

  get reader(): RowReader {
    return this.current!.transaction;
  }

  /** Starts a new execution: init plans and WITH queries are computed anew. */
  begin(context: ExecutionContext): void {
    this.current = context;
    this.memory.release();
    this.parameters = context.parameters;
    this.caseTest = null;
    this.epoch++;
    this.writtenRows = 0;
    this.cascadeDepth = 0;
    this.atomicDepth = 0;
    this.statementEndChecks = [];
    this.observed = undefined;
    this.adaptive = undefined;
    for (const targets of this.targets.values()) targets.clear();
    for (const cte of this.ctes.values()) cte.reset();
  }

  /** Rows of the table that a part of the statement has written; undefined when it has one part. */
  sharedTargets(tableOid: number): Set<Key> | undefined {
    if (!this.plan.ctes.some((cte) => isWriting(cte.plan))) return undefined;
    let targets = this.targets.get(tableOid);
    if (targets === undefined) {
      targets = new Set();
      this.targets.set(tableOid, targets);
    }
    return targets;
  }

  /** Runs something of an execution that has ended: deferred triggers. */
  within(context: ExecutionContext, run: () => void): void {
    const outer = this.current;
    this.current = context;
    try {
      run();
    } finally {
      this.current = outer;
    }
  }

  end(): void {
    for (const subplan of this.subplans.values()) subplan.end();
    for (const cte of this.ctes.values()) cte.close();
    this.statementEndChecks = [];
    this.adaptive = undefined;
    this.memory.release();
    this.current = undefined;
  }

  /** An operator has all rows of a node: true when it shall give way, since the rest may be planned anew. */
  reached(breaker: Breaker): boolean {
    return this.adaptive !== undefined && this.mayGiveWay && this.adaptive.report(breaker);
  }

  /** Subqueries whose rows are kept, since they ran before the statement. */
  get keptSubplans(): readonly Subplan[] {
    return [...this.subplans.values()].filter(({ isKept }) => isKept);
  }

  /** May an operator return `again` here? */
  get mayGiveWay(): boolean {
    return this.atomicDepth === 0 && this.current!.interrupt.atOnce !== true;
  }

  /** To be called once a batch: cancellation, and whether the caller should return `again`. */
  pause(): boolean {
    const interrupt = this.current!.interrupt;
    interrupt.check();
    return this.atomicDepth === 0 && interrupt.sliceOver();
  }

  buildOperator(node: PhysicalNode): Operator {
    return this.build(node, this);
  }

  /** Where the plan may stop before all rows are read. */
  get earlyStops(): EarlyStops {
    this.stops ??= earlyStops(this.plan);
    return this.stops;
  }

  subplan(ordinal: number): Subplan {
    let subplan = this.subplans.get(ordinal);
    if (subplan === undefined) {
      subplan = new Subplan(this, this.plan.subplans[ordinal]);
      this.subplans.set(ordinal, subplan);
    }
    return subplan;
  }

  /** Runs something that must finish in one go; operators below do not yield meanwhile. */
  enterAtomic(): void {
    this.atomicDepth++;
  }

  leaveAtomic(): void {
    this.atomicDepth--;
  }

  /** What the statement may hold in this thread. */
  get memoryBytesMax(): number {
    const { statementMemoryBytes, parallel } = this.context;
    return (statementMemoryBytes ?? Infinity) / (parallel?.threads ?? 1);
  }

  /** An operator says what it holds now, after each batch; 53200 past the budgets. */
  hold(owner: object, bytes: number): void {
    this.memory.limitBytes = this.memoryBytesMax;
    this.memory.hold(owner, bytes);
  }

  /** The operator holds nothing any more. */
  letGo(owner: object): void {
    this.memory.letGo(owner);
  }

  /** As hold(), for operators that keep rows and cannot spill; 53200 past their share of work_mem, too. */
  checkUnspillable(owner: object, bytes: number): void {
    this.hold(owner, bytes);
    if (bytes > Math.max(unspillableBytesMin, this.context.workMemBytes * unspillableFactor))
      throw outOfMemory();
  }
}
