// Group keys that others determine: with a table's whole primary key among the keys, or columns that an
// inner join holds equal to it, its other columns are the same in all rows of a group, so they need not be
// compared (TPC-H Q3, Q10 and Q18).

import type { Expression, InputExpression } from '#common';
import type {
  PhysicalAggregate,
  PhysicalHashJoin,
  PhysicalNestedLoop,
  PhysicalNode,
  PhysicalScan,
} from '#planner';

interface Origin {
  readonly scan: PhysicalScan;
  readonly attributeNumber: number;
}

/** Positions of the keys that other keys determine. */
export function dependentKeys(node: PhysicalAggregate): ReadonlySet<number> {
  const dependent = new Set<number>();
  if (node.groupingSets !== undefined) return dependent;
  const origins = node.groupKeys.map((key) => originsOf(node.input, key));
  const known = origins.flat();
  origins.forEach((own, position) => {
    const isDetermined = own.some(({ scan, attributeNumber }) => {
      const { keyColumns } = scan.table;
      if (keyColumns.length === 0 || keyColumns.includes(attributeNumber)) return false;
      return keyColumns.every((column) =>
        known.some((other) => other.scan === scan && other.attributeNumber === column),
      );
    });
    if (isDetermined) dependent.add(position);
  });
  return dependent;
}

/** The stored columns that an expression shows, in scans that have each key once. */
function originsOf(node: PhysicalNode, expression: Expression | undefined): readonly Origin[] {
  if (expression?.kind !== 'input') return [];
  const { ordinal } = expression;
  switch (node.kind) {
    case 'scan': {
      const source = node.sources[ordinal];
      const { system } = node.temporal;
      const isUnique = system.kind === 'current' || system.kind === 'asOf';
      if (source?.kind !== 'attribute' || !isUnique) return [];
      return [{ scan: node, attributeNumber: source.attributeNumber }];
    }
    case 'filter':
    case 'sort':
    case 'limit':
      return originsOf(node.input, expression);
    case 'project':
      return originsOf(node.input, node.expressions[ordinal]);
    case 'hashJoin':
      return [...originsInJoin(node, expression), ...originsOfEqual(node, expression)];
    case 'nestedLoop':
      return originsInJoin(node, expression);
    default:
      return [];
  }
}

function originsInJoin(
  { left, right }: PhysicalHashJoin | PhysicalNestedLoop,
  expression: InputExpression,
): readonly Origin[] {
  const width = left.types.length;
  return expression.ordinal < width
    ? originsOf(left, expression)
    : originsOf(right, { ...expression, ordinal: expression.ordinal - width });
}

/** Of columns of the other side that each row of the join has equal. */
function originsOfEqual(node: PhysicalHashJoin, { ordinal }: InputExpression): readonly Origin[] {
  if (node.type !== 'inner') return [];
  const width = node.left.types.length;
  const isLeft = ordinal < width;
  const [own, other] = isLeft ? [node.leftKeys, node.rightKeys] : [node.rightKeys, node.leftKeys];
  const place = isLeft ? ordinal : ordinal - width;
  return own.flatMap((key, i) =>
    key.kind === 'input' && key.ordinal === place
      ? originsOf(isLeft ? node.right : node.left, other[i])
      : [],
  );
}
