// A plan as several threads run it. Where rows come down a line that threads can share (shared-chain.ts), the
// line ends in a gather node: above an aggregate's first stage, below a sort whose first rows are wanted (each
// thread sends its own first rows), below DISTINCT, or where few rows come out. All threads make the same plan
// of a plan, so a fragment's number is enough to name it.

import { type Expression, type SqlType, TypeOid } from '#common';
import type {
  PhysicalAggregate,
  PhysicalCte,
  PhysicalGather,
  PhysicalNode,
  PhysicalPlan,
  PhysicalSort,
} from '#planner';
import { nodeInputs } from '#planner';
import { gatherShareMax, preloadCostMin } from '../limits.ts';
import { longInitPlans } from '../plan-walk.ts';
import { aggregateStages } from './aggregate-stages.ts';
import { distinctArgument, groupedFirst, isCount, stagesOfParts } from './distinct-stages.ts';
import { gatherCost, mergeCost } from './gather-cost.ts';
import { mergedSort } from './merged-sort.ts';
import { isSelfContained, type SharedChain, sharedChain } from './shared-chain.ts';

export interface ParallelPlan {
  /** For the coordinator. */
  readonly plan: PhysicalPlan;
  /** The inputs of its gather nodes, for all threads. */
  readonly fragments: readonly PhysicalPlan[];
}

const known = new WeakMap<PhysicalPlan, { readonly made: ParallelPlan | undefined }>();

/** undefined: one thread runs the plan. */
export function parallelPlanOf(plan: PhysicalPlan): ParallelPlan | undefined {
  let entry = known.get(plan);
  if (entry === undefined) {
    entry = { made: plan.readOnly ? new Sharing(plan).made() : undefined };
    known.set(plan, entry);
  }
  return entry.made;
}

class Sharing {
  private readonly plan: PhysicalPlan;
  private readonly fragments: PhysicalPlan[] = [];
  private lastId: number;
  private slots: number;

  constructor(plan: PhysicalPlan) {
    this.plan = plan;
    this.slots = plan.slotCount;
    const roots = [plan.root, ...plan.subplans, ...plan.ctes.flatMap(partsOf)];
    this.lastId = Math.max(...roots.map(largestId));
  }

  made(): ParallelPlan | undefined {
    const { plan } = this;
    const root = this.share(plan.root);
    // A subplan that reads a WITH query could not wait for other threads, unless it is run ahead.
    const ahead = new Set(longInitPlans(plan, preloadCostMin).map(({ subplan }) => subplan));
    const mayShareCtes = plan.subplans.every((node, at) => ahead.has(at) || !readsCte(node));
    const ctes = mayShareCtes ? plan.ctes.map((cte) => this.cte(cte)) : plan.ctes;
    if (this.fragments.length === 0) return undefined;
    return { plan: { ...plan, root, ctes }, fragments: this.fragments };
  }

  private cte(cte: PhysicalCte): PhysicalCte {
    if (cte.step !== undefined || (cte.outerSlots?.length ?? 0) > 0) return cte;
    return { ...cte, plan: this.share(cte.plan) };
  }

  /** `unordered`: nobody looks at the order of the rows. */
  private share(node: PhysicalNode, unordered = false): PhysicalNode {
    return this.whole(node, unordered) ?? this.inputs(node);
  }

  /** The node itself in two stages, or as it is. */
  private whole(node: PhysicalNode, unordered: boolean): PhysicalNode | undefined {
    switch (node.kind) {
      case 'aggregate':
        return this.aggregate(node);
      case 'sort':
        if (node.limit === undefined) return this.sort(node);
        return this.twice(node, (input) => ({ ...node, input }));
      case 'distinct':
        if (node.strategy !== 'hash' || node.on !== undefined) return undefined;
        return this.twice(node, (input) => ({ ...node, input })) ?? this.asItIs(node, unordered);
      case 'filter':
      case 'project':
      case 'hashJoin':
      case 'nestedLoop':
      case 'scan':
        return this.asItIs(node, unordered);
      case 'window':
        return unordered ? this.asItIs(node, unordered) : undefined;
      default:
        return undefined;
    }
  }

  /** The node in every thread, over its share of the rows. */
  private asItIs(node: PhysicalNode, unordered: boolean): PhysicalNode | undefined {
    if (!this.paysOff(node, node.totalCost)) return undefined;
    const chain = this.chain(node, { unordered });
    return chain && this.gather(chain.node, chain, node.id);
  }

  /** Where only inputs of the node can be shared. */
  private inputs(node: PhysicalNode): PhysicalNode {
    switch (node.kind) {
      case 'limit':
        return endsEarly(node.input) ? node : { ...node, input: this.share(node.input) };
      case 'filter':
      case 'project':
      case 'projectSet':
      case 'window':
        return { ...node, input: this.share(node.input) };
      case 'aggregate':
      case 'sort':
      case 'distinct':
        return { ...node, input: this.share(node.input, ignoresOrder(node)) };
      case 'append':
        return { ...node, inputs: node.inputs.map((input) => this.share(input)) };
      case 'hashJoin':
      case 'setOperation':
        return { ...node, left: this.share(node.left), right: this.share(node.right) };
      case 'nestedLoop': {
        const right = node.bindings.length === 0 ? this.share(node.right) : node.right;
        return { ...node, left: this.share(node.left), right };
      }
      default:
        return node;
    }
  }

  /** A node that may run over parts of its input first, and then over the results. */
  private twice(
    node: Extract<PhysicalNode, { readonly kind: 'sort' | 'distinct' }>,
    over: (input: PhysicalNode) => PhysicalNode,
  ): PhysicalNode | undefined {
    if (!this.paysOff(node, node.input.totalCost) || !runsAnywhere(node)) return undefined;
    const chain = this.chain(node.input, { unordered: ignoresOrder(node) });
    if (chain === undefined || (chain.marks && node.types.some(isNumericType))) return undefined;
    return over(this.gather({ ...over(chain.node), id: this.newId() }, chain, node.id));
  }

  /** All rows in order: each thread sorts its own, and they are merged where they meet. */
  private sort(node: PhysicalSort): PhysicalNode | undefined {
    if (!this.mergePaysOff(node) || !runsAnywhere(node)) return undefined;
    const ownCost = node.startupCost - node.input.totalCost;
    const chain = this.chain(node.input, { unordered: true, costAbove: ownCost });
    if (chain === undefined || (chain.marks && node.types.some(isNumericType))) return undefined;
    const { sort, keys } = mergedSort(node, {
      input: chain.node,
      lines: chain.rowLines,
      newId: () => this.newId(),
    });
    return { ...this.gather(sort, chain, node.id), types: node.types, keys };
  }

  /** `shownAs`: the planner's node that it is a part of. */
  private aggregate(node: PhysicalAggregate, shownAs = node.id): PhysicalNode | undefined {
    if (!this.paysOff(node, node.input.totalCost) || !runsAnywhere(node)) return undefined;
    const stages = aggregateStages(node);
    if (stages === undefined)
      return node.strategy === 'plain' ? this.distinct(node) : this.asItIs(node, true);
    const costAbove = Math.max(0, node.totalCost - node.input.totalCost);
    const chain = this.chain(node.input, { unordered: true, costAbove });
    if (chain === undefined) return undefined;
    if (chain.marks && node.groupKeys.some(isNumeric)) return undefined;
    const first = { ...stages.first(chain.node), id: this.newId() };
    const gather = this.gather(first, chain, shownAs);
    return stages.second(gather, this.newId());
  }

  /** Aggregates of different values, without groups. */
  private distinct(node: PhysicalAggregate): PhysicalNode | undefined {
    const argument = distinctArgument(node);
    if (argument === undefined) return undefined;
    const grouped = groupedFirst(node, argument, () => this.newId());
    const groups = grouped && this.aggregate(grouped.groups, node.id);
    if (groups !== undefined) return grouped!.above(groups);
    const stages = this.dividesValues(node) ? stagesOfParts(node) : undefined;
    if (stages === undefined) return undefined;
    const stage = { ...stages.first(node.input), id: this.newId() };
    const chain = this.chain(stage, { unordered: true, stage });
    if (chain === undefined) return undefined;
    return stages.second(this.gather(chain.node, chain, node.id), this.newId());
  }

  private chain(
    node: PhysicalNode,
    {
      unordered,
      costAbove = 0,
      stage,
    }: {
      readonly unordered: boolean;
      readonly costAbove?: number;
      readonly stage?: PhysicalNode;
    },
  ): SharedChain | undefined {
    const { parallel: costMin, compile } = this.plan.costLimits ?? {};
    const places = { newId: () => this.newId(), newSlot: () => this.slots++ };
    return sharedChain(node, places, {
      costMin,
      compileCostMin: compile,
      costAbove,
      unordered,
      stage,
    });
  }

  /** Are the rows that go from thread to thread few, for the work that is shared? */
  private paysOff(node: PhysicalNode, cost: number): boolean {
    if (this.plan.costLimits?.parallel === 0) return true;
    return gatherCost(node.estimatedRows, node.types) <= cost * gatherShareMax;
  }

  /** Telling apart whose part a value is costs as much as counting it; other aggregates of it do more. */
  private dividesValues({ aggregates }: PhysicalAggregate): boolean {
    const isMore = aggregates.some((each) => each.distinct && !isCount(each));
    return isMore || this.plan.costLimits?.parallel === 0;
  }

  private mergePaysOff({ estimatedRows, types, startupCost }: PhysicalSort): boolean {
    if (this.plan.costLimits?.parallel === 0) return true;
    return mergeCost(estimatedRows, types) <= startupCost * gatherShareMax;
  }

  private gather(
    input: PhysicalNode,
    { handed, lines }: SharedChain,
    shownAs: number,
  ): PhysicalGather {
    const { types, estimatedRows, startupCost, totalCost } = input;
    const { plan } = this;
    const fragment = this.fragments.length;
    const resultOrdinals = types.map((_type, i) => i);
    const slotCount = this.slots;
    this.fragments.push({
      ...plan,
      root: input,
      resultOrdinals,
      slotCount,
      subplans: [],
      ctes: [],
    });
    return {
      kind: 'gather',
      id: this.newId(),
      input,
      handed: handed.map((node) => this.share(node)),
      fragment,
      lines,
      shownAs,
      types,
      estimatedRows,
      startupCost,
      totalCost,
    };
  }

  private newId(): number {
    return ++this.lastId;
  }
}

/** Threads that help have no subplans: the node's own expressions need none. */
function runsAnywhere(node: PhysicalNode): boolean {
  return isSelfContained({ ...node, input: undefined });
}

/** A sort makes an order of its own, and groups that a hash finds have none. */
function ignoresOrder(node: PhysicalNode): boolean {
  return node.kind === 'sort' || ('strategy' in node && node.strategy !== 'sorted');
}

/** Equal ones may look different, which ends the work of pipelines in the middle. */
function isNumeric({ type }: Expression): boolean {
  return isNumericType(type);
}
function isNumericType({ oid }: SqlType): boolean {
  return oid === TypeOid.numeric;
}

/** Could a limit above stop the node before it has read everything? */
function endsEarly(node: PhysicalNode): boolean {
  if (node.kind === 'project' || node.kind === 'filter') return endsEarly(node.input);
  return !['sort', 'aggregate', 'window'].includes(node.kind);
}

function partsOf(cte: PhysicalCte): PhysicalNode[] {
  return cte.step === undefined ? [cte.plan] : [cte.plan, cte.step];
}

function largestId(node: PhysicalNode): number {
  return Math.max(node.id, ...nodeInputs(node).map(largestId));
}

function readsCte(node: PhysicalNode): boolean {
  return node.kind === 'cteScan' || nodeInputs(node).some(readsCte);
}
