// SET column[…] = …, SET column.field = … and the same in INSERT's column list: the column's value with
// an element, a slice or a field replaced (PostgreSQL's transformAssignmentIndirection).

import type { A_Indices, Node } from '@pgsql/types';
import {
  baseTypeOf,
  databaseError,
  elementTypeOf,
  shapeElementType,
  Jsonb,
  JsonObject,
  ModuleTypeOid,
  sqlType,
  TypeOid,
  type ColumnDescriptor,
  type Expression,
  type SqlType,
} from '#common';
import { at } from '../errors.ts';
import { arraySubscripts, bindSubscripts, jsonbPath } from './array-expression.ts';
import { coerceToTarget, fieldOf } from './coercion.ts';
import { constant } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { startOf } from './located.ts';
import { bodyOf, nodeTag } from './node.ts';
import { hstoreKey } from './hstore-subscript.ts';
import { compositeFields } from './record-shape.ts';
import type { Scope } from './scope.ts';
import { typeName } from './type-name.ts';

/** One step from a column to the part of it that is assigned: a field, or all subscripts in a row. */
export type AssignmentStep =
  | { readonly field: string }
  | { readonly subscripts: readonly A_Indices[] };

/** The steps behind a target column. 42804, 42703. */
export function assignmentSteps(
  indirection: readonly Node[],
  column: ColumnDescriptor,
  scope: Scope,
  position: number | undefined,
): readonly AssignmentStep[] {
  const steps: ({ field: string } | { subscripts: A_Indices[] })[] = [];
  for (const node of indirection) {
    const indices = bodyOf(node, 'A_Indices');
    const last = steps.at(-1);
    if (indices === undefined) steps.push({ field: bodyOf(node, 'String')?.sval ?? '*' });
    else if (last !== undefined && 'subscripts' in last) last.subscripts.push(indices);
    else steps.push({ subscripts: [indices] });
  }
  partType(column, steps, scope, position);
  return steps;
}

/** The type of the part that the steps lead to. */
function partType(
  column: ColumnDescriptor,
  steps: readonly AssignmentStep[],
  scope: Scope,
  position: number | undefined,
): SqlType {
  let type = column.type;
  for (const step of steps) {
    type =
      'field' in step
        ? fieldIn(type, step.field, column, scope, position).type
        : elementType(type, step.subscripts, scope, position);
  }
  return type;
}

function fieldIn(
  type: SqlType,
  name: string,
  column: ColumnDescriptor,
  scope: Scope,
  position: number | undefined,
): { readonly ordinal: number; readonly type: SqlType } {
  const fields = compositeFields(scope.binder.context.catalog, type.oid);
  const shown = typeName(type, scope.binder);
  const refused = `cannot assign to field "${name}" of column "${column.name}" because`;
  if (fields === undefined) {
    throw databaseError(
      'datatypeMismatch',
      `${refused} its type ${shown} is not a composite type`,
      at(position),
    );
  }
  const ordinal = fields.findIndex((field) => field.name === name);
  if (ordinal >= 0) return { ordinal, type: fields[ordinal].type };
  throw databaseError(
    'undefinedColumn',
    `${refused} there is no such column in data type ${shown}`,
    at(position),
  );
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

/** The value in the type of the part that is assigned. */
export function assignedPart(
  value: Expression,
  column: ColumnDescriptor,
  steps: readonly AssignmentStep[],
  scope: Scope,
): Expression {
  const { binder } = scope;
  const type = partType(column, steps, scope, startOf(value));
  const converted = coerceToTarget(value, type, 'assignment', binder);
  if (converted !== undefined) return converted;
  const last = steps.at(-1)!;
  const message =
    'field' in last
      ? `subfield "${last.field}" is of type ${typeName(type, binder)} but expression is of type ${typeName(value.type, binder)}`
      : `subscripted assignment to "${column.name}" requires type ${typeName(type, binder)} but expression is of type ${typeName(value.type, binder)}`;
  throw databaseError('datatypeMismatch', message, {
    ...at(startOf(value)),
    hint: 'You will need to rewrite or cast the expression.',
  });
}

function elementType(
  container: SqlType,
  subscripts: readonly A_Indices[],
  scope: Scope,
  position: number | undefined,
): SqlType {
  const type = sqlType(baseTypeOf(container.oid), container.typmod);
  if (type.oid === TypeOid.jsonb) return type;
  if (type.oid === ModuleTypeOid.hstore) return sqlType(TypeOid.text);
  const element = elementTypeOf(type.oid) || shapeElementType(type.oid);
  if (element === 0) {
    throw databaseError(
      'datatypeMismatch',
      `cannot subscript type ${typeName(container, scope.binder)} because it does not support subscripting`,
      at(position),
    );
  }
  const slice = subscripts.some((each) => each.is_slice === true);
  return slice ? type : sqlType(element, type.typmod);
}

/** `container` with the value put in its place. */
export function assignPart(
  container: Expression,
  steps: readonly AssignmentStep[],
  assigned: Expression,
  scope: Scope,
): Expression {
  return scope.within(ExpressionKinds.updateSource, () =>
    changedContainer(container, steps, assigned, scope),
  );
}

function changedContainer(
  container: Expression,
  steps: readonly AssignmentStep[],
  assigned: Expression,
  scope: Scope,
): Expression {
  const [step, ...rest] = steps;
  if (step === undefined) return assigned;
  const below = baseTypeOf(container.type.oid);
  if (below !== container.type.oid) {
    const argument = relabelled(container, sqlType(below));
    const changed = changedContainer(argument, steps, assigned, scope);
    return coerceToTarget(changed, container.type, 'assignment', scope.binder) ?? changed;
  }
  if ('field' in step) return withField(container, step.field, rest, assigned, scope);
  const part =
    rest.length === 0
      ? assigned
      : changedContainer(bindSubscripts(container, step.subscripts, scope), rest, assigned, scope);
  return assignedContainer(container, step.subscripts, part, scope);
}

function relabelled(argument: Expression, type: SqlType): Expression {
  return { kind: 'cast', method: 'relabel', argument, explicit: false, type };
}

/** The row with one field changed; a null row becomes one whose other fields are null. */
function withField(
  container: Expression,
  name: string,
  rest: readonly AssignmentStep[],
  assigned: Expression,
  scope: Scope,
): Expression {
  const fields = compositeFields(scope.binder.context.catalog, container.type.oid) ?? [];
  return {
    kind: 'row',
    fields: fields.map((field, ordinal) => {
      const value = fieldOf(container, ordinal, field);
      return field.name === name ? changedContainer(value, rest, assigned, scope) : value;
    }),
    names: fields.map((field) => field.name),
    type: container.type,
  };
}

function assignedContainer(
  container: Expression,
  subscripts: readonly A_Indices[],
  assigned: Expression,
  scope: Scope,
): Expression {
  const { type } = container;
  if (type.oid === ModuleTypeOid.hstore) {
    const key = hstoreKey(subscripts, scope);
    const only = { slice: false, lower: undefined, upper: key };
    return { kind: 'subscript', argument: container, subscripts: [only], assigned, type };
  }
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

/** assignedPart() behind subscripts alone. */
export function assignedElement(
  value: Expression,
  column: ColumnDescriptor,
  subscripts: readonly A_Indices[],
  scope: Scope,
): Expression {
  return assignedPart(value, column, [{ subscripts }], scope);
}

/** assignPart() behind subscripts alone. */
export function assignSubscripts(
  container: Expression,
  subscripts: readonly A_Indices[],
  assigned: Expression,
  scope: Scope,
): Expression {
  return assignPart(container, [{ subscripts }], assigned, scope);
}
