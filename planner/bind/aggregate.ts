// Aggregates (PostgreSQL's parse_agg.c): which query level an aggregate belongs to, what may stand in
// it, and the column that takes its place in the expression. An aggregate belongs to the innermost
// level whose columns its arguments read; equal aggregates of one level are computed once.

import {
  collationOfType,
  databaseError,
  elementTypeOf,
  sqlType,
  type AggregateExpression,
  type Expression,
  type OrderKey,
} from '#common';
import { at } from '../errors.ts';
import { sameExpression } from '../optimize/same-expression.ts';
import { columnsOf } from '../optimize/plan-tree.ts';
import {
  collated,
  collatedForEquality,
  collatedKey,
  collatedTogether,
  inputCollation,
  mergedColumnType,
  plainText,
} from './collation.ts';
import { coerceToBoolean } from './coercion.ts';
import { unify } from './common-type.ts';
import { placed } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import type { ResolvedCall } from './function-call.ts';
import { requireAggregate } from './implementation.ts';
import { bodyOf } from './node.ts';
import { columnReference, type Scope } from './scope.ts';
import { bindSortKey, requireEquality, textIfUnknown } from './sort-key.ts';
import { typesOf } from './type-name.ts';

export function bindAggregate(call: ResolvedCall, scope: Scope): Expression {
  const { node, name, position } = call;
  if (node.agg_within_group === true) {
    throw databaseError(
      'wrongObjectType',
      `${name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`,
      at(position),
    );
  }
  if (call.arguments.length === 0 && node.agg_star !== true) {
    throw databaseError(
      'wrongObjectType',
      `${name}(*) must be used to call a parameterless aggregate function`,
      at(position),
    );
  }
  const orderBy = (node.agg_order ?? []).map((key) => bindSortKey(bodyOf(key, 'SortBy')!, scope));
  if (node.agg_distinct === true) checkDistinct(call, orderBy, scope);
  const distinct = node.agg_distinct === true;
  const values = distinct
    ? call.arguments.map((argument) => textIfUnknown(argument, scope.binder))
    : call.arguments;
  const form = { orderBy: asArguments(orderBy, values), distinct };
  return collect({ ...call, arguments: values }, form, scope);
}

/** percentile_cont(0.5) WITHIN GROUP (ORDER BY x): direct arguments, then the sorted ones. */
export function bindOrderedSetAggregate(call: ResolvedCall, scope: Scope): Expression {
  const { node, name, position, signature } = call;
  const refuse = (message: string): never => {
    throw databaseError('wrongObjectType', message, at(position));
  };
  if (node.agg_within_group !== true)
    refuse(`WITHIN GROUP is required for ordered-set aggregate ${name}`);
  if (node.agg_distinct === true) refuse('cannot use DISTINCT with WITHIN GROUP');
  const hypothetical = signature.aggregateKind === 'hypothetical';
  const values = hypothetical ? rankedArguments(call, scope) : call.arguments;
  const first = hypothetical ? values.length / 2 : signature.directArgumentCount;
  const orderBy = (node.agg_order ?? []).map((key, index): OrderKey => {
    const sort = bodyOf(key, 'SortBy')!;
    const bound = bindSortKey(sort, scope);
    return { ...bound, expression: values[first + index] ?? bound.expression };
  });
  return collect({ ...call, arguments: values }, { orderBy, distinct: false }, scope);
}

/** rank(1, 'a') WITHIN GROUP (ORDER BY x, y): as many values as sort keys, each of its key's type. */
function rankedArguments(call: ResolvedCall, scope: Scope): readonly Expression[] {
  const sorted = call.node.agg_order?.length ?? 0;
  const direct = call.arguments.length - sorted;
  if (direct !== sorted) {
    throw databaseError(
      'undefinedFunction',
      `function ${call.name}(${typesOf(call.arguments, scope.binder)}) does not exist`,
      {
        ...at(call.position),
        hint:
          `To use the hypothetical-set aggregate ${call.name}, the number of hypothetical direct ` +
          `arguments (here ${direct}) must match the number of ordering columns (here ${sorted}).`,
      },
    );
  }
  const pairs = call.arguments
    .slice(sorted)
    .map((key, index) => unify([key, call.arguments[index]], 'WITHIN GROUP', scope.binder))
    .map(({ expressions: [key, value] }) => collatedTogether([value, key]));
  return [...pairs.map(([value]) => value), ...pairs.map(([, key]) => key)];
}

/** An ORDER BY key that is an argument takes the argument's coerced form. */
function asArguments(
  orderBy: readonly OrderKey[],
  values: readonly Expression[],
): readonly OrderKey[] {
  return orderBy.map((key) => {
    const argument = values.find(
      (value) =>
        value.kind === 'cast' &&
        value.method === 'relabel' &&
        sameExpression(value.argument, key.expression),
    );
    return argument === undefined ? key : { ...key, expression: argument };
  });
}

function checkDistinct(call: ResolvedCall, orderBy: readonly OrderKey[], scope: Scope): void {
  for (const argument of call.arguments)
    requireEquality(textIfUnknown(argument, scope.binder), scope.binder);
  for (const { expression } of orderBy) {
    const listed = call.arguments.some(
      (argument) =>
        sameExpression(argument, expression) ||
        (argument.kind === 'cast' && sameExpression(argument.argument, expression)),
    );
    if (listed) continue;
    throw databaseError(
      'invalidColumnReference',
      'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
      at(expression.position),
    );
  }
}

function collect(
  call: ResolvedCall,
  form: { readonly orderBy: readonly OrderKey[]; readonly distinct: boolean },
  scope: Scope,
): Expression {
  const { node, name, position, signature } = call;
  requireAggregate(signature.oid, `aggregate ${name}`, position);
  const filter = bindFilter(call, scope);
  const aggregate: AggregateExpression = {
    kind: 'aggregate',
    functionOid: signature.oid,
    arguments: collatedArguments(call, form.distinct),
    distinct: form.distinct,
    orderBy: form.orderBy.map(collatedKey),
    filter,
    star: node.agg_star === true,
    ...(signature.routine === undefined ? {} : inputCollation(call.arguments)),
    type: mergedColumnType(sqlType(call.resultType), call.arguments, false),
    ...placed(position),
  };
  const owner = ownerOf(aggregate, scope);
  checkPlace(aggregate, owner, position);
  return plainExtreme(collectAggregate(aggregate, name, owner), aggregate.arguments);
}

/** The first and the last array come with the type that they were compared by. */
export function plainExtreme(result: Expression, compared: readonly Expression[]): Expression {
  const { type } = result;
  const isCompared = compared.some((argument) => collationOfType(argument.type.oid) !== 0);
  return isCompared && elementTypeOf(type.oid) !== 0 ? plainText(result, type) : result;
}

/** min, max and mode look for values by the collation, DISTINCT for equal ones and their order. */
export function collatedArguments(call: ResolvedCall, distinct: boolean): readonly Expression[] {
  const { name, routine } = call.signature;
  const isExtreme = routine === undefined && ['min', 'max', 'mode'].includes(name);
  if (!isExtreme && !distinct) return call.arguments;
  return call.arguments.map(name === 'count' ? collatedForEquality : collated);
}

/** The column that computes an aggregate of a level; an equal one is shared. */
export function collectAggregate(
  aggregate: AggregateExpression,
  name: string,
  owner: Scope,
): Expression {
  const known = owner.aggregates[owner.aggregateIndex.find(aggregate)];
  const column = known?.column ?? owner.newColumn(name, aggregate.type);
  if (known === undefined) {
    owner.aggregateIndex.add(aggregate);
    owner.aggregates.push({ column, expression: aggregate });
  }
  return columnReference(column.id, column.type, aggregate.position);
}

export function bindFilter(call: ResolvedCall, scope: Scope): Expression | undefined {
  const node = call.node.agg_filter;
  if (node === undefined) return undefined;
  const filter = scope.bindAs(ExpressionKinds.filter, node);
  return coerceToBoolean(filter, 'FILTER', scope.binder);
}

/** The innermost level that the aggregate reads columns of; the current one when it reads none. */
function ownerOf(aggregate: AggregateExpression, scope: Scope): Scope {
  const owners = new Set<Scope>();
  for (const column of columnsOf(aggregate)) {
    const owner = scope.binder.owners.get(column);
    if (owner !== undefined) owners.add(owner);
  }
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    if (owners.has(level)) return level;
  }
  return scope;
}

function checkPlace(
  aggregate: AggregateExpression,
  owner: Scope,
  position: number | undefined,
): void {
  const place = owner.kind.aggregates;
  if (place !== undefined) {
    throw databaseError(
      'groupingError',
      `aggregate functions are not allowed in ${place}`,
      at(position),
    );
  }
  const columns = columnsOf(aggregate);
  const nested = owner.aggregates.find((inner) => columns.has(inner.column.id));
  if (nested !== undefined) {
    const inner = nested.expression.position ?? position;
    throw databaseError('groupingError', 'aggregate function calls cannot be nested', at(inner));
  }
  if (owner.windowCalls.some((inner) => columns.has(inner.column.id))) {
    throw databaseError(
      'groupingError',
      'aggregate function calls cannot contain window function calls',
      at(position),
    );
  }
  if (owner.sets.some((inner) => columns.has(inner.column.id))) {
    throw databaseError(
      'featureNotSupported',
      'aggregate function calls cannot contain set-returning function calls',
      {
        ...at(position),
        hint: 'You might be able to move the set-returning function into a LATERAL FROM item.',
      },
    );
  }
}
