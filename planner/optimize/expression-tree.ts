// Walking and rewriting bound expressions. A walk does not enter a cast's elementCast (it is an
// expression over its own input), and enters a subquery's plan only through the functions of
// plan-tree.ts, since what a plan's columns mean depends on the plan.

import type { ColumnId, Expression, OrderKey } from '#common';

/** Rebuilds an expression with its direct children replaced; returns the same object when nothing changed. */
export function mapChildren(
  expression: Expression,
  map: (child: Expression) => Expression,
): Expression {
  switch (expression.kind) {
    case 'constant':
    case 'parameter':
    case 'column':
    case 'input':
    case 'slot':
    case 'caseTest':
    case 'sqlValue':
      return expression;
    case 'call':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'greatest':
    case 'least': {
      const mapped = mapList(expression.arguments, map);
      return mapped === expression.arguments ? expression : { ...expression, arguments: mapped };
    }
    case 'cast':
    case 'not':
    case 'isNull':
    case 'booleanTest':
    case 'field': {
      const argument = map(expression.argument);
      return argument === expression.argument ? expression : { ...expression, argument };
    }
    case 'isDistinct':
    case 'nullIf': {
      const left = map(expression.left);
      const right = map(expression.right);
      return left === expression.left && right === expression.right
        ? expression
        : { ...expression, left, right };
    }
    case 'arrayComparison': {
      const left = map(expression.left);
      const array = map(expression.array);
      return left === expression.left && array === expression.array
        ? expression
        : { ...expression, left, array };
    }
    case 'array': {
      const elements = mapList(expression.elements, map);
      return elements === expression.elements ? expression : { ...expression, elements };
    }
    case 'row': {
      const fields = mapList(expression.fields, map);
      return fields === expression.fields ? expression : { ...expression, fields };
    }
    case 'aggregate': {
      const mapped = mapList(expression.arguments, map);
      const filter = mapOptional(expression.filter, map);
      const orderBy = mapOrderKeys(expression.orderBy, map);
      if (
        mapped === expression.arguments &&
        filter === expression.filter &&
        orderBy === expression.orderBy
      )
        return expression;
      return { ...expression, arguments: mapped, filter, orderBy };
    }
    case 'subquery':
    case 'subplan': {
      if (expression.kind === 'subquery') {
        const test = mapOptional(expression.test, map);
        return test === expression.test ? expression : { ...expression, test };
      }
      return expression;
    }
    case 'case':
      return {
        ...expression,
        ...(expression.operand === undefined ? {} : { operand: map(expression.operand) }),
        branches: expression.branches.map((branch) => ({
          when: map(branch.when),
          then: map(branch.then),
        })),
        otherwise: mapOptional(expression.otherwise, map),
      };
    case 'subscript':
      return {
        ...expression,
        argument: map(expression.argument),
        subscripts: expression.subscripts.map((subscript) => ({
          slice: subscript.slice,
          lower: mapOptional(subscript.lower, map),
          upper: mapOptional(subscript.upper, map),
        })),
        ...(expression.assigned === undefined ? {} : { assigned: map(expression.assigned) }),
      };
    case 'rowComparison':
      return {
        ...expression,
        pairs: expression.pairs.map((pair) => ({
          ...pair,
          left: map(pair.left),
          right: map(pair.right),
        })),
      };
  }
}

export function mapOptional(
  expression: Expression | undefined,
  map: (child: Expression) => Expression,
): Expression | undefined {
  return expression === undefined ? undefined : map(expression);
}

export function mapList<Item>(items: readonly Item[], map: (item: Item) => Item): readonly Item[] {
  let result: Item[] | undefined;
  for (let position = 0; position < items.length; position++) {
    const item = items[position];
    const mapped = map(item);
    if (mapped !== item && result === undefined) result = items.slice(0, position);
    result?.push(mapped);
  }
  return result ?? items;
}

export function mapOrderKeys(
  keys: readonly OrderKey[],
  map: (child: Expression) => Expression,
): readonly OrderKey[] {
  return mapList(keys, (key) => {
    const expression = map(key.expression);
    return expression === key.expression ? key : { ...key, expression };
  });
}

/** Calls `visit` on every node, parents first; the walk does not go below a node for which it returns false. */
export function visitExpression(
  expression: Expression,
  visit: (node: Expression) => boolean | void,
): void {
  if (visit(expression) === false) return;
  mapChildren(expression, (child) => {
    visitExpression(child, visit);
    return child;
  });
}

/** The expressions right below one. */
export function visitChildren(expression: Expression, visit: (child: Expression) => void): void {
  mapChildren(expression, (child) => {
    visit(child);
    return child;
  });
}

export function someExpression(
  expression: Expression,
  test: (node: Expression) => boolean,
): boolean {
  let found = false;
  visitExpression(expression, (node) => {
    found ||= test(node);
    return !found;
  });
  return found;
}

/** Replaces from the leaves up. */
export function rewriteExpression(
  expression: Expression,
  rewrite: (node: Expression) => Expression,
): Expression {
  return rewrite(mapChildren(expression, (child) => rewriteExpression(child, rewrite)));
}

/** The conjuncts of a condition, nested ANDs flattened. */
export function conjunctsOf(condition: Expression | undefined): readonly Expression[] {
  if (condition === undefined) return [];
  if (condition.kind !== 'and') return [condition];
  return condition.arguments.flatMap(conjunctsOf);
}

export function conjunction(conjuncts: readonly Expression[]): Expression | undefined {
  if (conjuncts.length <= 1) return conjuncts[0];
  return { kind: 'and', type: conjuncts[0].type, arguments: conjuncts };
}

export function columnExpression(column: {
  readonly id: ColumnId;
  readonly type: Expression['type'];
}): Expression {
  return { kind: 'column', type: column.type, column: column.id };
}
