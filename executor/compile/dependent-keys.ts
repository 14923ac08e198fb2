// Group keys that others determine: with a table's whole primary key among the keys, its other columns
// are the same in all rows of a group, so they need not be compared (TPC-H Q10 and Q18).

import type { Expression } from '#common';
import type { PhysicalAggregate, PhysicalNode, PhysicalScan } from '#planner';

interface Origin {
  readonly scan: PhysicalScan;
  readonly attributeNumber: number;
}

/** Positions of the keys that other keys determine. */
export function dependentKeys(node: PhysicalAggregate): ReadonlySet<number> {
  const dependent = new Set<number>();
  if (node.groupingSets !== undefined) return dependent;
  const origins = node.groupKeys.map((key) => originOf(node.input, key));
  origins.forEach((origin, position) => {
    if (origin === undefined) return;
    const { keyColumns } = origin.scan.table;
    if (keyColumns.length === 0 || keyColumns.includes(origin.attributeNumber)) return;
    const grouped = keyColumns.every((attributeNumber) =>
      origins.some(
        (other) => other?.scan === origin.scan && other.attributeNumber === attributeNumber,
      ),
    );
    if (grouped) dependent.add(position);
  });
  return dependent;
}

/** The stored column that an expression shows, in a scan that has each key once. */
function originOf(node: PhysicalNode, expression: Expression | undefined): Origin | undefined {
  if (expression?.kind !== 'input') return undefined;
  const { ordinal } = expression;
  switch (node.kind) {
    case 'scan': {
      const source = node.sources[ordinal];
      const { system } = node.temporal;
      const isUnique = system.kind === 'current' || system.kind === 'asOf';
      if (source?.kind !== 'attribute' || !isUnique) return undefined;
      return { scan: node, attributeNumber: source.attributeNumber };
    }
    case 'filter':
    case 'sort':
    case 'limit':
      return originOf(node.input, expression);
    case 'project':
      return originOf(node.input, node.expressions[ordinal]);
    case 'hashJoin':
    case 'nestedLoop': {
      const width = node.left.types.length;
      return ordinal < width
        ? originOf(node.left, expression)
        : originOf(node.right, { ...expression, ordinal: ordinal - width });
    }
    default:
      return undefined;
  }
}
