// What a plan does, without its expressions: two plans for the same statement that look the same here differ in
// nothing that is worth a change in the middle of an execution.

import type { PhysicalNode } from '../physical-plan.ts';
import { nodeInputs } from '../physical/plan-facts.ts';
import { computedCteId } from './computed-cte.ts';

/** `computed`: ids of nodes whose rows are there already, as which a new plan reads WITH queries. */
export function shapeOf(node: PhysicalNode, computed: ReadonlySet<number>): string {
  if (computed.has(node.id)) return `cteScan ${computedCteId(node.id)}`;
  if (node.kind === 'project') return shapeOf(node.input, computed);
  const inputs = nodeInputs(node).map((input) => shapeOf(input, computed));
  return `${describe(node)}(${inputs.join(',')})`;
}

function describe(node: PhysicalNode): string {
  switch (node.kind) {
    case 'scan': {
      const index = node.access.kind === 'index' ? node.access.indexOid : '';
      return `scan ${node.table.oid} ${node.alias} ${node.access.kind} ${index}`;
    }
    case 'cteScan':
      return `cteScan ${node.cteId}`;
    case 'hashJoin':
      return `hashJoin ${node.type}`;
    case 'nestedLoop':
      return `nestedLoop ${node.type} ${node.bindings.length > 0}`;
    case 'aggregate':
    case 'distinct':
      return `${node.kind} ${node.strategy}`;
    default:
      return node.kind;
  }
}
