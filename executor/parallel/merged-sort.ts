// A sort as several threads make it: each sorts the rows of its morsels, and a gather node merges them. Rows that are
// equal by the keys come in the order of their morsels, as they do when one thread reads all of them.

import { type OrderKey, type SqlType, TypeOid, sqlType } from '#common';
import type { PhysicalNode, PhysicalSort } from '#planner';

export interface MergedSort {
  /** What each thread runs: the sort's columns, keys that are none of them, and the row's morsel. */
  readonly sort: PhysicalSort;
  /** All are columns of it. */
  readonly keys: readonly OrderKey[];
}

const int4 = sqlType(TypeOid.int4);

/** `input`: the sort's input over shared rows that come from these lines, one after another. */
export function mergedSort(
  node: PhysicalSort,
  {
    input,
    lines,
    newId,
  }: {
    readonly input: PhysicalNode;
    readonly lines: readonly number[];
    readonly newId: () => number;
  },
): MergedSort {
  const { types } = input;
  const computed = node.keys.filter(({ expression }) => expression.kind !== 'input');
  const below = computed.length === 0 ? input : withKeys(input, computed, newId);
  const keys = node.keys.map((key): OrderKey => {
    const place = computed.indexOf(key);
    return place === -1 ? key : keyAt(types.length + place, key.expression.type, key);
  });
  const width = below.types.length;
  const ofMorsel = keyAt(width, int4, { descending: false, nullsFirst: false });
  return {
    sort: { ...node, input: below, keys, types: [...below.types, int4], morselLines: lines },
    keys: [...keys, ofMorsel],
  };
}

function withKeys(
  input: PhysicalNode,
  computed: readonly OrderKey[],
  newId: () => number,
): PhysicalNode {
  const { types, estimatedRows, startupCost, totalCost } = input;
  const expressions = [
    ...types.map((type, ordinal) => ({ kind: 'input' as const, type, ordinal })),
    ...computed.map(({ expression }) => expression),
  ];
  return {
    kind: 'project',
    id: newId(),
    input,
    expressions,
    types: expressions.map(({ type }) => type),
    estimatedRows,
    startupCost,
    totalCost,
  };
}

function keyAt(
  ordinal: number,
  type: SqlType,
  { descending, nullsFirst }: { readonly descending: boolean; readonly nullsFirst: boolean },
): OrderKey {
  return { expression: { kind: 'input', type, ordinal }, descending, nullsFirst };
}
