// Which parts of a plan several threads can run together: a scan of a whole table and what stands above it in
// one line, up to the point where rows of different threads must meet. Filters, projections and the left
// (probing) sides of joins belong to the line. The right side of a join is run by every thread for itself when that is
// cheap and gives every thread the same rows; else it is computed once, and its rows are handed to all threads.

import type { Expression } from '#common';
import { isExactAggregate, type PhysicalNode, type PhysicalScan, nodeInputs } from '#planner';
import { compilesNode } from '../compile/compilable.ts';
import { isVolatileCall } from '../compile/row-constants.ts';
import { handedCostMin, parallelCostMin, sharedWorkShareMin } from '../limits.ts';
import { gatherCost } from './gather-cost.ts';

export interface SharedChain {
  readonly node: PhysicalNode;
  /** Right sides of joins that are computed once for all threads; `received` nodes stand for them. */
  readonly handed: readonly PhysicalNode[];
}

export interface ChainCosts {
  readonly costMin: number | undefined;
  /** Of what threads do with the line's rows before they hand them on. */
  readonly costAbove: number;
}

/** The node over a shared scan; undefined: threads cannot share it, or little would be gained. `costMin` 0: always. */
export function sharedChain(
  node: PhysicalNode,
  newId: () => number,
  { costMin = parallelCostMin, costAbove }: ChainCosts,
): SharedChain | undefined {
  const chain = new Chain(newId, costMin === 0);
  const shared = chain.shared(node);
  if (shared === undefined || !isSelfContained(shared)) return undefined;
  const { handed, repeatedCost } = chain;
  const handedCost = handed.reduce((sum, { totalCost }) => sum + totalCost, 0);
  const totalCost = node.totalCost + costAbove;
  const sharedCost = totalCost - repeatedCost - handedCost;
  const isWorthIt = sharedCost >= costMin && sharedCost >= totalCost * sharedWorkShareMin;
  return isWorthIt || costMin === 0 ? { node: shared, handed } : undefined;
}

class Chain {
  readonly handed: PhysicalNode[] = [];
  repeatedCost = 0;
  private readonly newId: () => number;
  /** Whatever it costs. */
  private readonly always: boolean;

  constructor(newId: () => number, always: boolean) {
    this.newId = newId;
    this.always = always;
  }

  shared(node: PhysicalNode): PhysicalNode | undefined {
    switch (node.kind) {
      case 'scan':
        return compilesNode(node) ? sharedScan(node) : undefined;
      case 'filter':
      case 'project': {
        const input = this.shared(node.input);
        return input && { ...node, input };
      }
      case 'hashJoin': {
        if (node.type === 'right' || node.type === 'full') return undefined;
        const left = this.shared(node.left);
        const right = left && this.rightSide(node.right);
        return left && right && { ...node, left, right };
      }
      case 'nestedLoop': {
        const left = this.shared(node.left);
        if (left === undefined || !isRepeatable(node.right)) return undefined;
        this.repeatedCost += node.right.totalCost;
        return { ...node, left };
      }
      default:
        return undefined;
    }
  }

  /** Run by every thread, or once and handed to all: whichever costs less. */
  private rightSide(node: PhysicalNode): PhysicalNode | undefined {
    const handingCost = gatherCost(node.estimatedRows, node.types);
    if (isRepeatable(node) && node.totalCost <= handingCost + handedCostMin) {
      this.repeatedCost += node.totalCost;
      return node;
    }
    if (handingCost > node.totalCost && !this.always) return undefined;
    const { types, estimatedRows, startupCost } = node;
    const ordinal = this.handed.push(node) - 1;
    const id = this.newId();
    const totalCost = handingCost;
    return { kind: 'received', id, ordinal, types, estimatedRows, startupCost, totalCost };
  }
}

function sharedScan(node: PhysicalScan): PhysicalScan {
  return { ...node, shared: true };
}

/** Does every thread that runs it get the same rows? */
function isRepeatable(node: PhysicalNode): boolean {
  switch (node.kind) {
    case 'scan':
    case 'values':
    case 'result':
    case 'filter':
    case 'project':
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
function isSelfContained(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSelfContained);
  if (Object.getPrototypeOf(value) !== Object.prototype) return true;
  const { kind } = value as { readonly kind?: unknown };
  if (kind === 'subplan') return false;
  if (kind === 'call' && isVolatileCall(value as Expression)) return false;
  return Object.entries(value).every(([name, part]) => name === 'table' || isSelfContained(part));
}
