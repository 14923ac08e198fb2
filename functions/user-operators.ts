// Operators and casts that users have made, as the registry shows them.

import { type Entry, registeredCast, registeredCastsFrom } from '#common';
import type { CastSignature, OperatorSignature } from './contract.ts';

const signatures = new WeakMap<Entry<'operator'>, OperatorSignature>();

/** What pg_operator says of an operator. */
export function operatorSignature(entry: Entry<'operator'>): OperatorSignature {
  let signature = signatures.get(entry);
  if (signature === undefined) {
    const { definition } = entry;
    signature = {
      oid: entry.oid,
      name: entry.name,
      left: definition.left,
      right: definition.right,
      result: definition.result,
      functionOid: definition.functionOid,
      commutatorOid: definition.commutator,
      negatorOid: definition.negator,
      // Equality of users' operators is not known to be that of the type's hash and order.
      canHash: false,
      canMerge: false,
    };
    signatures.set(entry, signature);
  }
  return signature;
}

export function userCast(source: number, target: number): CastSignature | undefined {
  return registeredCast(source, target)?.definition;
}

export function userCastsFrom(source: number): CastSignature[] {
  return registeredCastsFrom(source).map(({ definition }) => definition);
}
