// Nodes whose work is done within keys: groups that have no stages, DISTINCT, and windows over partitions. Over rows of
// which one column says the part, they put out what they would for these rows of all; so do aggregates of different
// values, in the first of two stages.

import type { Expression } from '#common';
import type { PhysicalNode } from '#planner';
import { aggregateStages } from './aggregate-stages.ts';
import { distinctArgument } from './distinct-stages.ts';
import { type PartSlots, inPart, isPartKey } from './row-parts.ts';

/** The rows that such a node works on; undefined: it cannot be divided. */
export function rowsBelow(node: PhysicalNode): PhysicalNode | undefined {
  return partKey(node) === undefined ? undefined : bottomOf(node);
}

/** The node over the rows of one part. */
export function dividedNode(
  node: PhysicalNode,
  slots: PartSlots,
  newId: () => number,
): PhysicalNode | undefined {
  const key = partKey(node);
  return key && withFilter(node, inPart(key, slots), newId);
}

/** A column that all rows have in common which meet in the node. */
function partKey(node: PhysicalNode): Expression | undefined {
  switch (node.kind) {
    case 'aggregate':
      if (node.strategy === 'plain') return columnOf(distinctArgument(node));
      // Others group in stages, which reads the rows once.
      if (node.strategy !== 'hash' || aggregateStages(node) !== undefined) return undefined;
      return node.groupingSets === undefined ? node.groupKeys.find(isColumn) : undefined;
    case 'distinct': {
      if (node.strategy !== 'hash' || node.on !== undefined) return undefined;
      const columns = node.types.map(
        (type, ordinal) => ({ kind: 'input', ordinal, type }) as const,
      );
      return columns.find(isColumn);
    }
    case 'window':
      return windowKeys(node)?.find(isColumn);
    default:
      return undefined;
  }
}

function columnOf(key: Expression | undefined): Expression | undefined {
  return key !== undefined && isColumn(key) ? key : undefined;
}

function isColumn(key: Expression): boolean {
  return key.kind === 'input' && isPartKey(key.type);
}

/** What all windows over one another partition by. */
function windowKeys(node: PhysicalNode): readonly Expression[] | undefined {
  switch (node.kind) {
    case 'sort':
      return node.limit === undefined ? windowKeys(node.input) : [];
    case 'window': {
      const below = isLayer(node.input) ? windowKeys(node.input) : undefined;
      const ordinals = below?.map((key) => (key.kind === 'input' ? key.ordinal : -1));
      return node.partitionBy.filter(
        (key) => ordinals === undefined || (key.kind === 'input' && ordinals.includes(key.ordinal)),
      );
    }
    default:
      return undefined;
  }
}

function isLayer(
  node: PhysicalNode,
): node is Extract<PhysicalNode, { readonly kind: 'sort' | 'window' }> {
  return node.kind === 'sort' || node.kind === 'window';
}

function bottomOf(node: PhysicalNode): PhysicalNode {
  if (node.kind === 'window' || node.kind === 'sort')
    return isLayer(node.input) ? bottomOf(node.input) : node.input;
  return 'input' in node ? node.input : node;
}

function withFilter(node: PhysicalNode, condition: Expression, newId: () => number): PhysicalNode {
  if (!('input' in node)) return node;
  const isAbove = isLayer(node) && isLayer(node.input);
  const input = isAbove
    ? withFilter(node.input, condition, newId)
    : filtered(node.input, condition, newId);
  return { ...node, input };
}

function filtered(node: PhysicalNode, condition: Expression, newId: () => number): PhysicalNode {
  const { types, estimatedRows, startupCost, totalCost } = node;
  const costs = { types, estimatedRows, startupCost, totalCost };
  return { kind: 'filter', id: newId(), input: node, condition, ...costs };
}
