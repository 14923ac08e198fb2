// The optimizer: an ordered list of passes over the logical plan, then the choice of operators.
// Reading the list is reading the order of work.

import type { FunctionContext } from '#functions';
import type { Datum, TableDescriptor } from '#common';
import { checkAccess } from '../access-check.ts';
import type { Catalog } from '../catalog.ts';
import type { BoundQuery, LogicalPlan } from '../logical-plan.ts';
import type { AdaptiveLimits, CostLimits, PhysicalCheck, PhysicalPlan } from '../physical-plan.ts';
import { bindTableChecks } from '../bind/index.ts';
import { guardStack } from '../parse/index.ts';
import { type ChoosablePath, physicalPlan } from '../physical/index.ts';
import { Cardinality } from './cardinality.ts';
import { foldingContext } from './folding-context.ts';
import type { Pass, PassContext, PolicyProvider } from './pass.ts';
import { decorrelatePass } from './passes/decorrelate.ts';
import { factorDisjunctionsPass } from './passes/factor-disjunctions.ts';
import { constantErrorsPass, foldConstantsPass } from './passes/fold-constants.ts';
import { groupEarlyPass } from './passes/group-early.ts';
import { inlineCtesPass } from './passes/inline-ctes.ts';
import { orderJoinsPass } from './passes/order-joins.ts';
import { policiesPass } from './passes/policies.ts';
import { minMaxPass } from './passes/min-max.ts';
import { pruneColumnsPass } from './passes/prune-columns.ts';
import { prunePartitionsPass } from './passes/prune-partitions.ts';
import { pushPredicatesPass } from './passes/push-predicates.ts';
import { shareSubplansPass } from './passes/share-subplans.ts';
import { simplifyJoinsPass } from './passes/simplify-joins.ts';
import { temporalPass } from './passes/temporal.ts';

export const optimizerPasses: readonly Pass[] = [
  temporalPass,
  policiesPass,
  inlineCtesPass,
  foldConstantsPass,
  decorrelatePass,
  factorDisjunctionsPass,
  simplifyJoinsPass,
  pushPredicatesPass,
  prunePartitionsPass,
  minMaxPass,
  pruneColumnsPass,
  orderJoinsPass,
  groupEarlyPass,
  shareSubplansPass,
  constantErrorsPass,
];

const defaultRewriteCostMin = 100;

export interface OptimizeOptions {
  /** Who runs it, by name: the role that bound it unless given; 42501 for what it may not do. */
  readonly currentUser?: string;
  /** Names of passes to leave out: a plan is right without any of them. */
  readonly disabledPasses?: ReadonlySet<string>;
  /** Ways that are taken only where there is no other (enable_… = off). */
  readonly disabledPaths?: ReadonlySet<ChoosablePath>;
  readonly policies?: PolicyProvider;
  /** For folding immutable functions at plan time; by default one that refuses all but arguments. */
  readonly functions?: FunctionContext;
  /** What the parameters are in the execution at hand, for estimates. */
  readonly parameters?: readonly Datum[] | undefined;
  /** What executions have taught (feedback/) goes before statistics. */
  readonly usesFeedback?: boolean;
  /** Cost from which other forms of a whole plan are considered; 0: they are taken whatever they cost. */
  readonly rewriteCostMin?: number;
  /** From which estimated cost on the executor does more for speed; undefined: its own limits. */
  readonly costLimits?: CostLimits | undefined;
  /** When the rest of a statement is planned anew; undefined: never. */
  readonly adaptive?: AdaptiveLimits | undefined;
  /** The CHECK constraints of a table that is written, bound over its attributes; by default from their text. */
  readonly checksFor?: (table: TableDescriptor) => readonly PhysicalCheck[];
  /** Sees the plan before the first pass (name "bound") and after each. */
  readonly trace?: (passName: string, plan: LogicalPlan) => void;
}

/** Throws 54001 for plans that nest too deeply, 42501 for what the role may not do. */
export function optimize(
  bound: BoundQuery,
  catalog: Catalog,
  options: OptimizeOptions = {},
): PhysicalPlan {
  const role = catalog.findRole(options.currentUser ?? bound.currentUser);
  if (role !== undefined) checkAccess(bound.accesses, catalog, role.oid);
  return guardStack(() => {
    const { plan, context } = rewritten(bound, catalog, options);
    const checksFor = options.checksFor ?? ((table) => storedChecks(table, catalog));
    const cardinality = context.cardinality(plan);
    return physicalPlan(bound, plan, { ...options, catalog, cardinality, checksFor });
  });
}

/** Stored texts name everything outside pg_catalog with its schema. */
function storedChecks(table: TableDescriptor, catalog: Catalog): readonly PhysicalCheck[] {
  if (table.constraints.every((constraint) => constraint.type !== 'check')) return [];
  return bindTableChecks(table, { catalog, searchPath: ['pg_catalog'], currentUser: '' });
}

/** The logical plan after all passes that are not disabled. */
export function optimizeLogical(
  bound: BoundQuery,
  catalog: Catalog,
  options: OptimizeOptions = {},
): LogicalPlan {
  return rewritten(bound, catalog, options).plan;
}

function rewritten(
  bound: BoundQuery,
  catalog: Catalog,
  options: OptimizeOptions,
): { readonly plan: LogicalPlan; readonly context: PassContext } {
  const context = passContext(bound, catalog, options);
  let { plan } = bound;
  options.trace?.('bound', plan);
  for (const pass of optimizerPasses) {
    if (options.disabledPasses?.has(pass.name) === true) continue;
    if (pass === prunePartitionsPass && options.disabledPaths?.has('partition_pruning') === true)
      continue;
    plan = pass.rewrite(plan, context);
    options.trace?.(pass.name, plan);
  }
  return { plan, context };
}

function passContext(bound: BoundQuery, catalog: Catalog, options: OptimizeOptions): PassContext {
  const { policies, parameters, usesFeedback = false } = options;
  let nextColumn = bound.nextColumnId;
  let cardinality: Cardinality | undefined;
  return {
    catalog,
    policies,
    functions: options.functions ?? foldingContext,
    parameters,
    usesFeedback,
    rewriteCostMin: options.rewriteCostMin ?? defaultRewriteCostMin,
    fresh: () => nextColumn++,
    cardinality: (plan) => {
      if (cardinality === undefined)
        cardinality = new Cardinality(catalog, plan, { parameters, usesFeedback });
      else cardinality.learn(plan);
      return cardinality;
    },
  };
}
