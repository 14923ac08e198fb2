// (row).field: a field of a row-typed expression.

import { databaseError, TypeOid, type Expression } from '#common';
import { at, undefinedColumn } from '../errors.ts';
import { fieldOf } from './coercion.ts';
import { located } from './located.ts';
import { recordFields } from './record-shape.ts';
import type { Scope } from './scope.ts';
import { typeName } from './type-name.ts';

/** The field of the name; when there is none, undefined or (`required`) 42703 / 42809. */
export function fieldSelection(
  row: Expression,
  name: string,
  scope: Scope,
  position: number | undefined,
  required: boolean,
): Expression | undefined {
  const fields = recordFields(row, scope.binder);
  const ordinal = fields?.findIndex((field) => field.name === name) ?? -1;
  if (fields !== undefined && ordinal >= 0) {
    return located(fieldOf(row, ordinal, fields[ordinal]), position);
  }
  if (!required) return undefined;
  const relation = relationOfWholeRow(row, scope);
  if (relation !== undefined) throw undefinedColumn(`${relation}.${name}`, at(position));
  if (fields !== undefined && row.type.oid !== TypeOid.record) {
    throw databaseError(
      'undefinedColumn',
      `column "${name}" not found in data type ${typeName(row.type, scope.binder)}`,
      at(position),
    );
  }
  if (row.type.oid === TypeOid.record) {
    throw databaseError(
      'undefinedColumn',
      `could not identify column "${name}" in record data type`,
      at(position),
    );
  }
  throw databaseError(
    'wrongObjectType',
    `column notation .${name} applied to type ${typeName(row.type, scope.binder)}, which is not a composite type`,
    at(position),
  );
}

/** The relation whose whole row the expression is, for messages. */
function relationOfWholeRow(row: Expression, scope: Scope): string | undefined {
  const whole = row.kind === 'case' ? row.branches[0]?.then : row;
  if (whole?.kind !== 'row' || whole.names === undefined) return undefined;
  const [first] = whole.fields;
  const label = first?.kind === 'column' ? scope.binder.labels.get(first.column) : undefined;
  return label?.slice(0, label.lastIndexOf('.'));
}
