// From an optimized logical plan to the physical plan.

import { type Expression, type TableDescriptor, TypeOid } from '#common';
import type { Catalog } from '../catalog.ts';
import type { BoundQuery, LogicalPlan } from '../logical-plan.ts';
import { checkpointsOf, mayReplan } from '../adaptive/checkpoints.ts';
import { rememberBasis } from '../adaptive/plan-basis.ts';
import { reachableCtes } from '../adaptive/reachable-ctes.ts';
import { findTeaching, rememberTeaching } from '../feedback/row-expectations.ts';
import type {
  AdaptiveLimits,
  CostLimits,
  PhysicalCheck,
  PhysicalNode,
  PhysicalPlan,
} from '../physical-plan.ts';
import { Cardinality, type EstimateOptions } from '../optimize/cardinality.ts';
import { buildNode } from './build.ts';
import { PlanBuilder, type PlanStart } from './builder.ts';
import { type Built, outermost } from './built.ts';
import type { ChoosablePath } from './disabled-paths.ts';
import { onlyReads, withUsedSubplans } from './plan-facts.ts';
import { withReferences } from './reference-locks.ts';
import { rememberTables, tableRowsOf } from './staleness.ts';

export { type ChoosablePath, choosablePaths } from './disabled-paths.ts';
export { nodeInputs, writesRows } from './plan-facts.ts';
export { isSamePlan } from './same-plan.ts';
export { marksLeft, reducedGroupsFactor } from './hash-join-cost.ts';
export { isPlanStale, namesCurrentTables } from './staleness.ts';

/** Cheaper plans are run as they are, however long they turn out to take. */
const adaptiveCostMin = 10;

export interface PhysicalOptions extends EstimateOptions {
  readonly catalog: Catalog;
  /** Knows the plan; by default one is made. */
  readonly cardinality?: Cardinality | undefined;
  readonly costLimits?: CostLimits | undefined;
  readonly adaptive?: AdaptiveLimits | undefined;
  /** Of a plan for the rest of a statement. */
  readonly start?: PlanStart | undefined;
  /** … whose results stand where they stood before. */
  readonly layout?: readonly number[] | undefined;
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
    cardinality: options.cardinality ?? new Cardinality(options.catalog, plan, options),
    checks: options.checksFor ?? (() => []),
    build: buildNode,
    disabledPaths: options.disabledPaths,
    start: options.start,
  });
  const built = builder.build(plan, outermost);
  const ordinals = bound.results.map((result) => built.ordinals.get(result.id)!);
  const { layout = ordinals, start } = options;
  const root = withLayout(builder, built, { ordinals, layout });
  const parts = withUsedSubplans({
    root,
    ctes:
      start === undefined ? builder.ctes : reachableCtes([root, ...builder.subplans], builder.ctes),
    subplans: builder.subplans,
  });
  const roots = [parts.root, ...parts.subplans, ...parts.ctes.map((cte) => cte.plan)];
  const physical: PhysicalPlan = {
    command: bound.command,
    root: parts.root,
    resultOrdinals: layout,
    results: bound.results,
    subplans: parts.subplans,
    ctes: parts.ctes,
    slotCount: builder.slotCount,
    parameterTypes: bound.parameterTypes,
    tableRows: tableRowsOf(roots, options.catalog),
    dependsOnValues: builder.cardinality.isUncertain,
    readOnly: onlyReads(parts),
    relations: withReferences(bound.relations, roots, options.catalog),
    ...(options.costLimits === undefined ? {} : { costLimits: options.costLimits }),
  };
  const { adaptive, usesFeedback = false } = options;
  const isCostly = physical.root.totalCost >= Math.min(adaptiveCostMin, adaptive?.cost ?? Infinity);
  const once = [parts.root, ...parts.subplans, ...parts.ctes.map((cte) => cte.plan)];
  const teaching =
    usesFeedback && isCostly ? findTeaching(once, builder.places, options.catalog) : [];
  const taught =
    teaching.length === 0
      ? physical
      : { ...physical, teaches: teaching.map(({ node }) => node.id) };
  const isAdaptive = adaptive !== undefined && isCostly && mayReplan(physical);
  const made = isAdaptive ? withAdaptive(taught, adaptive) : taught;
  rememberTeaching(made, teaching);
  if (made.adaptive !== undefined) {
    const { places, nextId } = builder;
    const { disabledPaths } = options;
    rememberBasis(made, { bound, logical: plan, places, nextId, usesFeedback, disabledPaths });
  }
  rememberTables(made, options.catalog);
  return made;
}

/** … where there is a place at which it could be planned anew. */
function withAdaptive(plan: PhysicalPlan, adaptive: AdaptiveLimits): PhysicalPlan {
  const made = { ...plan, adaptive };
  return checkpointsOf(made).size > 0 ? made : plan;
}

/** The root with each result at its place. */
function withLayout(
  builder: PlanBuilder,
  { node }: Built,
  results: { readonly ordinals: readonly number[]; readonly layout: readonly number[] },
): PhysicalNode {
  const { ordinals, layout } = results;
  if (layout.every((place, at) => place === ordinals[at])) return node;
  const expressions = Array.from(
    { length: Math.max(...layout) + 1 },
    (_none, place): Expression => {
      const at = layout.indexOf(place);
      const type = node.types[ordinals[at]] ?? { oid: TypeOid.int4, typmod: -1 };
      return at === -1
        ? { kind: 'constant', type, value: null }
        : { kind: 'input', type, ordinal: ordinals[at] };
    },
  );
  const { estimatedRows: rows, startupCost: startup, totalCost: total } = node;
  const types = expressions.map(({ type }) => type);
  return {
    ...builder.frame(types, { rows, startup, total }),
    kind: 'project',
    input: node,
    expressions,
  };
}
