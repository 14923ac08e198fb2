// Columns of a plan's nodes, as pipelines ask for them.

import type { Expression, SqlType } from '#common';
import type { PhysicalAggregate, PhysicalDistinct, PhysicalNode } from '#planner';

/** Where a store has each column; undefined: nobody reads it. */
export function placesOf(payload: readonly number[], width: number): (number | undefined)[] {
  return Array.from({ length: width }, (_value, ordinal) => {
    const place = payload.indexOf(ordinal);
    return place === -1 ? undefined : place;
  });
}

export function allOf(node: PhysicalNode): Set<number> {
  return new Set(node.types.map((_type, ordinal) => ordinal));
}

export function inputOf(ordinal: number, types: readonly SqlType[]): Expression {
  return { kind: 'input', ordinal, type: types[ordinal] };
}

/** DISTINCT: every row is the key of a group. */
export function groupsOf(node: PhysicalDistinct): PhysicalAggregate {
  const { id, types, estimatedRows, startupCost, totalCost, input } = node;
  const fields = { id, types, estimatedRows, startupCost, totalCost, input };
  const groupKeys = types.map((_type, ordinal) => inputOf(ordinal, types));
  return {
    kind: 'aggregate',
    ...fields,
    strategy: 'hash',
    groupKeys,
    aggregates: [],
    groupingSets: undefined,
  };
}
