// Small expressions that several rules of the binder make.

import { sqlType, TypeOid, type Datum, type Expression, type SqlType } from '#common';

export const booleanType = sqlType(TypeOid.bool);
export const unknownType = sqlType(TypeOid.unknown);
export const textType = sqlType(TypeOid.text);
export const int4Type = sqlType(TypeOid.int4);
export const int8Type = sqlType(TypeOid.int8);

export function constant(value: Datum, type: SqlType, position?: number): Expression {
  return position === undefined
    ? { kind: 'constant', value, type }
    : { kind: 'constant', value, type, position };
}

/** AND of conditions, flattened; one condition stands for itself. */
export function andAll(conditions: readonly Expression[]): Expression {
  return logic('and', conditions);
}

export function logic(kind: 'and' | 'or', conditions: readonly Expression[]): Expression {
  const flat = conditions.flatMap((condition) =>
    condition.kind === kind ? condition.arguments : [condition],
  );
  return flat.length === 1 ? flat[0] : { kind, arguments: flat, type: booleanType };
}

export function not(argument: Expression): Expression {
  return { kind: 'not', argument, type: booleanType };
}

/** Position as an optional field, for object literals. */
export function placed(position: number | undefined): { readonly position?: number } {
  return position === undefined ? {} : { position };
}
