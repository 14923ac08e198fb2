// From an optimized logical plan to the physical plan.

import type { Datum, TableDescriptor } from '#common';
import type { Catalog } from '../catalog.ts';
import type { BoundQuery, LogicalPlan } from '../logical-plan.ts';
import type { PhysicalCheck, PhysicalPlan } from '../physical-plan.ts';
import { Cardinality } from '../optimize/cardinality.ts';
import { buildNode } from './build.ts';
import { PlanBuilder } from './builder.ts';
import { outermost } from './built.ts';
import type { ChoosablePath } from './disabled-paths.ts';
import { onlyReads, withUsedSubplans } from './plan-facts.ts';
import { withReferences } from './reference-locks.ts';
import { rememberTables, tableRowsOf } from './staleness.ts';

export { type ChoosablePath, choosablePaths } from './disabled-paths.ts';
export { nodeInputs } from './plan-facts.ts';
export { isSamePlan } from './same-plan.ts';
export { marksLeft, reducedGroupsFactor } from './hash-join-cost.ts';
export { isPlanStale, namesCurrentTables } from './staleness.ts';

export interface PhysicalOptions {
  readonly catalog: Catalog;
  /** For estimates. */
  readonly parameters?: readonly Datum[] | undefined;
  /** What executions have taught goes before statistics. */
  readonly usesFeedback?: boolean | undefined;
  readonly disabledPaths?: ReadonlySet<ChoosablePath> | undefined;
  /** The CHECK constraints of a table that is written, bound over its attributes. */
  readonly checksFor?: ((table: TableDescriptor) => readonly PhysicalCheck[]) | undefined;
}

export function physicalPlan(
  bound: BoundQuery,
  plan: LogicalPlan,
  options: PhysicalOptions,
): PhysicalPlan {
  const builder = new PlanBuilder({
    catalog: options.catalog,
    cardinality: new Cardinality(options.catalog, plan, options),
    checks: options.checksFor ?? (() => []),
    build: buildNode,
    disabledPaths: options.disabledPaths,
  });
  const built = builder.build(plan, outermost);
  const parts = withUsedSubplans({
    root: built.node,
    ctes: builder.ctes,
    subplans: builder.subplans,
  });
  const roots = [parts.root, ...parts.subplans, ...parts.ctes.map((cte) => cte.plan)];
  const physical: PhysicalPlan = {
    command: bound.command,
    root: parts.root,
    resultOrdinals: bound.results.map((result) => built.ordinals.get(result.id)!),
    results: bound.results,
    subplans: parts.subplans,
    ctes: parts.ctes,
    slotCount: builder.slotCount,
    parameterTypes: bound.parameterTypes,
    tableRows: tableRowsOf(roots, options.catalog),
    dependsOnValues: builder.cardinality.isUncertain,
    readOnly: onlyReads(parts),
    relations: withReferences(bound.relations, roots, options.catalog),
  };
  rememberTables(physical, options.catalog);
  return physical;
}
