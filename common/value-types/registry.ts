// The types of this folder by oid. Codecs, orders, keys and text forms look here for what their own
// tables do not hold; value-types.ts fills it, and common/index.ts loads that.

import type { AnyValueType } from './contract.ts';

const types = new Map<number, AnyValueType>();

export function registerValueTypes(list: readonly AnyValueType[]): void {
  for (const type of list) types.set(type.oid, type);
}

export function valueTypeByOid(oid: number): AnyValueType | undefined {
  return types.get(oid);
}
