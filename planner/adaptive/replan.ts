// Plans the rest of a statement anew in the middle of its execution. Inputs that have been computed stand as
// leaves, with the number of rows that they really have; the joins above them are ordered again, and operators
// chosen again. What has been computed is never computed again: a leaf is read as a WITH query that is there
// already. After N. Kabra, D. DeWitt, *Efficient Mid-Query Re-Optimization of Sub-Optimal Query Execution
// Plans* (SIGMOD 1998), and V. Markl et al., *Robust Query Processing through Progressive Optimization* (SIGMOD 2004).

import type { ColumnId, Datum, Expression } from '#common';
import type { Catalog } from '../catalog.ts';
import type { CteScanNode, LogicalPlan } from '../logical-plan.ts';
import { Cardinality, type KeptRows } from '../optimize/cardinality.ts';
import { orderJoins } from '../optimize/passes/order-joins.ts';
import { pruneColumnsPass } from '../optimize/passes/prune-columns.ts';
import { mapExpressions, mapInputs, rewriteSubqueries } from '../optimize/plan-tree.ts';
import type { PassContext } from '../optimize/pass.ts';
import type { PhysicalCte, PhysicalNode, PhysicalPlan, Replanning } from '../physical-plan.ts';
import { physicalPlan } from '../physical/index.ts';
import type { PlanPlace } from '../physical/builder.ts';
import { nodeInputs } from '../physical/plan-facts.ts';
import { checkpointsOf } from './checkpoints.ts';
import { basisOf } from './plan-basis.ts';
import { computedCteId } from './computed-cte.ts';
import { shapeOf } from './plan-shape.ts';

/** Plans that a statement may have after its first one; each place, when all of them are forced. */
const replanningsMax = 3;
const forcedReplanningsMax = 8;

/** An input of the statement that is complete. */
export interface ComputedInput {
  readonly nodeId: number;
  readonly rows: number;
  /** Of its columns, those whose values are there. */
  readonly ordinals: readonly number[];
  /** By ordinal; undefined: not known. */
  readonly distinct: readonly (number | undefined)[];
}

export interface ReplanRequest {
  /** The node of the checkpoint, and its rows. */
  readonly nodeId: number;
  readonly rows: number;
  readonly inputs: readonly ComputedInput[];
  /** WITH queries that are complete. */
  readonly ctes: readonly { readonly cteId: number; readonly rows: number }[];
}

/** The plan for the rest; undefined: it goes on as it is. */
export function replan(
  plan: PhysicalPlan,
  request: ReplanRequest,
  options: { readonly catalog: Catalog; readonly parameters: readonly Datum[] },
): PhysicalPlan | undefined {
  const basis = basisOf(plan);
  const checkpoint = checkpointsOf(plan).get(request.nodeId);
  const nodes = nodesOf(plan);
  if (basis === undefined || checkpoint === undefined) return undefined;
  const leaves = request.inputs.flatMap((input) => leafOf(input, basis.places, nodes) ?? []);

  if (leaves.length < request.inputs.length) return undefined;
  const rest = withLeaves(basis.logical, leaves);

  if (rest === undefined) return undefined;
  const kept: KeptRows[] = [
    ...leaves.map(({ cteId, input, place }) => ({
      cteId,
      rows: input.rows,
      plan: place.plan,
      distinct: distinctOf(input, place),
    })),
    ...request.ctes,
  ];
  const { usesFeedback, disabledPaths, bound } = basis;
  const estimates = { ...options, usesFeedback, kept };
  const ordered = orderJoins(rest, new Cardinality(options.catalog, rest, estimates));
  const seeds = [...keptCtes(plan, request), ...leaves.map(({ cte }) => cte)];
  const made = physicalPlan(bound, ordered, {
    ...options,
    ...estimates,
    disabledPaths,
    start: {
      ctes: seeds,
      subplans: plan.subplans,
      slotCount: plan.slotCount,
      nextId: basis.nextId,
    },
    layout: plan.resultOrdinals,
    ...(plan.costLimits === undefined ? {} : { costLimits: plan.costLimits }),
    ...(plan.adaptive === undefined ? {} : { adaptive: plan.adaptive }),
  });
  const computed = new Set(leaves.map(({ input }) => input.nodeId));

  const isForced = plan.adaptive?.factor === 0;
  if (!isForced && shapeOf(made.root, new Set()) === shapeOf(plan.root, computed)) return undefined;
  return finished(made, plan, {
    after: checkpoint.kind,
    estimatedRows: checkpoint.node.estimatedRows,
    actualRows: request.rows,
  });
}

function finished(made: PhysicalPlan, before: PhysicalPlan, last: Replanning): PhysicalPlan {
  const replannings = [...(before.replannings ?? []), last];
  const max = before.adaptive?.factor === 0 ? forcedReplanningsMax : replanningsMax;
  return Object.assign(made, {
    replannings,
    adaptive: replannings.length < max ? made.adaptive : undefined,
  });
}

interface Leaf {
  readonly input: ComputedInput;
  readonly place: PlanPlace;
  readonly cteId: number;
  readonly cte: PhysicalCte;
  readonly scan: CteScanNode;
}

function leafOf(
  input: ComputedInput,
  places: ReadonlyMap<number, PlanPlace>,
  nodes: ReadonlyMap<number, PhysicalNode>,
): Leaf | undefined {
  const place = places.get(input.nodeId);
  const node = nodes.get(input.nodeId);
  if (place === undefined || node === undefined) return undefined;
  const cteId = computedCteId(input.nodeId);
  const name = `computed_${input.nodeId}`;
  const cte = { cteId, name, plan: node, step: undefined, all: true };
  const { plan, ordinals, isSubquery = false } = place;
  const outputs = isSubquery ? plan.outputs.filter(({ id }) => ordinals.has(id)) : plan.outputs;
  const columns = outputs.map(({ id }) => ordinals.get(id) ?? -1);
  return {
    input,
    place,
    cteId,
    cte,
    scan: { kind: 'cteScan', cteId, alias: name, columns, outputs },
  };
}

/** The plan with the leaves in their places, making what is read only; undefined: something of it is not there. */
function withLeaves(logical: LogicalPlan, leaves: readonly Leaf[]): LogicalPlan | undefined {
  const scans = new Map<LogicalPlan, Leaf>(leaves.map((leaf) => [leaf.place.plan, leaf]));
  // A condition that has been moved has a copy of its subquery, which makes the same columns.
  const subqueries = new Map<ColumnId | undefined, Leaf>();
  for (const leaf of leaves)
    if (leaf.place.isSubquery === true) subqueries.set(leaf.scan.outputs[0]?.id, leaf);
  const inSubquery = (query: LogicalPlan): LogicalPlan =>
    subqueries.get(query.outputs[0]?.id)?.scan ?? replaced(query);
  const replaced = (part: LogicalPlan): LogicalPlan => {
    const leaf = scans.get(part);
    if (leaf !== undefined) return leaf.scan;
    const inner = mapInputs(
      mapExpressions(part, (expression) => rewriteSubqueries(expression, inSubquery)),
      replaced,
    );
    if (inner.kind !== 'join' || inner.estimatedRows === undefined) return inner;
    const { estimatedRows: _stale, ...join } = inner;
    return join;
  };
  const rest = pruneColumnsPass.rewrite(replaced(logical), {} as PassContext);
  const ordinals = new Map(leaves.map(({ cteId, input }) => [cteId, new Set(input.ordinals)]));
  let isThere = true;
  const found = new Set<number>();
  const check = (part: LogicalPlan): LogicalPlan => {
    if (part.kind === 'cteScan' && ordinals.has(part.cteId)) {
      found.add(part.cteId);
      isThere &&= part.columns.every((ordinal) => ordinals.get(part.cteId)!.has(ordinal));
    }
    mapExpressions(part, (expression: Expression) => rewriteSubqueries(expression, check));
    return mapInputs(part, check);
  };
  check(rest);
  // A leaf that is nowhere would be computed again.
  return isThere && found.size === leaves.length ? rest : undefined;
}

function distinctOf(input: ComputedInput, { ordinals }: PlanPlace): Map<ColumnId, number> {
  const distinct = new Map<ColumnId, number>();
  for (const [column, ordinal] of ordinals) {
    const count = input.distinct[ordinal];
    if (count !== undefined) distinct.set(column, count);
  }
  return distinct;
}

/** Definitions that are complete, and those that parts of the old plan read, which are shown. */
function keptCtes(plan: PhysicalPlan, request: ReplanRequest): PhysicalCte[] {
  const complete = new Set(request.ctes.map(({ cteId }) => cteId));
  const shown = new Set<number>();
  const computed = new Set(request.inputs.map(({ nodeId }) => nodeId));
  const enter = (node: PhysicalNode, isComputed: boolean): void => {
    const within = isComputed || computed.has(node.id);
    if (within && node.kind === 'cteScan') shown.add(node.cteId);
    for (const input of nodeInputs(node)) enter(input, within);
  };
  enter(plan.root, false);
  for (const cte of plan.ctes) enter(cte.plan, complete.has(cte.cteId));
  return plan.ctes.filter(({ cteId }) => complete.has(cteId) || shown.has(cteId));
}

function nodesOf(plan: PhysicalPlan): ReadonlyMap<number, PhysicalNode> {
  const nodes = new Map<number, PhysicalNode>();
  const enter = (node: PhysicalNode): void => {
    nodes.set(node.id, node);
    nodeInputs(node).forEach(enter);
  };
  [plan.root, ...plan.subplans].forEach(enter);
  for (const cte of plan.ctes) {
    enter(cte.plan);
    if (cte.step !== undefined) enter(cte.step);
  }
  return nodes;
}
