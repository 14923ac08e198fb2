// A part of a plan that threads share, as one of them runs it without the tables of the others.

import type { PhysicalHashJoin, PhysicalNode } from '#planner';

/** The rows of the thread's own line, joined with tables that it builds for itself. */
export function withOwnTables(node: PhysicalNode): PhysicalNode {
  switch (node.kind) {
    case 'hashJoin':
      return node.sharing === undefined
        ? withLeft(node, withOwnTables(node.left))
        : { ...unsharing(node), left: withOwnTables(node.left), right: unshared(node.right) };
    case 'nestedLoop': {
      const left = withOwnTables(node.left);
      return left === node.left ? node : { ...node, left };
    }
    case 'append': {
      const inputs = node.inputs.map(withOwnTables);
      return inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs };
    }
    default:
      return withInput(node, withOwnTables);
  }
}

/** All rows, by one thread. */
export function unshared(node: PhysicalNode): PhysicalNode {
  switch (node.kind) {
    case 'partitioned':
      return node.whole;
    case 'scan': {
      const { line: _line, ...scan } = node;
      return scan;
    }
    case 'hashJoin':
      return { ...unsharing(node), left: unshared(node.left), right: unshared(node.right) };
    case 'nestedLoop':
      return { ...node, left: unshared(node.left) };
    case 'append':
      return { ...node, inputs: node.inputs.map(unshared) };
    default:
      return withInput(node, unshared);
  }
}

function withInput(node: PhysicalNode, change: (node: PhysicalNode) => PhysicalNode): PhysicalNode {
  if (!('input' in node) || node.kind === 'gather' || node.kind === 'partitioned') return node;
  const input = change(node.input);
  return input === node.input ? node : { ...node, input };
}

function withLeft(node: PhysicalHashJoin, left: PhysicalNode): PhysicalHashJoin {
  return left === node.left ? node : { ...node, left };
}

function unsharing(node: PhysicalHashJoin): PhysicalHashJoin {
  const { sharing: _sharing, ...join } = node;
  return join;
}
