// Which parts of a plan several threads can run together: a scan of a whole table and what stands above it in
// one line, up to the point where rows of different threads must meet. Filters, projections and the left
// (probing) sides of joins belong to the line. The right side of a join is run by every thread for itself when that is
// cheap and gives every thread the same rows; else it is computed once, and its rows are handed to all threads.

import { type Expression, TypeOid } from '#common';
import {
  type PhysicalHashJoin,
  type PhysicalNode,
  isExactAggregate,
  marksLeft,
  nodeInputs,
} from '#planner';
import { wholeNumberTypes } from '../compile/compiled-value.ts';
import { compilesNode } from '../compile/compilable.ts';
import { reducedAggregate } from '../compile/aggregate-reduction.ts';
import { isVolatileCall } from '../compile/row-constants.ts';
import {
  compileCostMin,
  dividedShareMin,
  handedCostMin,
  parallelCostMin,
  repeatedCostMax,
  sharedRowCost,
  sharedWorkShareMin,
} from '../limits.ts';
import { dividedNode, rowsBelow } from './divided-node.ts';
import { gatherCost } from './gather-cost.ts';

export interface SharedChain {
  readonly node: PhysicalNode;
  /** Right sides of joins that are computed once for all threads; `received` nodes stand for them. */
  readonly handed: readonly PhysicalNode[];
  /** Sources of rows that threads share. */
  readonly lines: number;
  /** Those that the node's rows come down, one after another. */
  readonly rowLines: readonly number[];
  /** Rows of a table are handed out by their mark: who cannot go on with them cannot start over. */
  readonly marks: boolean;
}

export interface ChainPlaces {
  readonly newId: () => number;
  readonly newSlot: () => number;
}

export interface ChainCosts {
  /** Rows may come in another order than one thread's. */
  readonly unordered: boolean;
  readonly costMin: number | undefined;
  /** From which a join is sure to be compiled. */
  readonly compileCostMin: number | undefined;
  /** Of what threads do with the line's rows before they hand them on. */
  readonly costAbove: number;
  /** Makes parts of its result, which are put together above. */
  readonly stage?: PhysicalNode | undefined;
}

/** The node over a shared scan; undefined: threads cannot share it, or little would be gained. `costMin` 0: always. */
export function sharedChain(
  node: PhysicalNode,
  places: ChainPlaces,
  costs: ChainCosts,
): SharedChain | undefined {
  const { costMin = parallelCostMin, costAbove } = costs;
  const chain = new Chain(places, costs);
  const shared = chain.shared(node);
  if (shared === undefined || !isSelfContained(shared)) return undefined;
  const { handed, repeatedCost, lines, marks } = chain;
  const handedCost = handed.reduce((sum, { totalCost }) => sum + totalCost, 0);
  const totalCost = node.totalCost + costAbove;
  const sharedCost = totalCost - repeatedCost - handedCost;
  const isWorthIt = sharedCost >= costMin && sharedCost >= totalCost * sharedWorkShareMin;
  return isWorthIt || costMin === 0
    ? { node: shared, handed, lines, rowLines: rowLines(shared), marks }
    : undefined;
}

interface Sides {
  readonly left: PhysicalNode;
  readonly right: PhysicalNode;
}

class Chain {
  handed: PhysicalNode[] = [];
  repeatedCost = 0;
  lines = 0;
  marks = false;
  private readonly places: ChainPlaces;
  private readonly costs: ChainCosts;

  constructor(places: ChainPlaces, costs: ChainCosts) {
    this.places = places;
    this.costs = costs;
  }

  /** Whatever it costs. */
  private get always(): boolean {
    return this.costs.costMin === 0;
  }

  shared(node: PhysicalNode): PhysicalNode | undefined {
    switch (node.kind) {
      case 'scan':
        return compilesNode(node) ? { ...node, line: this.lines++ } : undefined;
      case 'filter':
      case 'project': {
        const input = this.shared(node.input);
        return input && { ...node, input };
      }
      case 'append': {
        const inputs = node.inputs.map((input) => this.shared(input));
        return inputs.every((input) => input !== undefined) ? { ...node, inputs } : undefined;
      }
      case 'hashJoin':
        return this.join(node);
      case 'nestedLoop': {
        const left = this.shared(node.left);
        if (left === undefined || !isRepeatable(node.right)) return undefined;
        this.repeatedCost += node.right.totalCost;
        return { ...node, left };
      }
      case 'aggregate':
        if (node.strategy === 'plain' && node !== this.costs.stage) return undefined;
        return this.parts(node);
      case 'distinct':
      case 'window':
        return this.parts(node);
      default:
        return undefined;
    }
  }

  /** What is done within keys, by every thread for a part of them. */
  private parts(node: PhysicalNode): PhysicalNode | undefined {
    if (node.kind === 'window' && !this.costs.unordered) return undefined;
    const below = rowsBelow(node);
    if (below === undefined || !isRepeatable(below)) return undefined;
    if (node.kind === 'distinct') {
      // Finding a value of one column costs no more than telling apart whose part it is.
      if (node.types.length === 1 && !this.always) return undefined;
      if (!this.costs.unordered && comesInOrder(below)) return undefined;
    }
    const dividedCost = node.totalCost - below.totalCost;
    if (!this.always && dividedCost < node.totalCost * dividedShareMin) return undefined;
    const { newId, newSlot } = this.places;
    const slots = { count: newSlot(), part: newSlot(), negated: newSlot() };
    const input = dividedNode(node, slots, newId);
    if (input === undefined) return undefined;
    this.repeatedCost += below.totalCost;
    const { types, estimatedRows, startupCost, totalCost } = node;
    const costs = { types, estimatedRows, startupCost, totalCost };
    const line = this.lines++;
    return { kind: 'partitioned', id: newId(), input, whole: node, line, slots, ...costs };
  }

  private join(node: PhysicalHashJoin): PhysicalNode | undefined {
    if (reducedAggregate(node) !== undefined) return undefined;
    const asksForMarks = marksLeft(node) || node.type === 'right' || node.type === 'full';
    if (asksForMarks) return this.markingJoin(node);
    const { right: side } = node;
    const isRepeated = isRepeatable(side) && this.isCheap(side);
    // What every thread would do for itself can still be much of the whole.
    if (!isRepeated || side.totalCost >= repeatedCostMax) {
      const sides = this.bothSides(node, isRepeated ? side.totalCost / 2 : Infinity);
      if (sides !== undefined) return { ...node, ...sides.sides, sharing: { built: sides.built } };
    }
    const left = this.shared(node.left);
    const right = left && this.rightSide(node.right);
    return left && right && { ...node, left, right };
  }

  /** The table is in memory that threads share, and so are the marks of its rows. */
  private markingJoin(node: PhysicalHashJoin): PhysicalNode | undefined {
    const isLeft = marksLeft(node);
    const found = this.bothSides(node);
    if (found === undefined) return undefined;
    this.marks = true;
    const { sides, built, probing } = isLeft
      ? { ...found, built: found.probing, probing: found.built }
      : found;
    return { ...node, ...sides, sharing: { built, marked: probing, rows: this.lines++ } };
  }

  /** Both sides as lines, and the last line of each; undefined: one of them is none, or more than that is repeated. */
  private bothSides(
    node: PhysicalHashJoin,
    repeatedMax = Infinity,
  ): { readonly sides: Sides; readonly built: number; readonly probing: number } | undefined {
    if (
      node.totalCost < (this.costs.compileCostMin ?? compileCostMin) ||
      !node.rightKeys.every(isSharedKey)
    )
      return undefined;
    if (!node.leftKeys.every(isSharedKey)) return undefined;
    const { handed, repeatedCost, lines, marks } = this;
    this.handed = [...handed];
    const right = this.shared(node.right);
    const left = right && this.shared(node.left);
    const built = right && lastLine(right);
    const probing = left && lastLine(left);
    const addedCost = (marksLeft(node) ? node.left : node.right).estimatedRows * sharedRowCost;
    this.repeatedCost += addedCost;
    const isLess = this.repeatedCost - repeatedCost <= repeatedMax;
    if (built !== undefined && probing !== undefined && isLess) {
      return { sides: { left: left!, right: right! }, built, probing };
    }
    this.handed = handed;
    this.repeatedCost = repeatedCost;
    this.lines = lines;
    this.marks = marks;
    return undefined;
  }

  /** Run by every thread, or once and handed to all: whichever costs less. */
  private rightSide(node: PhysicalNode): PhysicalNode | undefined {
    if (isRepeatable(node) && this.isCheap(node)) {
      this.repeatedCost += node.totalCost;
      return node;
    }
    const handingCost = gatherCost(node.estimatedRows, node.types);
    if (handingCost > node.totalCost && !this.always) return undefined;
    const { types, estimatedRows, startupCost } = node;
    const ordinal = this.handed.push(node) - 1;
    const id = this.places.newId();
    const totalCost = handingCost;
    return { kind: 'received', id, ordinal, types, estimatedRows, startupCost, totalCost };
  }

  private isCheap(node: PhysicalNode): boolean {
    return node.totalCost <= gatherCost(node.estimatedRows, node.types) + handedCostMin;
  }
}

/** The line whose end is the end of the node's rows; undefined: a thread may take part in one and not in the next. */
function lastLine(node: PhysicalNode): number | undefined {
  const lines = rowLines(node);
  return lines.length === 1 ? lines[0] : undefined;
}

/** Lines that the node's rows come down, one after another. */
function rowLines(node: PhysicalNode): readonly number[] {
  switch (node.kind) {
    case 'scan':
    case 'partitioned':
      return node.line === undefined ? [] : [node.line];
    case 'append':
      return node.inputs.flatMap(rowLines);
    case 'hashJoin':
      return node.sharing?.rows === undefined ? rowLines(node.left) : [node.sharing.rows];
    case 'nestedLoop':
      return rowLines(node.left);
    default:
      return 'input' in node ? rowLines(node.input) : [];
  }
}

/** Do numbers that stand for its values mean the same in every thread? */
function isSharedKey({ type: { oid } }: Expression): boolean {
  return wholeNumberTypes.has(oid) || oid === TypeOid.bool;
}

/** May a reader count on an order of the rows? */
function comesInOrder(node: PhysicalNode): boolean {
  if (node.kind === 'scan') return node.access.kind !== 'full';
  const [main] = nodeInputs(node);
  return main !== undefined && node.kind !== 'append' && comesInOrder(main);
}

/** Does every thread that runs it get the same rows? */
function isRepeatable(node: PhysicalNode): boolean {
  switch (node.kind) {
    case 'scan':
    case 'values':
    case 'result':
    case 'filter':
    case 'project':
    case 'append':
    case 'hashJoin':
    case 'nestedLoop':
      break;
    case 'aggregate':
      if (!node.aggregates.every(isExactAggregate)) return false;
      break;
    default:
      return false;
  }
  return nodeInputs(node).every(isRepeatable);
}

/** Nothing that is computed once per statement, and nothing that is another value each time. */
export function isSelfContained(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSelfContained);
  if (Object.getPrototypeOf(value) !== Object.prototype) return true;
  const { kind } = value as { readonly kind?: unknown };
  if (kind === 'subplan') return false;
  if (kind === 'call' && isVolatileCall(value as Expression)) return false;
  return Object.entries(value).every(([name, part]) => name === 'table' || isSelfContained(part));
}
