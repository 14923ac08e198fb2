// Literals: numbers take the narrowest of int4, int8 and numeric; strings stay unknown until their
// place asks for a type, and are then read by its input function at once, as PostgreSQL does.

import type { A_Const } from '@pgsql/types';
import {
  misnamedRelation,
  Numeric,
  parseBits,
  sqlType,
  typeInput,
  TypeOid,
  type ConstantExpression,
  type Datum,
  type Expression,
  type SqlType,
} from '#common';
import { undefinedTable } from '../errors.ts';
import { withPosition, type Binder } from './context.ts';
import { booleanType, constant, placed, unknownType } from './expression-build.ts';
import { findRelation } from './relation-name.ts';
import { splitQualifiedName } from './qualified-name.ts';

export function bindLiteral(literal: A_Const, binder: Binder): Expression {
  const position = binder.position(literal.location);
  if (literal.isnull === true) return constant(null, unknownType, position);
  if (literal.ival !== undefined) {
    return constant(literal.ival.ival ?? 0, sqlType(TypeOid.int4), position);
  }
  if (literal.fval !== undefined) return numberLiteral(literal.fval.fval ?? '0', position);
  if (literal.boolval !== undefined) {
    return constant(literal.boolval.boolval ?? false, booleanType, position);
  }
  if (literal.bsval !== undefined) {
    const bits = literal.bsval.bsval ?? '';
    return withPosition(position, () => constant(parseBits(bits), sqlType(TypeOid.bit), position));
  }
  return constant(literal.sval?.sval ?? '', unknownType, position);
}

/** A number that the grammar did not fit into int4: hexadecimal, octal and binary forms included. */
function numberLiteral(text: string, position: number | undefined): Expression {
  const plain = text.replaceAll('_', '');
  if (/^-?(\d+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.test(plain)) {
    const negative = plain.startsWith('-');
    const magnitude = BigInt(
      negative ? plain.slice(1).replace(/^0+(?=\d)/, '') : plain.replace(/^0+(?=\d)/, ''),
    );
    const value = negative ? -magnitude : magnitude;
    if (value >= -(2n ** 63n) && value < 2n ** 63n)
      return constant(integerDatum(value), integerType(value), position);
    return constant(Numeric.parse(value.toString()), sqlType(TypeOid.numeric), position);
  }
  return withPosition(position, () =>
    constant(Numeric.parse(plain), sqlType(TypeOid.numeric), position),
  );
}

function integerDatum(value: bigint): Datum {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function integerType(value: bigint): SqlType {
  return sqlType(value >= -(2n ** 31n) && value < 2n ** 31n ? TypeOid.int4 : TypeOid.int8);
}

/** Words that mean another value at another time or in another catalog: read when the plan runs. */
const momentary = /^\s*(now|today|tomorrow|yesterday)\b/i;
const dateTypes = new Set<number>([
  TypeOid.date,
  TypeOid.time,
  TypeOid.timetz,
  TypeOid.timestamp,
  TypeOid.timestamptz,
]);
const catalogTypes = new Set<number>([
  TypeOid.regproc,
  TypeOid.regprocedure,
  TypeOid.regoper,
  TypeOid.regoperator,
  TypeOid.regtype,
  TypeOid.regrole,
  TypeOid.regnamespace,
  TypeOid.regcollation,
]);

/** An untyped literal as a value of the type. `typmod` matters to interval alone, as in PostgreSQL. */
export function literalOfType(
  literal: ConstantExpression,
  type: SqlType,
  binder: Binder,
): Expression {
  const { value, position } = literal;
  const result = sqlType(type.oid, type.oid === TypeOid.interval ? type.typmod : -1);
  if (value === null) return constant(null, sqlType(type.oid), position);
  const text = value as string;
  if (type.oid === TypeOid.regclass) {
    const oid = relationLiteral(text, binder);
    if (oid !== undefined) return constant(oid, result, position);
    if (!/^\s*(\d+|-)\s*$/.test(text))
      throw misnamedRelation(text) ?? undefinedTable(text, position);
  }
  if (
    catalogTypes.has(type.oid) ||
    type.oid === TypeOid.regclass ||
    (dateTypes.has(type.oid) && momentary.test(text))
  ) {
    const argument = constant(text, sqlType(TypeOid.text), position);
    return {
      kind: 'cast',
      method: 'io',
      argument,
      explicit: true,
      type: result,
      ...placed(position),
    };
  }
  return withPosition(position, () =>
    constant(typeInput(type.oid)(text, result.typmod, binder.formatSettings), result, position),
  );
}

/** 'schema.name'::regclass when the relation exists; numbers and unknown names are left to the input function. */
function relationLiteral(text: string, binder: Binder): number | undefined {
  const parts = splitQualifiedName(text);
  if (parts === undefined || parts.length > 2) return undefined;
  const [first, second] = parts;
  const name =
    second === undefined ? { schema: undefined, name: first } : { schema: first, name: second };
  return findRelation(binder, name)?.oid;
}
