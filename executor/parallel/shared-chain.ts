// Which parts of a plan several threads can run together: a scan of a whole table and what stands above it in
// one line, up to the point where rows of different threads must meet. Filters, projections and the left
// (probing) sides of joins belong to the line; the right side of a join is run by every thread for itself, so
// it must give every thread the same rows and must not be the larger part of the work.

import type { PhysicalNode, PhysicalScan } from '#planner';
import { nodeInputs } from '#planner';
import { compilesNode } from '../compile/compilable.ts';
import { isVolatileCall } from '../compile/row-constants.ts';
import { parallelCostMin, repeatedWorkShare } from '../limits.ts';
import type { Expression } from '#common';
import { isExact } from './split-aggregate.ts';

/** The node over a shared scan; undefined: threads cannot share it, or little would be gained. */
export function sharedChain(
  node: PhysicalNode,
  costMin = parallelCostMin,
): PhysicalNode | undefined {
  const repeated: PhysicalNode[] = [];
  const shared = chain(node, repeated);
  if (shared === undefined || !isSelfContained(shared)) return undefined;
  const repeatedCost = repeated.reduce((sum, { totalCost }) => sum + totalCost, 0);
  if (costMin === 0) return shared;
  if (repeatedCost > node.totalCost * repeatedWorkShare) return undefined;
  return node.totalCost - repeatedCost >= costMin ? shared : undefined;
}

function chain(node: PhysicalNode, repeated: PhysicalNode[]): PhysicalNode | undefined {
  switch (node.kind) {
    case 'scan':
      return compilesNode(node) ? sharedScan(node) : undefined;
    case 'filter':
    case 'project': {
      const input = chain(node.input, repeated);
      return input && { ...node, input };
    }
    case 'hashJoin':
    case 'nestedLoop': {
      if (node.type === 'right' || node.type === 'full') return undefined;
      const left = chain(node.left, repeated);
      if (left === undefined || !isRepeatable(node.right)) return undefined;
      repeated.push(node.right);
      return { ...node, left };
    }
    default:
      return undefined;
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
      if (!node.aggregates.every(isExact)) return false;
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
