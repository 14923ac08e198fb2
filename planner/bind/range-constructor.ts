// Functions that make values of range types of users, named as the types: bounds and, for a range,
// which of them are included.

import {
  multirangeInfoOf,
  rangeInfoOf,
  sqlType,
  TypeOid,
  type Expression,
  type RangeInfo,
  type SqlType,
} from '#common';
import { functionRegistry } from '#functions';
import { coerceToTarget } from './coercion.ts';
import type { Binder } from './context.ts';
import { placed } from './expression-build.ts';
import { findUserType } from './type-name.ts';

/** undefined: the name is that of no range type, or the arguments do not fit. */
export function rangeConstruction(
  parts: readonly string[],
  values: readonly Expression[],
  binder: Binder,
  position: number | undefined,
): Expression | undefined {
  const type = findUserType(parts, binder) ?? 0;
  const range = rangeInfoOf(type);
  const multirange = multirangeInfoOf(type);
  const wanted =
    range !== undefined
      ? rangeArguments(range, values.length)
      : multirange === undefined
        ? undefined
        : values.map(() => multirange.rangeType);
  if (wanted === undefined) return undefined;
  const given = values.map((value, at) =>
    coerceToTarget(value, sqlType(wanted[at]), 'implicit', binder),
  );
  if (given.includes(undefined)) return undefined;
  // Any range type's own function does: it makes what its call is of.
  const signature = functionRegistry
    .functionsNamed(range === undefined ? 'int4multirange' : 'int4range')
    .find(
      ({ argumentTypes, variadic }) =>
        argumentTypes.length === values.length || (variadic !== 0 && values.length > 1),
    );
  if (signature === undefined) return undefined;
  return {
    kind: 'call',
    functionOid: signature.oid,
    arguments: given as Expression[],
    type: sqlType(type),
    ...placed(position),
  };
}

/** A range of a user's type as its multirange; undefined for other types. */
export function multirangeOf(value: Expression, target: SqlType): Expression | undefined {
  if (rangeInfoOf(value.type.oid)?.multirangeType !== target.oid) return undefined;
  const signature = functionRegistry
    .functionsNamed('int4multirange')
    .find(({ argumentTypes, variadic }) => argumentTypes.length === 1 && variadic === 0);
  if (signature === undefined) return undefined;
  return {
    kind: 'call',
    functionOid: signature.oid,
    arguments: [value],
    type: sqlType(target.oid),
    ...placed(value.position),
  };
}

function rangeArguments({ subtype }: RangeInfo, count: number): number[] | undefined {
  if (count === 2) return [subtype, subtype];
  return count === 3 ? [subtype, subtype, TypeOid.text] : undefined;
}
