// Polymorphic signatures: whether actual types fit anyelement, anyarray, anycompatible … together, and
// which types the signature has then (check_generic_type_consistency, enforce_generic_type_consistency).

import { baseTypeOf, TypeOid } from '#common';
import { arrayElement, arrayOf, canCoerce, commonType, type TypeLookup } from './coercion.ts';

const anymultirange = 4537;
const anycompatiblerange = 5080;
const anycompatiblemultirange = 4538;

const simpleFamily = new Set<number>([
  TypeOid.anyelement,
  TypeOid.anyarray,
  TypeOid.anynonarray,
  TypeOid.anyenum,
  TypeOid.anyrange,
  anymultirange,
]);
const compatibleFamily = new Set<number>([
  TypeOid.anycompatible,
  TypeOid.anycompatiblearray,
  TypeOid.anycompatiblenonarray,
  anycompatiblerange,
  anycompatiblemultirange,
]);

export function isPolymorphic(type: number): boolean {
  return simpleFamily.has(type) || compatibleFamily.has(type);
}

/** What the polymorphic names of one call stand for; 0 is "not determined". */
export interface Bindings {
  readonly element: number;
  readonly array: number;
  readonly compatible: number;
  readonly compatibleArray: number;
}

/** undefined: the actual types do not fit together. */
export function bindPolymorphic(
  lookup: TypeLookup,
  declared: readonly number[],
  actual: readonly number[],
): Bindings | undefined {
  const simple = bindSimple(lookup, declared, actual);
  if (simple === undefined) return undefined;
  const compatible = bindCompatible(lookup, declared, actual);
  return compatible === undefined ? undefined : { ...simple, ...compatible };
}

/** The concrete type of a declared one; undefined when the call does not determine it. */
export function substitute(declared: number, bindings: Bindings): number | undefined {
  switch (declared) {
    case TypeOid.anyelement:
    case TypeOid.anynonarray:
    case TypeOid.anyenum:
      return bindings.element || undefined;
    case TypeOid.anyarray:
      return bindings.array || undefined;
    case TypeOid.anycompatible:
    case TypeOid.anycompatiblenonarray:
      return bindings.compatible || undefined;
    case TypeOid.anycompatiblearray:
      return bindings.compatibleArray || undefined;
    default:
      return isPolymorphic(declared) ? undefined : declared;
  }
}

function bindSimple(
  lookup: TypeLookup,
  declared: readonly number[],
  actual: readonly number[],
): { element: number; array: number } | undefined {
  let element = 0;
  let array = 0;
  for (let i = 0; i < declared.length; i++) {
    const isContainer = declared[i] === TypeOid.anyarray || declared[i] === TypeOid.anyrange;
    const type = isContainer ? baseTypeOf(actual[i]) : actual[i];
    if (!simpleFamily.has(declared[i]) || type === TypeOid.unknown) continue;
    if (declared[i] === TypeOid.anyarray) {
      if (array !== 0 && array !== type) return undefined;
      array = type;
    } else if (declared[i] === TypeOid.anyrange || declared[i] === anymultirange) {
      return undefined;
    } else {
      if (element !== 0 && element !== type) return undefined;
      element = type;
    }
  }
  if (array !== 0) {
    const inArray = arrayElement(lookup, array);
    if (inArray === 0 && array !== TypeOid.anyarray) return undefined;
    if (element !== 0 && element !== inArray) return undefined;
    element = inArray;
  }
  const isArray = element !== 0 && arrayElement(lookup, element) !== 0;
  if (isArray && declared.includes(TypeOid.anynonarray)) return undefined;
  if (element !== 0 && declared.includes(TypeOid.anyenum)) {
    if (lookup(element)?.kind !== 'enum') return undefined;
  }
  if (array === 0 && element !== 0) array = arrayOf(lookup, element);
  return { element, array };
}

function bindCompatible(
  lookup: TypeLookup,
  declared: readonly number[],
  actual: readonly number[],
): { compatible: number; compatibleArray: number } | undefined {
  const known: number[] = [];
  let present = false;
  for (let i = 0; i < declared.length; i++) {
    if (!compatibleFamily.has(declared[i])) continue;
    present = true;
    const type = actual[i];
    if (type === TypeOid.unknown) continue;
    if (declared[i] === TypeOid.anycompatiblearray) {
      const element = arrayElement(lookup, type);
      if (element === 0) return undefined;
      known.push(element);
    } else if (declared[i] === anycompatiblerange || declared[i] === anycompatiblemultirange) {
      return undefined;
    } else {
      known.push(type);
    }
  }
  if (!present) return { compatible: 0, compatibleArray: 0 };
  const common = commonType(lookup, known);
  if (common.kind === 'mismatch') return undefined;
  const compatible = common.type;
  if (!known.every((type) => canCoerce(lookup, type, compatible, 'implicit'))) return undefined;
  const isArray = arrayElement(lookup, compatible) !== 0;
  if (isArray && declared.includes(TypeOid.anycompatiblenonarray)) return undefined;
  return { compatible, compatibleArray: arrayOf(lookup, compatible) };
}
