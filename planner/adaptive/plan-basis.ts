// What a plan was made from, kept beside it in the thread that made it: a plan for the rest of the statement
// begins there. Plans that go to a thread or a cache stay plain data.

import type { LogicalPlan } from '../logical-plan.ts';
import type { BoundQuery } from '../logical-plan.ts';
import type { PhysicalPlan } from '../physical-plan.ts';
import type { PlanPlace } from '../physical/builder.ts';
import type { ChoosablePath } from '../physical/disabled-paths.ts';

export interface PlanBasis {
  readonly bound: BoundQuery;
  /** After all passes. */
  readonly logical: LogicalPlan;
  readonly places: ReadonlyMap<number, PlanPlace>;
  /** The first number that no node has. */
  readonly nextId: number;
  readonly usesFeedback: boolean;
  readonly disabledPaths: ReadonlySet<ChoosablePath> | undefined;
}

const bases = new WeakMap<PhysicalPlan, PlanBasis>();

export function rememberBasis(plan: PhysicalPlan, basis: PlanBasis): void {
  bases.set(plan, basis);
}

export function basisOf(plan: PhysicalPlan): PlanBasis | undefined {
  return bases.get(plan);
}
