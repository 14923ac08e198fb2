// What an optimizer pass is: a named rewrite of a logical plan, and what it may look at.

import type { Datum } from '#common';
import type { FunctionContext } from '#functions';
import type { Catalog } from '../catalog.ts';
import type { LogicalPlan, ScanNode } from '../logical-plan.ts';
import type { Cardinality } from './cardinality.ts';
import type { ColumnSource } from './plan-tree.ts';

/** Policies of tables (row predicates as barriers, masks): a later capability hands one in. */
export interface PolicyProvider {
  /** The plan that stands for a scan; the scan itself when the table has no policy. */
  protect(scan: ScanNode): LogicalPlan;
}

export interface PassContext extends ColumnSource {
  readonly catalog: Catalog;
  readonly policies: PolicyProvider | undefined;
  /** Values of the statement's parameters, where they are known: estimates may use them, nothing else. */
  readonly parameters: readonly Datum[] | undefined;
  /** What executions have taught goes before statistics. */
  readonly usesFeedback: boolean;
  /** For folding immutable functions. */
  readonly functions: FunctionContext;
  /** Cost from which other forms of a whole plan are considered; 0: they are taken whatever they cost. */
  readonly rewriteCostMin: number;
  /** The statement's estimates, which take in the plan as it is now; forms of it that may be dropped get their own. */
  readonly cardinality: (plan: LogicalPlan) => Cardinality;
}

export interface Pass {
  readonly name: string;
  rewrite(plan: LogicalPlan, context: PassContext): LogicalPlan;
}
