// The types of this folder by oid. Codecs, orders, keys and text forms look here for what their own
// tables do not hold; value-types.ts fills it, and common/index.ts loads that.

import { assert } from '../errors.ts';
import type { AnyTypeIo } from '../type-io/contract.ts';
import type { AnyValueType } from './contract.ts';

const types = new Map<number, AnyValueType>();

export function registerValueTypes(list: readonly AnyValueType[]): void {
  for (const type of list) types.set(type.oid, type);
}

export function valueTypeByOid(oid: number): AnyValueType | undefined {
  return types.get(oid);
}

let lookup: ((oid: number) => AnyTypeIo) | undefined;

/** type-io.ts says how the text and binary forms of any type are found. */
export function provideTypeIo(ioOf: (oid: number) => AnyTypeIo): void {
  lookup = ioOf;
}

/** The forms of a type that another one is made of. */
export function partIo(oid: number): AnyTypeIo {
  assert(lookup !== undefined, 'type-io.ts is loaded');
  return lookup(oid);
}
