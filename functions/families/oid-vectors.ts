// oidvector: comparison by length, then element by element; the hash; and the types' names.

import type { ArrayValue, Datum } from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { formatType } from '../format-type.ts';
import { hashOids } from '../type-hashes.ts';

function compare(left: ArrayValue, right: ArrayValue): number {
  const byLength = left.elements.length - right.elements.length;
  if (byLength !== 0) return byLength;
  const differing = left.elements.findIndex((oid, at) => oid !== right.elements[at]);
  return differing < 0 ? 0 : Number(left.elements[differing]) - Number(right.elements[differing]);
}

const test =
  (holds: (order: number) => boolean): ScalarImplementation =>
  (_context, left: ArrayValue, right: ArrayValue) =>
    holds(compare(left, right));

function typeNames(context: FunctionContext, { elements }: ArrayValue): string {
  return elements
    .map((oid) => formatType(Number(oid), -1) ?? context.catalog.typeName(Number(oid), -1) ?? '???')
    .join(', ');
}

export const oidVectorFamily: Family = {
  scalars: {
    oidvectoreq: test((order) => order === 0),
    oidvectorne: test((order) => order !== 0),
    oidvectorlt: test((order) => order < 0),
    oidvectorle: test((order) => order <= 0),
    oidvectorgt: test((order) => order > 0),
    oidvectorge: test((order) => order >= 0),
    btoidvectorcmp: (_context, left: ArrayValue, right: ArrayValue) =>
      Math.sign(compare(left, right)),
    hashoidvector: (_context, value: ArrayValue) =>
      Number(BigInt.asIntN(32, hashOids(value.elements, 0n))),
    hashoidvectorextended: (_context, value: ArrayValue, seed: Datum) =>
      BigInt.asIntN(64, hashOids(value.elements, BigInt(seed as number))),
    oidvectortypes: typeNames,
  },
};
