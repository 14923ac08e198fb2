// Which conversions exist between two types and in which context they apply: PostgreSQL's
// find_coercion_pathway, select_common_type and the length coercion functions of pg_cast.

import { baseTypeOf, type TypeDescriptor, TypeOid } from '#common';
import type { CastSignature } from '../contract.ts';
import { functionRegistry } from '../registry.ts';

/** pg_type's facts about any type of the statement; undefined for the row types of tables. */
export type TypeLookup = (oid: number) => TypeDescriptor | undefined;

export type CoercionContext = 'implicit' | 'assignment' | 'explicit';

/**
 * none: there is no conversion. relabel: same representation. function: call functionOid (its further
 * arguments, if any, are typmod int4 and isExplicit bool). io: through text. array: element by element,
 * by `element`.
 */
export type Coercion =
  | { readonly kind: 'none' | 'relabel' | 'io' }
  | { readonly kind: 'function'; readonly functionOid: number }
  | { readonly kind: 'array'; readonly element: Coercion };

export type CommonType =
  | { readonly kind: 'type'; readonly type: number }
  | { readonly kind: 'mismatch'; readonly left: number; readonly right: number };

const none: Coercion = { kind: 'none' };
const relabel: Coercion = { kind: 'relabel' };
const throughText: Coercion = { kind: 'io' };

const contextRank = { implicit: 0, assignment: 1, explicit: 2 } as const;

export function categoryOf(lookup: TypeLookup, type: number): string {
  return lookup(type)?.category ?? 'C';
}

export function isPreferred(lookup: TypeLookup, type: number): boolean {
  return lookup(type)?.preferred ?? false;
}

/** Row types: those that no registry knows, and composite ones that it does. */
export function isComposite(lookup: TypeLookup, type: number): boolean {
  const descriptor = lookup(type);
  return descriptor === undefined || descriptor.kind === 'composite';
}

/** Element type of an array, 0 for anything else. int2vector and oidvector are arrays here. */
export function arrayElement(lookup: TypeLookup, type: number): number {
  // A pseudo-type by category, and an array all the same.
  if (type === TypeOid.recordArray) return TypeOid.record;
  const descriptor = lookup(baseTypeOf(type));
  return descriptor !== undefined && descriptor.category === 'A' ? descriptor.elementOid : 0;
}

/** The array type of an element type, 0 when there is none; arrays of table rows are arrays of records. */
export function arrayOf(lookup: TypeLookup, element: number): number {
  return lookup(element)?.arrayOid ?? (isComposite(lookup, element) ? TypeOid.recordArray : 0);
}

/** No array converts to these, although they are arrays themselves. */
function isVector(type: number): boolean {
  return type === TypeOid.int2vector || type === TypeOid.oidvector;
}

export function findCoercion(
  lookup: TypeLookup,
  source: number,
  target: number,
  context: CoercionContext,
): Coercion {
  if (source === target) return relabel;
  const sourceBase = baseTypeOf(source);
  const targetBase = baseTypeOf(target);
  if (sourceBase !== source || targetBase !== target) {
    return findCoercion(lookup, sourceBase, targetBase, context);
  }
  const cast = functionRegistry.castBetween(source, target);
  if (cast !== undefined) {
    return contextRank[cast.context] <= contextRank[context] ? coercionOf(cast) : none;
  }
  // A vector can become an array, but nothing turns into a vector by itself.
  const sourceElement = isVector(source)
    ? (lookup(source)?.elementOid ?? 0)
    : arrayElement(lookup, source);
  const targetElement = isVector(target) ? 0 : arrayElement(lookup, target);
  if (sourceElement !== 0 && targetElement !== 0) {
    const element = findCoercion(lookup, sourceElement, targetElement, context);
    if (element.kind === 'none' || element.kind === 'io') return element;
    return { kind: 'array', element };
  }
  if (context === 'implicit') return none;
  if (categoryOf(lookup, target) === 'S') return throughText;
  return context === 'explicit' && categoryOf(lookup, source) === 'S' ? throughText : none;
}

function coercionOf(cast: CastSignature): Coercion {
  if (cast.method === 'function') return { kind: 'function', functionOid: cast.functionOid };
  return cast.method === 'inout' ? throughText : relabel;
}

/** One value of type `source` where `target` is wanted; polymorphic targets are the caller's business. */
export function canCoerce(
  lookup: TypeLookup,
  source: number,
  target: number,
  context: CoercionContext,
): boolean {
  if (source === target || target === TypeOid.any || source === TypeOid.unknown) return true;
  if (source === TypeOid.record) return isComposite(lookup, baseTypeOf(target));
  if (target === TypeOid.record) return isComposite(lookup, baseTypeOf(source));
  return findCoercion(lookup, source, target, context).kind !== 'none';
}

/** select_common_type: for CASE, COALESCE, UNION, VALUES, ARRAY, IN. All unknown gives text. */
export function commonType(lookup: TypeLookup, types: readonly number[]): CommonType {
  let result: number = TypeOid.unknown;
  const first = types.find((type) => type !== TypeOid.unknown);
  if (first !== undefined && types.every((type) => type === first)) {
    return { kind: 'type', type: first };
  }
  for (const given of types) {
    const type = baseTypeOf(given);
    if (type === TypeOid.unknown || type === result) continue;
    if (result === TypeOid.unknown) {
      result = type;
    } else if (categoryOf(lookup, type) !== categoryOf(lookup, result)) {
      return { kind: 'mismatch', left: result, right: type };
    } else if (
      !isPreferred(lookup, result) &&
      canCoerce(lookup, result, type, 'implicit') &&
      !canCoerce(lookup, type, result, 'implicit')
    ) {
      result = type;
    }
  }
  return { kind: 'type', type: result === TypeOid.unknown ? TypeOid.text : result };
}

/**
 * The function that applies a type's modifier, f(value, typmod, isExplicit) or f(value, typmod):
 * varchar(n), bpchar(n), numeric(p, s), timestamp(p), interval … For an array type it is the element's.
 */
export function lengthCoercion(
  lookup: TypeLookup,
  type: number,
): { readonly functionOid: number; readonly perElement: boolean } | undefined {
  const element = arrayElement(lookup, type);
  const base = element === 0 ? type : element;
  const cast = functionRegistry.castBetween(base, base);
  if (cast === undefined || cast.functionOid === 0) return undefined;
  return { functionOid: cast.functionOid, perElement: element !== 0 };
}
