// Holds compiled pipelines against the interpreter: the same plan both ways, over blocks of any shape, in
// memory and past its budget.

import assert from 'node:assert/strict';

import type { Datum } from '#common';
import type { PhysicalNode } from '#planner';
import { poolEverything } from '../compile/array-pool.ts';
import { CompiledOperator } from '../compile/compiled-operator.ts';
import { buildOperator } from '../operators/build-operator.ts';
import { multiset, runNode, testContext } from './plans.ts';
import { RandomBlocks } from './random-blocks.ts';

// Who reads an array after its owner has given it back shows.
poolEverything();

function outcome(run: () => Datum[][], { ordered, first }: Required<AgreementOptions>): unknown {
  try {
    const rows = run().slice(0, first).map(comparable);
    return ordered ? rows.map((row) => multiset([row])[0]) : multiset(rows);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Floats to 12 digits; NaN, infinities and -0 by name. */
function comparable(row: readonly Datum[]): Datum[] {
  return row.map((value) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value))
      return Object.is(value, -0) ? '-0' : value;
    return Number.isFinite(value) ? value.toPrecision(12) : String(value);
  });
}

export interface AgreementOptions {
  /** The order of the rows counts. */
  readonly ordered?: boolean;
  /** Only so many rows count: sorts may put out more than are wanted. */
  readonly first?: number;
}

/** Runs the plan both ways; its VALUES come in blocks that the seed chooses. */
export function agree(
  node: PhysicalNode,
  seed: number,
  { ordered = false, first = Infinity }: AgreementOptions = {},
): void {
  const context = testContext();
  const interpreted = outcome(() => runNode(node, buildOperator, context), { ordered, first });
  // The last two rounds go to disk: with the first rows, and when there are some.
  for (const bytesMax of [undefined, undefined, 1, 20_000]) {
    const compiled = outcome(
      () =>
        runNode(
          node,
          (root, runtime) =>
            new CompiledOperator(root, runtime, {
              fallback: () => buildOperator(root, runtime),
              interpret: (inner) => buildOperator(inner, runtime),
              sourceOf: (inner) =>
                inner.kind === 'values' ? new RandomBlocks(inner, seed + inner.id) : undefined,
              ...(bytesMax === undefined ? {} : { bytesMax }),
            }),
          testContext({ sliceEvery: 5 }),
        ),
      { ordered, first },
    );
    // The interpreter does not compute what a null before it makes irrelevant, conditions may run in
    // another order: so an error may show up on one side only, as PostgreSQL's documentation allows.
    if (typeof compiled === 'string' || typeof interpreted === 'string') return;
    assert.deepEqual(compiled, interpreted);
  }
}
