// GROUPING(a, b): which of the grouping columns the current grouping set leaves out. It becomes a
// column that the grouping step fills in for each set.

import type { GroupingFunc } from '@pgsql/types';
import { databaseError, type Expression } from '#common';
import { at } from '../errors.ts';
import { sameExpression } from '../optimize/same-expression.ts';
import { int4Type } from './expression-build.ts';
import { columnReference, type Scope } from './scope.ts';

const argumentsMax = 31;

export function bindGrouping(node: GroupingFunc, scope: Scope): Expression {
  const position = scope.position(node.location);
  const nodes = node.args ?? [];
  if (nodes.length > argumentsMax) {
    throw databaseError(
      'tooManyArguments',
      'GROUPING must have fewer than 32 arguments',
      at(position),
    );
  }
  const place = scope.kind.aggregates;
  if (place !== undefined) {
    throw databaseError(
      'groupingError',
      `grouping operations are not allowed in ${place}`,
      at(position),
    );
  }
  const bound = nodes.map((argument) => scope.bind(argument));
  const known = scope.groupings.find(
    (each) =>
      each.arguments.length === bound.length &&
      each.arguments.every((argument, index) => sameExpression(argument, bound[index])),
  );
  const column = known?.column ?? scope.newColumn('grouping', int4Type);
  if (known === undefined) scope.groupings.push({ column, arguments: bound, position });
  return columnReference(column.id, column.type, position);
}
