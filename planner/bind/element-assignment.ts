// An assignment to a part of a value that is no column: variable[i] := value.

import type { A_Indices, Node } from '@pgsql/types';
import {
  databaseError,
  type ColumnDescriptor,
  type Expression,
  type ParameterExpression,
} from '#common';
import { guardStack, type ParsedStatement } from '../parse/index.ts';
import { coerceToTarget } from './coercion.ts';
import type { BindContext } from './context.ts';
import { newBinder } from './grammar.ts';
import { bodyOf } from './node.ts';
import { compositeFields } from './record-shape.ts';
import { Scope } from './scope.ts';
import { assignedElement, assignSubscripts } from './subscript-assignment.ts';
import { fieldOf } from './coercion.ts';
import { typeName } from './type-name.ts';

/** `source` is SELECT (NULL)[…]…: its indirection says which part. The result is the whole value. */
export function bindElementAssignment(
  source: ParsedStatement,
  parts: {
    readonly container: ParameterExpression;
    readonly value: ParameterExpression;
    readonly name: string;
  },
  context: BindContext,
): Expression {
  return guardStack(() => {
    const binder = newBinder(context, source);
    const scope = new Scope(binder, undefined);
    const select = bodyOf(source.statement, 'SelectStmt');
    const target = bodyOf(select?.targetList?.[0], 'ResTarget');
    const indirection = bodyOf(target?.val, 'A_Indirection')?.indirection ?? [];
    return assignPart(
      parts.container,
      indirection,
      { value: parts.value, name: parts.name },
      scope,
    );
  });
}

interface Assigned {
  readonly value: Expression;
  readonly name: string;
}

function assignPart(
  container: Expression,
  steps: readonly Node[],
  assigned: Assigned,
  scope: Scope,
): Expression {
  const subscripts: A_Indices[] = [];
  for (const step of steps) {
    const indices = bodyOf(step, 'A_Indices');
    if (indices === undefined) break;
    subscripts.push(indices);
  }
  const rest = steps.slice(subscripts.length);
  const column = { name: assigned.name, type: container.type } as ColumnDescriptor;
  if (subscripts.length > 0) {
    const element =
      rest.length === 0
        ? assigned.value
        : assignPart(elementOf(container, steps, subscripts.length, scope), rest, assigned, scope);
    const converted = assignedElement(element, column, subscripts, scope);
    return assignSubscripts(container, subscripts, converted, scope);
  }
  if (rest.length === 0) {
    return (
      coerceToTarget(assigned.value, container.type, 'assignment', scope.binder) ?? assigned.value
    );
  }
  return assignField(container, rest, assigned, scope);
}

/** What is there before the assignment: the element whose field changes. */
function elementOf(
  container: Expression,
  steps: readonly Node[],
  count: number,
  scope: Scope,
): Expression {
  const subscripts = steps.slice(0, count).map((step) => {
    const indices = bodyOf(step, 'A_Indices')!;
    const upper = coerceToTarget(
      scope.bind(indices.uidx!),
      { oid: 23, typmod: -1 },
      'assignment',
      scope.binder,
    );
    return { slice: false, lower: undefined, upper };
  });
  const column = { name: '', type: container.type } as ColumnDescriptor;
  const nothing: Expression = { kind: 'constant', value: null, type: { oid: 705, typmod: -1 } };
  const indices = steps.slice(0, count).map((step) => bodyOf(step, 'A_Indices')!);
  const { type } = assignedElement(nothing, column, indices, scope);
  return { kind: 'subscript', argument: container, subscripts, type };
}

function assignField(
  container: Expression,
  steps: readonly Node[],
  assigned: Assigned,
  scope: Scope,
): Expression {
  const field = bodyOf(steps[0], 'String')?.sval ?? '*';
  const fields = compositeFields(scope.binder.context.catalog, container.type.oid);
  const at = fields?.findIndex((each) => each.name === field) ?? -1;
  if (fields === undefined || at < 0) {
    throw databaseError(
      'datatypeMismatch',
      `cannot assign to field "${field}" of column "${assigned.name}" because its type ${typeName(container.type, scope.binder)} is not a composite type`,
    );
  }
  return {
    kind: 'row',
    fields: fields.map((each, ordinal) => {
      const old = fieldOf(container, ordinal, each);
      return ordinal === at ? assignPart(old, steps.slice(1), assigned, scope) : old;
    }),
    names: fields.map((each) => each.name),
    type: container.type,
  };
}
