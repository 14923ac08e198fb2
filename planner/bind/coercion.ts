// Implicit, assignment and explicit casts (PostgreSQL's parse_coerce.c): whether a type goes into
// another in a context, and the expression that does it. Contexts widen: what is possible implicitly
// is possible in assignments, and that explicitly.

import {
  baseTypeOf,
  arrayTypeOf,
  databaseError,
  elementTypeOf,
  sqlType,
  typeByOid,
  TypeOid,
  type Expression,
  type SqlType,
} from '#common';
import { functionRegistry, typeResolution, type Coercion, type CoercionContext } from '#functions';
import { at, wrongArgumentType } from '../errors.ts';
import type { Binder } from './context.ts';
import { booleanType, constant, int4Type, placed } from './expression-build.ts';
import { literalOfType } from './literal.ts';
import { isCompositeType, recordFields } from './record-shape.ts';
import { typeName } from './type-name.ts';
import { startOf } from './located.ts';

export type { CoercionContext };

/** can_coerce_type() for one type; polymorphic types accept anything here. */
export function canCoerce(source: number, target: number, context: CoercionContext): boolean {
  if (isPseudo(target)) return true;
  if (typeResolution.canCoerce(source, target, context)) return true;
  if (source === TypeOid.record && context !== 'implicit') {
    return typeResolution.findCoercion(source, target, context).kind !== 'none';
  }
  return target === TypeOid.recordArray && isCompositeType(elementTypeOf(source));
}

/** Pseudo-types that take an argument as it is. */
function isPseudo(type: number): boolean {
  return type === TypeOid.any || typeByOid(type)?.name.startsWith('any') === true;
}

/**
 * coerce_to_target_type(): the value as the target type, length limits included; undefined when the
 * context does not allow it.
 */
export function coerceToTarget(
  expression: Expression,
  target: SqlType,
  context: CoercionContext,
  binder: Binder,
): Expression | undefined {
  if (!canCoerce(expression.type.oid, target.oid, context)) return undefined;
  const explicit = context === 'explicit';
  const value = coerceType(expression, target, context, binder);
  return coerceTypmod(value, target, explicit);
}

/** coerce_type(): the caller knows that it is possible. Length limits are not applied. */
export function coerceType(
  expression: Expression,
  target: SqlType,
  context: CoercionContext,
  binder: Binder,
): Expression {
  const source = expression.type.oid;
  const { position } = expression;
  if (source === target.oid) return expression;
  if (isPseudo(target.oid)) return expression;
  if (typeByOid(target.oid)?.kind === 'domain') {
    return binder.grammar.domain(expression, target, context, binder);
  }
  if (source === TypeOid.unknown) {
    if (expression.kind === 'constant') return literalOfType(expression, target, binder);
    if (expression.kind === 'parameter') return binder.parameters.decide(expression, target);
    return ioCast(expression, target, context === 'explicit');
  }
  const pathway = typeResolution.findCoercion(source, target.oid, context);
  if (pathway.kind === 'array' && typeByOid(elementTypeOf(target.oid))?.kind === 'domain') {
    // Each element passes the domain.
    const cast = (element: Expression, type: SqlType): Expression =>
      coerceType(element, type, context, binder);
    return arrayCast(expression, target, context === 'explicit', cast);
  }
  if (pathway.kind !== 'none')
    return applyPathway(expression, target, pathway, context === 'explicit');
  if (target.oid === TypeOid.record || target.oid === TypeOid.recordArray) {
    return {
      kind: 'cast',
      method: 'relabel',
      argument: expression,
      explicit: false,
      type: sqlType(target.oid),
      ...placed(position),
    };
  }
  return coerceRecord(expression, target, context, binder);
}

function ioCast(argument: Expression, target: SqlType, explicit: boolean): Expression {
  return {
    kind: 'cast',
    method: 'io',
    argument,
    explicit,
    type: sqlType(target.oid, target.oid === TypeOid.interval ? target.typmod : -1),
    ...placed(argument.position),
  };
}

function applyPathway(
  argument: Expression,
  target: SqlType,
  pathway: Coercion,
  explicit: boolean,
): Expression {
  const { position } = argument;
  switch (pathway.kind) {
    case 'none':
    case 'io':
      return ioCast(argument, target, explicit);
    case 'relabel':
      return {
        kind: 'cast',
        method: 'relabel',
        argument,
        explicit,
        type: sqlType(target.oid),
        ...placed(position),
      };
    case 'function':
      return castCall(argument, pathway.functionOid, target, explicit);
    case 'array':
      return arrayCast(argument, target, explicit, (element, type) =>
        applyPathway(element, type, pathway.element, explicit),
      );
  }
}

function arrayCast(
  argument: Expression,
  target: SqlType,
  explicit: boolean,
  cast: (element: Expression, type: SqlType) => Expression,
): Expression {
  const element = sqlType(elementTypeOf(baseTypeOf(argument.type.oid)), argument.type.typmod);
  const input: Expression = { kind: 'input', ordinal: 0, type: element };
  return {
    kind: 'cast',
    method: 'array',
    argument,
    elementCast: cast(input, sqlType(elementTypeOf(target.oid), target.typmod)),
    explicit,
    type: sqlType(target.oid),
    ...placed(argument.position),
  };
}

/** A cast function takes the value, and may take the type modifier and whether the cast is explicit. */
function castCall(
  argument: Expression,
  functionOid: number,
  target: SqlType,
  explicit: boolean,
): Expression {
  const parameterCount = functionRegistry.functionByOid(functionOid)?.argumentTypes.length ?? 1;
  const callArguments = [argument];
  if (parameterCount > 1) callArguments.push(constant(target.typmod, int4Type));
  if (parameterCount > 2) callArguments.push(constant(explicit, booleanType));
  const typmod = parameterCount > 1 ? target.typmod : -1;
  return {
    kind: 'call',
    functionOid,
    arguments: callArguments,
    type: sqlType(target.oid, typmod),
    ...placed(argument.position),
  };
}

/** coerce_type_typmod(): applies a length or precision with the type's own cast function. */
export function coerceTypmod(
  expression: Expression,
  target: SqlType,
  explicit: boolean,
): Expression {
  if (target.typmod < 0 || expression.type.typmod === target.typmod) return expression;
  const length = typeResolution.lengthCoercion(target.oid);
  if (length === undefined) return expression;
  if (!length.perElement) return castCall(expression, length.functionOid, target, explicit);
  const element = elementTypeOf(target.oid);
  const input: Expression = { kind: 'input', ordinal: 0, type: sqlType(element) };
  return {
    kind: 'cast',
    method: 'array',
    argument: expression,
    elementCast: castCall(input, length.functionOid, sqlType(element, target.typmod), explicit),
    explicit,
    type: target,
    ...placed(expression.position),
  };
}

/** ROW(…) as a table's row type: field by field. */
function coerceRecord(
  expression: Expression,
  target: SqlType,
  context: CoercionContext,
  binder: Binder,
): Expression {
  const columns =
    binder.context.catalog.rowType(target.oid)?.columns.filter((column) => !column.dropped) ?? [];
  const fail = (detail: string): Error =>
    databaseError(
      'cannotCoerce',
      `cannot cast type ${typeName(expression.type, binder)} to ${typeName(target, binder)}`,
      // The position of a cast is that of its type.
      { detail, ...at(context === 'explicit' ? undefined : expression.position) },
    );
  const fields = recordFields(expression, binder);
  if (fields === undefined) throw fail('Input has an unknown row type.');
  if (fields.length < columns.length) throw fail('Input has too few columns.');
  if (fields.length > columns.length) throw fail('Input has too many columns.');
  const coerced = columns.map((column, ordinal) => {
    const field = fieldOf(expression, ordinal, fields[ordinal]);
    const value = coerceToTarget(field, column.type, context, binder);
    if (value !== undefined) return value;
    throw fail(
      `Cannot cast type ${typeName(field.type, binder)} to ${typeName(column.type, binder)} in column ${ordinal + 1}.`,
    );
  });
  return {
    kind: 'row',
    fields: coerced,
    names: columns.map((column) => column.name),
    type: sqlType(target.oid),
    ...placed(expression.position),
  };
}

/** One field of a row-typed expression. */
export function fieldOf(
  row: Expression,
  ordinal: number,
  field: { readonly name: string; readonly type: SqlType },
): Expression {
  if (row.kind === 'row') return row.fields[ordinal];
  return {
    kind: 'field',
    argument: row,
    ordinal,
    name: field.name,
    type: field.type,
    ...placed(row.position),
  };
}

/** coerce_to_boolean(): "argument of WHERE must be type boolean, not type integer". */
export function coerceToBoolean(
  expression: Expression,
  construct: string,
  binder: Binder,
): Expression {
  return coerceToSpecific(expression, booleanType, construct, binder);
}

export function coerceToSpecific(
  expression: Expression,
  type: SqlType,
  construct: string,
  binder: Binder,
): Expression {
  const value =
    expression.type.oid === type.oid
      ? expression
      : coerceToTarget(expression, type, 'assignment', binder);
  if (value === undefined) {
    throw wrongArgumentType(
      construct,
      typeName(type, binder),
      typeName(expression.type, binder),
      startOf(expression),
    );
  }
  return value;
}

/** The array type over an element type, or 42704. */
export function arrayTypeFor(element: SqlType, binder: Binder, position?: number): SqlType {
  const oid = arrayTypeOf(element.oid);
  if (oid !== 0) return sqlType(oid, element.typmod);
  if (isCompositeType(element.oid)) return sqlType(TypeOid.recordArray);
  throw databaseError(
    'undefinedObject',
    `could not find array type for data type ${typeName(element, binder)}`,
    at(position),
  );
}
