// The rows of a compiled join's table, for a plan that goes on with them: columns that the join keeps, and those that are
// its keys, from the numbers that stand for them.

import { type Batch, isDeterministic, type SqlType, TypeOid, type Vector } from '#common';
import type { PhysicalNode } from '#planner';
import type { Breaker } from '../adaptive/contract.ts';
import type { BuildSink } from './build-sink.ts';
import { isPlainKey } from './key-code.ts';
import { keyVector } from './key-vector.ts';
import { VectorBatch, slicedVector } from './vector-batch.ts';

/** Rows moved in one go. */
const movedRows = 8192;

export interface BuiltInput {
  /** Whose rows the table has. */
  readonly node: PhysicalNode;
  readonly build: BuildSink;
  /** The node's columns that are stored, in their order. */
  readonly payload: readonly number[];
}

/** `isReduced`: rows were left out. */
export function breakerOf(input: BuiltInput, isReduced: boolean): Breaker {
  const { node, build, payload } = input;
  const keys = keyOrdinals(build);
  const { table } = build;
  return {
    nodeId: node.id,
    rows: table.store.length,
    isReduced,
    ordinals: table.spilled ? undefined : [...new Set([...payload, ...keys.keys()])],
    batches: () => rowsOf(input, keys),
  };
}

/** Which component of the keys a column of the node is. */
function keyOrdinals({ options }: BuildSink): ReadonlyMap<number, number> {
  const ordinals = new Map<number, number>();
  for (const [component, key] of options.keys.entries())
    if (key.kind === 'input' && isShown(key.type)) ordinals.set(key.ordinal, component);
  return ordinals;
}

/** Do equal values look the same, so that the one in the table is the row's own? */
function isShown(type: SqlType): boolean {
  const { collation } = type;
  return (
    isPlainKey(type) &&
    type.oid !== TypeOid.numeric &&
    (collation === undefined || isDeterministic(collation))
  );
}

function* rowsOf(
  { node, build, payload }: BuiltInput,
  keys: ReadonlyMap<number, number>,
): Generator<Batch> {
  const { store, pools } = build.table;
  const types = node.types.map(({ oid }) => oid);
  const stored = payload.map((_ordinal, place) => store.vector(place));
  for (let start = 0; start < store.length; start += movedRows) {
    const end = Math.min(store.length, start + movedRows);
    const vectors = node.types.map((_type, ordinal): Vector | undefined => {
      const place = payload.indexOf(ordinal);
      if (place !== -1) return slicedVector(stored[place], { start, end });
      const component = keys.get(ordinal);
      if (component === undefined) return undefined;
      const part = store.keys[component].subarray(start, end);
      return keyVector(part, pools[component], end - start);
    });
    yield new VectorBatch(end - start, vectors, types);
  }
}
