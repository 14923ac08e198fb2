// * and t.*: which columns they stand for.

import type { ColumnRef, Node } from '@pgsql/types';
import { databaseError, type Expression } from '#common';
import { at, syntaxError } from '../errors.ts';
import { fieldOf } from './coercion.ts';
import { findColumn, findItem, missingFrom } from './column-reference.ts';
import { located } from './located.ts';
import { bodyOf, nodeTag } from './node.ts';
import { recordFields } from './record-shape.ts';
import type { NamespaceItem, Scope } from './scope.ts';
import { typeName } from './type-name.ts';
import { variableReference } from './variable.ts';

export interface StarColumn {
  readonly name: string;
  readonly expression: Expression;
}

/** The columns of a node that ends in *; undefined when it does not. */
export function expandStar(node: Node, scope: Scope): StarColumn[] | undefined {
  const reference = bodyOf(node, 'ColumnRef');
  if (reference !== undefined) {
    const fields = reference.fields ?? [];
    const last = fields.at(-1);
    return last !== undefined && nodeTag(last) === 'A_Star'
      ? expandReference(reference, scope)
      : undefined;
  }
  const indirection = bodyOf(node, 'A_Indirection');
  const last = indirection?.indirection?.at(-1);
  if (indirection === undefined || last === undefined || nodeTag(last) !== 'A_Star')
    return undefined;
  const steps = indirection.indirection!.slice(0, -1);
  const row = scope.bind(
    steps.length === 0
      ? indirection.arg!
      : { A_Indirection: { ...indirection, indirection: steps } },
  );
  return expandRow(row, scope, row.position);
}

function expandReference(reference: ColumnRef, scope: Scope): StarColumn[] {
  const position = scope.position(reference.location);
  const names = (reference.fields ?? [])
    .slice(0, -1)
    .map((field) => bodyOf(field, 'String')?.sval ?? '');
  if (names.length === 0) return expandAll(scope, position);
  const { database } = scope.binder.context.catalog;
  const parts = names.length === 3 && names[0] === database.name ? names.slice(1) : names;
  const item = findItem(parts, scope, position);
  if (item !== undefined) return itemColumns(item, position);
  if (parts.length === 1) {
    // A column of row type may be expanded like a relation.
    const column = findColumn(parts[0], scope, position);
    const expression = column?.expression();
    if (expression !== undefined && recordFields(expression, scope.binder) !== undefined) {
      return expandRow(expression, scope, position);
    }
  }
  const variable = variableReference(parts, scope, position);
  if (variable !== undefined && 'expression' in variable)
    return expandRow(variable.expression, scope, position);
  throw missingFrom(parts.at(-1)!, scope, position);
}

function expandAll(scope: Scope, position: number | undefined): StarColumn[] {
  const visible = scope.items.filter((item) => item.columnsVisible && !item.lateralOnly);
  if (visible.length === 0)
    throw syntaxError('SELECT * with no tables specified is not valid', position);
  return visible.flatMap((item) => itemColumns(item, position));
}

export function itemColumns(item: NamespaceItem, position: number | undefined): StarColumn[] {
  return item.columns
    .filter(({ inStar }) => inStar !== false)
    .map((column) => ({
      name: column.name,
      expression: located(column.expression(), position),
    }));
}

function expandRow(row: Expression, scope: Scope, position: number | undefined): StarColumn[] {
  const fields = recordFields(row, scope.binder);
  if (fields === undefined) {
    throw databaseError(
      'wrongObjectType',
      `type ${typeName(row.type, scope.binder)} is not composite`,
      at(position),
    );
  }
  return fields.map((field, ordinal) => ({
    name: field.name,
    expression: located(fieldOf(row, ordinal, field), position),
  }));
}
