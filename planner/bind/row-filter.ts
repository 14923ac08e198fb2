// What the WHERE of a publication may hold: columns, constants and built-in immutable functions only
// (check_simple_rowfilter_expr_walker).

import { BuiltinOid, type Expression } from '#common';
import { functionVolatility } from '../optimize/expression-facts.ts';
import { visitExpression } from '../optimize/expression-tree.ts';

const allowedOnly =
  'Only columns, constants, built-in operators, built-in data types, built-in collations, and immutable built-in functions are allowed.';

export interface FilterObstacle {
  readonly detail: string;
  readonly position: number | undefined;
}

/** The first part of the condition that is not allowed. */
export function rowFilterObstacle(condition: Expression): FilterObstacle | undefined {
  let found: FilterObstacle | undefined;
  visitExpression(condition, (each) => {
    if (found !== undefined) return false;
    const detail = obstacleOf(each);
    if (detail !== undefined) found = { detail, position: each.position };
    return true;
  });
  return found;
}

function obstacleOf(expression: Expression): string | undefined {
  const isOfUser = (oid: number): boolean => oid >= BuiltinOid.firstUserOid;
  switch (expression.kind) {
    case 'call':
      if (expression.operatorOid !== undefined && isOfUser(expression.operatorOid))
        return 'User-defined operators are not allowed.';
      if (
        isOfUser(expression.functionOid) ||
        functionVolatility(expression.functionOid) !== 'immutable'
      )
        return 'User-defined or built-in mutable functions are not allowed.';
      break;
    case 'subquery':
    case 'parameter':
      return allowedOnly;
    default:
  }
  if (isOfUser(expression.type.oid)) return 'User-defined types are not allowed.';
  return undefined;
}
