// SET column[…] = … and INSERT (column[…], …): the column's value with an element or a slice replaced
// (PostgreSQL's transformAssignmentIndirection).

import type { A_Indices, Node } from '@pgsql/types';
import {
  databaseError,
  elementTypeOf,
  Jsonb,
  JsonObject,
  sqlType,
  TypeOid,
  type ColumnDescriptor,
  type Expression,
  type SqlType,
} from '#common';
import { at } from '../errors.ts';
import { arraySubscripts, jsonbPath } from './array-expression.ts';
import { coerceToTarget } from './coercion.ts';
import { constant } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { startOf } from './located.ts';
import { bodyOf, nodeTag } from './node.ts';
import type { Scope } from './scope.ts';
import { typeName } from './type-name.ts';

/** The subscripts behind a target column; a field of a column cannot be assigned. */
export function assignedSubscripts(
  indirection: readonly Node[],
  column: ColumnDescriptor,
  scope: Scope,
  position: number | undefined,
): readonly A_Indices[] {
  return indirection.map((step) => {
    const indices = bodyOf(step, 'A_Indices');
    if (indices !== undefined) return indices;
    const field = bodyOf(step, 'String')?.sval ?? '*';
    throw databaseError(
      'datatypeMismatch',
      `cannot assign to field "${field}" of column "${column.name}" because its type ${typeName(column.type, scope.binder)} is not a composite type`,
      at(position),
    );
  });
}

/** DEFAULT has no meaning for a part of a column. */
export function refuseDefaultElement(node: Node, position: number | undefined): void {
  if (nodeTag(node) === 'SetToDefault') throw defaultElement(position);
}

export function defaultElement(position: number | undefined): Error {
  return databaseError(
    'featureNotSupported',
    'cannot set an array element to DEFAULT',
    at(position),
  );
}

/** The value in the type that the subscripts ask for. */
export function assignedElement(
  value: Expression,
  column: ColumnDescriptor,
  subscripts: readonly A_Indices[],
  scope: Scope,
): Expression {
  const { binder } = scope;
  const type = elementType(column, subscripts, scope, startOf(value));
  const converted = coerceToTarget(value, type, 'assignment', binder);
  if (converted !== undefined) return converted;
  throw databaseError(
    'datatypeMismatch',
    `subscripted assignment to "${column.name}" requires type ${typeName(type, binder)} but expression is of type ${typeName(value.type, binder)}`,
    { ...at(startOf(value)), hint: 'You will need to rewrite or cast the expression.' },
  );
}

function elementType(
  column: ColumnDescriptor,
  subscripts: readonly A_Indices[],
  scope: Scope,
  position: number | undefined,
): SqlType {
  const { type } = column;
  if (type.oid === TypeOid.jsonb) return type;
  const element = elementTypeOf(type.oid);
  if (element === 0) {
    throw databaseError(
      'datatypeMismatch',
      `cannot subscript type ${typeName(type, scope.binder)} because it does not support subscripting`,
      at(position),
    );
  }
  const slice = subscripts.some((each) => each.is_slice === true);
  return slice ? type : sqlType(element, type.typmod);
}

/** `container` with the value put in its place. */
export function assignSubscripts(
  container: Expression,
  subscripts: readonly A_Indices[],
  assigned: Expression,
  scope: Scope,
): Expression {
  return scope.within(ExpressionKinds.updateSource, () =>
    assignedContainer(container, subscripts, assigned, scope),
  );
}

function assignedContainer(
  container: Expression,
  subscripts: readonly A_Indices[],
  assigned: Expression,
  scope: Scope,
): Expression {
  const { type } = container;
  if (type.oid !== TypeOid.jsonb) {
    return {
      kind: 'subscript',
      argument: container,
      subscripts: arraySubscripts(subscripts, scope),
      assigned,
      type,
    };
  }
  // A null document becomes an array or an object, whatever the first subscript asks for.
  const isArray = scope.bind(subscripts[0].uidx!).type.oid === TypeOid.int4;
  const empty = constant(new Jsonb(isArray ? [] : JsonObject.of([])), type);
  return {
    kind: 'subscript',
    argument: { kind: 'coalesce', arguments: [container, empty], type },
    subscripts: jsonbPath(container, subscripts, scope).map((upper) => ({
      slice: false,
      lower: undefined,
      upper,
    })),
    assigned,
    type,
  };
}
