// Polymorphic signatures: whether actual types fit anyelement, anyarray, anycompatible … together, and
// which types the signature has then (check_generic_type_consistency, enforce_generic_type_consistency).

import { baseTypeOf, multirangeInfoOf, rangeInfoOf, TypeOid } from '#common';
import { arrayElement, arrayOf, canCoerce, commonType, type TypeLookup } from './coercion.ts';

const simpleFamily = new Set<number>([
  TypeOid.anyelement,
  TypeOid.anyarray,
  TypeOid.anynonarray,
  TypeOid.anyenum,
  TypeOid.anyrange,
  TypeOid.anymultirange,
]);
const compatibleFamily = new Set<number>([
  TypeOid.anycompatible,
  TypeOid.anycompatiblearray,
  TypeOid.anycompatiblenonarray,
  TypeOid.anycompatiblerange,
  TypeOid.anycompatiblemultirange,
]);

export function isPolymorphic(type: number): boolean {
  return simpleFamily.has(type) || compatibleFamily.has(type);
}

/** What the polymorphic names of one call stand for; 0 is "not determined". */
export interface Bindings {
  readonly element: number;
  readonly array: number;
  readonly range: number;
  readonly compatible: number;
  readonly compatibleArray: number;
  readonly compatibleRange: number;
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
    case TypeOid.anyrange:
      return bindings.range || undefined;
    case TypeOid.anymultirange:
      return rangeInfoOf(bindings.range)?.multirangeType;
    case TypeOid.anycompatiblerange:
      return bindings.compatibleRange || undefined;
    case TypeOid.anycompatiblemultirange:
      return rangeInfoOf(bindings.compatibleRange)?.multirangeType;
    default:
      return isPolymorphic(declared) ? undefined : declared;
  }
}

const containers = new Set<number>([TypeOid.anyarray, TypeOid.anyrange, TypeOid.anymultirange]);

/** The range type that an argument declared anyrange or anymultirange stands for; 0: none. */
function rangeOf(declared: number, actual: number): number {
  const isMultirange =
    declared === TypeOid.anymultirange || declared === TypeOid.anycompatiblemultirange;
  const info = isMultirange ? multirangeInfoOf(actual) : rangeInfoOf(actual);
  return info?.rangeType ?? 0;
}

interface SimpleBindings {
  element: number;
  array: number;
  range: number;
}

function bindSimple(
  lookup: TypeLookup,
  declared: readonly number[],
  actual: readonly number[],
): SimpleBindings | undefined {
  const found: SimpleBindings = { element: 0, array: 0, range: 0 };
  for (let i = 0; i < declared.length; i++) {
    const type = containers.has(declared[i]) ? baseTypeOf(actual[i]) : actual[i];
    if (!simpleFamily.has(declared[i]) || type === TypeOid.unknown) continue;
    const part =
      declared[i] === TypeOid.anyarray
        ? 'array'
        : containers.has(declared[i])
          ? 'range'
          : 'element';
    const bound = part === 'range' ? rangeOf(declared[i], type) : type;
    if (bound === 0 || (found[part] !== 0 && found[part] !== bound)) return undefined;
    found[part] = bound;
  }
  if (found.array !== 0) {
    const inArray = arrayElement(lookup, found.array);
    if (inArray === 0 && found.array !== TypeOid.anyarray) return undefined;
    if (found.element !== 0 && found.element !== inArray) return undefined;
    found.element = inArray;
  }
  if (found.range !== 0) {
    const subtype = rangeInfoOf(found.range)?.subtype ?? 0;
    if (found.element !== 0 && found.element !== subtype) return undefined;
    found.element = subtype;
  }
  const { element } = found;
  const isArray = element !== 0 && arrayElement(lookup, element) !== 0;
  if (isArray && declared.includes(TypeOid.anynonarray)) return undefined;
  if (element !== 0 && declared.includes(TypeOid.anyenum)) {
    if (lookup(element)?.kind !== 'enum') return undefined;
  }
  if (found.array === 0 && element !== 0) found.array = arrayOf(lookup, element);
  return found;
}

interface CompatibleBindings {
  compatible: number;
  compatibleArray: number;
  compatibleRange: number;
}

function bindCompatible(
  lookup: TypeLookup,
  declared: readonly number[],
  actual: readonly number[],
): CompatibleBindings | undefined {
  const known: number[] = [];
  let range = 0;
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
    } else if (compatibleRanges.has(declared[i])) {
      const found = rangeOf(declared[i], baseTypeOf(type));
      if (found === 0 || (range !== 0 && range !== found)) return undefined;
      range = found;
      known.push(rangeInfoOf(found)?.subtype ?? 0);
    } else {
      known.push(type);
    }
  }
  if (!present) return { compatible: 0, compatibleArray: 0, compatibleRange: 0 };
  const common = commonType(lookup, known);
  if (common.kind === 'mismatch') return undefined;
  const compatible = common.type;
  if (range !== 0 && rangeInfoOf(range)?.subtype !== compatible) return undefined;
  if (!known.every((type) => canCoerce(lookup, type, compatible, 'implicit'))) return undefined;
  const isArray = arrayElement(lookup, compatible) !== 0;
  if (isArray && declared.includes(TypeOid.anycompatiblenonarray)) return undefined;
  return {
    compatible,
    compatibleArray: arrayOf(lookup, compatible),
    compatibleRange: range,
  };
}

const compatibleRanges = new Set<number>([
  TypeOid.anycompatiblerange,
  TypeOid.anycompatiblemultirange,
]);
