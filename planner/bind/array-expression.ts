// ARRAY[…], subscripts and slices.

import type { A_ArrayExpr, A_Indices, A_Indirection, Node } from '@pgsql/types';
import {
  databaseError,
  baseTypeOf,
  elementTypeOf,
  ModuleTypeOid,
  shapeElementType,
  sqlType,
  TypeOid,
  type Expression,
  type SqlType,
  type SubscriptExpression,
} from '#common';
import { functionRegistry } from '#functions';
import { at } from '../errors.ts';
import { arrayTypeFor, coerceToTarget } from './coercion.ts';
import { coerceToCommon, selectCommonType } from './common-type.ts';
import { textType, int4Type, placed } from './expression-build.ts';
import { hstoreSubscript } from './hstore-subscript.ts';
import { fieldSelection } from './field-selection.ts';
import { bodyOf } from './node.ts';
import type { Scope } from './scope.ts';
import { typeName } from './type-name.ts';
import { requireScalar } from './implementation.ts';
import { startOf } from './located.ts';

/** ARRAY[…]; `target` is the array type of a cast around it, which its elements take at once. */
export function bindArray(array: A_ArrayExpr, scope: Scope, target?: SqlType): Expression {
  const { binder } = scope;
  const position = scope.position(array.location);
  let nested = false;
  const bound = (array.elements ?? []).map((node) => {
    const inner = bodyOf(node, 'A_ArrayExpr');
    const element = inner === undefined ? scope.bind(node) : bindArray(inner, scope, target);
    nested ||= inner !== undefined || isNestedElement(element);
    return element;
  });
  if (target !== undefined) {
    return typedArray(bound, nested, target, scope, position);
  }
  if (bound.length === 0) {
    throw databaseError('indeterminateDatatype', 'cannot determine type of empty array', {
      ...at(position),
      hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
    });
  }
  const common = selectCommonType(bound, 'ARRAY', binder);
  const elements = bound.map((each) => coerceToCommon(each, common, 'ARRAY', binder));
  if (nested) return { kind: 'array', nested, elements, type: common, ...placed(position) };
  const type = sqlType(arrayTypeFor(sqlType(common.oid), binder, position).oid);
  return { kind: 'array', nested, elements, type, ...placed(position) };
}

/** An element that is an array itself makes the whole one dimension deeper. */
function isNestedElement(element: Expression): boolean {
  const { oid } = element.type;
  return (
    elementTypeOf(oid) !== 0 &&
    oid !== TypeOid.int2vector &&
    oid !== TypeOid.oidvector &&
    oid !== TypeOid.name
  );
}

function typedArray(
  bound: readonly Expression[],
  nested: boolean,
  target: SqlType,
  scope: Scope,
  position: number | undefined,
): Expression {
  const elementType = nested ? target : sqlType(elementTypeOf(target.oid), target.typmod);
  const elements = bound.map((each) => {
    const value = coerceToTarget(each, elementType, 'explicit', scope.binder);
    if (value !== undefined) return value;
    throw databaseError(
      'cannotCoerce',
      `cannot cast type ${typeName(each.type, scope.binder)} to ${typeName(elementType, scope.binder)}`,
      at(startOf(each)),
    );
  });
  return { kind: 'array', nested, elements, type: target, ...placed(position) };
}

/** expression[…].field…: subscripts that follow each other make one access. */
export function bindIndirection(indirection: A_Indirection, scope: Scope): Expression {
  let result = scope.bind(indirection.arg!);
  let subscripts: A_Indices[] = [];
  for (const step of indirection.indirection ?? []) {
    const indices = bodyOf(step, 'A_Indices');
    if (indices !== undefined) {
      subscripts.push(indices);
      continue;
    }
    if (subscripts.length > 0) result = bindSubscripts(result, subscripts, scope);
    subscripts = [];
    const field = bodyOf(step, 'String')?.sval;
    if (field === undefined) {
      throw databaseError(
        'featureNotSupported',
        'row expansion via "*" is not supported here',
        at(result.position),
      );
    }
    result = fieldSelection(result, field, scope, result.position, true)!;
  }
  return subscripts.length > 0 ? bindSubscripts(result, subscripts, scope) : result;
}

export function bindSubscripts(
  argument: Expression,
  subscripts: readonly A_Indices[],
  scope: Scope,
): Expression {
  const below = baseTypeOf(argument.type.oid);
  if (below !== argument.type.oid) {
    const type = sqlType(below);
    return bindSubscripts(
      { kind: 'cast', method: 'relabel', argument, explicit: false, type },
      subscripts,
      scope,
    );
  }
  const slice = subscripts.some((each) => each.is_slice === true);
  if (argument.type.oid === TypeOid.jsonb) return jsonbSubscript(argument, subscripts, scope);
  if (argument.type.oid === ModuleTypeOid.hstore)
    return hstoreSubscript(argument, subscripts, scope);
  const isName = argument.type.oid === TypeOid.name && !slice && subscripts.length === 1;
  const shapeElement = shapeElementType(argument.type.oid);
  if (shapeElement !== 0 && slice) {
    throw databaseError(
      'featureNotSupported',
      'slices of fixed-length arrays not implemented',
      at(argument.position),
    );
  }
  const element = isName ? TypeOid.char : elementTypeOf(argument.type.oid) || shapeElement;
  if (element === 0) {
    throw databaseError(
      'datatypeMismatch',
      `cannot subscript type ${typeName(argument.type, scope.binder)} because it does not support subscripting`,
      at(argument.position),
    );
  }
  return {
    kind: 'subscript',
    argument,
    subscripts: arraySubscripts(subscripts, scope),
    type: slice ? argument.type : sqlType(element, argument.type.typmod),
    ...placed(argument.position),
  };
}

export function arraySubscripts(
  subscripts: readonly A_Indices[],
  scope: Scope,
): SubscriptExpression['subscripts'] {
  const slice = subscripts.some((each) => each.is_slice === true);
  return subscripts.map((each) => arraySubscript(each, slice, scope));
}

function arraySubscript(
  indices: A_Indices,
  slice: boolean,
  scope: Scope,
): SubscriptExpression['subscripts'][number] {
  const bound = (node: Node | undefined): Expression | undefined =>
    node === undefined ? undefined : integerSubscript(scope.bind(node), scope);
  const upper = bound(indices.uidx);
  // In a slice, a plain subscript [n] means [1:n].
  const lower =
    slice && indices.is_slice !== true
      ? ({ kind: 'constant', value: 1, type: int4Type } as const)
      : bound(indices.lidx);
  return { slice, lower, upper };
}

function integerSubscript(subscript: Expression, scope: Scope): Expression {
  const value = coerceToTarget(subscript, int4Type, 'assignment', scope.binder);
  if (value !== undefined) return value;
  throw databaseError(
    'datatypeMismatch',
    'array subscript must have type integer',
    at(startOf(subscript)),
  );
}

/** jsonb['key'][0] reads the path; subscripts are integers or text. */
function jsonbSubscript(
  argument: Expression,
  subscripts: readonly A_Indices[],
  scope: Scope,
): Expression {
  const path = jsonbPath(argument, subscripts, scope);
  const [signature] = functionRegistry.functionsNamed('jsonb_extract_path');
  requireScalar(signature.oid, 'a subscript of jsonb', argument.position);
  return {
    kind: 'call',
    functionOid: signature.oid,
    arguments: [
      argument,
      { kind: 'array', nested: false, elements: path, type: sqlType(TypeOid.textArray) },
    ],
    type: sqlType(TypeOid.jsonb),
    ...placed(argument.position),
  };
}

/** The subscripts as text. */
export function jsonbPath(
  argument: Expression,
  subscripts: readonly A_Indices[],
  scope: Scope,
): Expression[] {
  const { binder } = scope;
  if (subscripts.some((each) => each.is_slice === true)) {
    throw databaseError(
      'datatypeMismatch',
      'jsonb subscript does not support slices',
      at(startOf(argument)),
    );
  }
  return subscripts.map(({ uidx }) => {
    const bound = scope.bind(uidx!);
    const integer = bound.type.oid === TypeOid.int4;
    const value = coerceToTarget(bound, textType, integer ? 'assignment' : 'implicit', binder);
    if (value !== undefined) return value;
    throw databaseError(
      'datatypeMismatch',
      `subscript type ${typeName(bound.type, binder)} is not supported`,
      {
        ...at(startOf(bound)),
        hint: 'jsonb subscript must be coercible to either integer or text.',
      },
    );
  });
}
