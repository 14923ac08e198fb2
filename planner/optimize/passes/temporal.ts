// Temporal normalisation: a scan's FOR SYSTEM_TIME becomes an interval that storage can read.
// An empty or reversed half-open range of constants reads nothing.

import { TypeOid, type Expression } from '#common';
import type { LogicalPlan } from '../../logical-plan.ts';
import type { Pass } from '../pass.ts';
import { rewritePlan } from '../plan-tree.ts';

export const temporalPass: Pass = {
  name: 'temporal',
  rewrite: (plan) => rewritePlan(plan, normalise),
};

function normalise(plan: LogicalPlan): LogicalPlan {
  if (plan.kind !== 'scan' || plan.temporal.system.kind !== 'range') return plan;
  const { from, to, inclusive } = plan.temporal.system;
  const lower = timestampOf(from);
  const upper = timestampOf(to);
  if (lower === undefined || upper === undefined) return plan;
  const empty = lower === null || upper === null || (inclusive ? lower > upper : lower >= upper);
  return empty ? { kind: 'empty', outputs: plan.outputs } : plan;
}

/** A constant's microseconds; null for SQL NULL, undefined when it is not known yet. */
function timestampOf(expression: Expression): number | bigint | null | undefined {
  if (expression.kind !== 'constant' || expression.type.oid !== TypeOid.timestamptz)
    return undefined;
  const { value } = expression;
  return typeof value === 'number' || typeof value === 'bigint' || value === null
    ? value
    : undefined;
}
