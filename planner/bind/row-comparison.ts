// Comparisons of row constructors, field by field (PostgreSQL's make_row_comparison_op).

import type { RowExpr } from '@pgsql/types';
import {
  collationOfType,
  databaseError,
  type Expression,
  type RowComparisonExpression,
  TypeOid,
} from '#common';
import { functionRegistry } from '#functions';
import { at } from '../errors.ts';
import { booleanType, logic, placed } from './expression-build.ts';
import { bindOperator, resolveOperator } from './operator-call.ts';
import type { Scope } from './scope.ts';
import { expandStar } from './star.ts';
import { typeName } from './type-name.ts';

/** The fields of ROW(…); t.* among them stands for all of t's columns. */
export function rowFields(row: RowExpr, scope: Scope): Expression[] {
  const fields: Expression[] = [];
  for (const node of row.args ?? []) {
    const expanded = expandStar(node, scope);
    if (expanded === undefined) fields.push(scope.bind(node));
    else for (const column of expanded) fields.push(column.expression);
  }
  return fields;
}

export function bindRowComparison(
  name: string,
  left: readonly Expression[],
  right: readonly Expression[],
  scope: Scope,
  position: number | undefined,
): Expression {
  if (left.length !== right.length) {
    throw databaseError(
      'syntaxError',
      'unequal number of entries in row expressions',
      at(position),
    );
  }
  if (left.length === 0) {
    throw databaseError('featureNotSupported', 'cannot compare rows of zero length', at(position));
  }
  const calls = left.map((field, index) => {
    const call = bindOperator(name, field, right[index], scope, position);
    if (call.type.oid === TypeOid.bool) return call;
    throw databaseError(
      'datatypeMismatch',
      `row comparison operator must yield type boolean, not type ${typeName(call.type, scope.binder)}`,
      at(position),
    );
  });
  if (calls.length === 1) return calls[0];
  if (name === '=') return logic('and', calls);
  if (name === '<>') return logic('or', calls);
  if (name !== '<' && name !== '<=' && name !== '>' && name !== '>=') {
    throw databaseError(
      'featureNotSupported',
      `could not determine interpretation of row comparison operator ${name}`,
      {
        ...at(position),
        hint: 'Row comparison operators must be associated with btree operator families.',
      },
    );
  }
  const pairs = calls.map((call): RowComparisonExpression['pairs'][number] => {
    const [first, second] = call.arguments as [Expression, Expression];
    const functionOf = (operator: string): number =>
      resolveOperator(operator, first.type, second.type, scope.binder, position).signature
        .functionOid;
    const collated =
      collationOfType(first.type.oid) === 0 ? undefined : functionRegistry.ordering(first.type.oid);
    return {
      left: first,
      right: second,
      equalOid: collated?.equalityOid ?? functionOf('='),
      lessOid: collated?.lessOid ?? functionOf('<'),
    };
  });
  return { kind: 'rowComparison', comparison: name, pairs, type: booleanType, ...placed(position) };
}

/** ROW(…) as a value. */
export function bindRow(row: RowExpr, scope: Scope): Expression {
  const fields = rowFields(row, scope);
  return {
    kind: 'row',
    fields,
    type: { oid: TypeOid.record, typmod: -1 },
    ...placed(scope.position(row.location)),
  };
}
