// left op ANY (array) and left op ALL (array), with IN lists among them: an equality test against a
// constant array of hashable values becomes a set look-up.

import {
  type ArrayComparisonExpression,
  type ArrayValue,
  collationOfType,
  type Datum,
  elementTypeOf,
  TypeOid,
} from '#common';
import { booleanFunction, isStrict } from './calls.ts';
import type { Compile } from './compile-expression.ts';
import type { Evaluator, ExpressionEnvironment } from './environment.ts';
import { nativeComparison } from './native-comparison.ts';

/** From this many elements on a set is faster than a loop. */
const setThreshold = 8;

export function compileArrayComparison(
  expression: ArrayComparisonExpression,
  environment: ExpressionEnvironment,
  compile: Compile,
): Evaluator {
  const left = compile(expression.left);
  const array = compile(expression.array);
  const any = expression.quantifier === 'any';
  const types = comparedTypes(expression);
  const test = booleanFunction(expression.functionOid, types, environment);
  const strict = isStrict(expression.functionOid);
  const native = nativeComparison(expression.functionOid);
  // -0 and NaN would need care in a Set, so floats take the loop.
  if (
    any &&
    native?.comparison === '=' &&
    !native.float &&
    expression.left.type.oid !== TypeOid.float8
  ) {
    return setMembership(left, array);
  }
  return (columns, row) => {
    const elements = elementsOf(array(columns, row));
    if (elements === null) return null;
    if (elements.length === 0) return !any;
    const value = left(columns, row);
    if (value === null && strict) return null;
    let unknown = false;
    for (const element of elements) {
      const outcome = strict && element === null ? null : test(value, element);
      if (outcome === null) unknown = true;
      else if (outcome === any) return any;
    }
    return unknown ? null : !any;
  };
}

/** Elements of an array of text are compared by the collation of what they are compared with. */
function comparedTypes({ left, array }: ArrayComparisonExpression): readonly [number, number] {
  const type = left.type.oid;
  return collationOfType(type) === 0 ? [type, elementTypeOf(array.type.oid)] : [type, type];
}

function elementsOf(array: Datum): readonly Datum[] | null {
  return array === null ? null : (array as ArrayValue).elements;
}

/** Keeps the set of the last array seen; a constant or a parameter is the same object in every row. */
function setMembership(left: Evaluator, array: Evaluator): Evaluator {
  let known: Datum = null;
  let elements: readonly Datum[] = [];
  let members: Set<Datum> | undefined;
  let hasNull = false;
  return (columns, row) => {
    const current = array(columns, row);
    if (current === null) return null;
    if (current !== known) {
      known = current;
      elements = (current as ArrayValue).elements;
      hasNull = elements.includes(null);
      members = elements.length >= setThreshold ? new Set(elements) : undefined;
    }
    if (elements.length === 0) return false;
    const value = left(columns, row);
    if (value === null) return null;
    const found = members === undefined ? elements.includes(value) : members.has(value);
    if (found) return true;
    return hasNull ? null : false;
  };
}
