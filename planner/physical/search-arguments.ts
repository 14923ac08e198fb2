// Conditions that can narrow a range of a key: comparisons of a column, or of an indexed expression, with
// a value that is known before the scan starts.

import {
  collationOfType,
  elementTypeOf,
  type Expression,
  isDeterministic,
  type LogicExpression,
  TypeOid,
} from '#common';
import { CollatedFunction, functionRegistry } from '#functions';
import type { ScanNode } from '../logical-plan.ts';
import { asComparison, mirror, type Comparison } from '../optimize/expression-facts.ts';
import type { IndexedExpression } from './index-expressions.ts';
import { arrayOfValues, asKeyArray, asKeyValue } from './key-value.ts';
import { type KeyTarget, type KeyTargets, keyTargets, knownBefore } from './key-targets.ts';
import { prefixRange } from './like-prefix.ts';

/** `column operator value` with a value of the column's type that is known before the scan starts. */
export interface SearchArgument {
  readonly attributeNumber: number;
  readonly operator: Comparison['operator'] | 'any' | 'prefix';
  readonly value: Expression;
  /** End of the range for 'prefix'. */
  readonly upper?: Expression;
  readonly conjunct: Expression;
  /** The collation by which texts are equal that are not the same; 0: values are what they are. */
  readonly classes: number;
}

/** What the conjuncts say about columns and indexed expressions, each by itself. */
export function searchArguments(
  scan: ScanNode,
  conjuncts: readonly Expression[],
  expressions: readonly IndexedExpression[],
): SearchArgument[] {
  const attributes = keyTargets(scan, expressions);
  const isKnown = knownBefore(scan);
  const found: SearchArgument[] = [];
  for (const conjunct of conjuncts) {
    if (conjunct.kind === 'arrayComparison') {
      const argument = anyArgument(conjunct, attributes, isKnown);
      if (argument !== undefined) found.push(argument);
      continue;
    }
    if (conjunct.kind === 'or') {
      const argument = listArgument(conjunct, attributes, isKnown);
      if (argument !== undefined) found.push(argument);
      continue;
    }
    const comparison = asComparison(conjunct);
    if (comparison === undefined) {
      const prefix = prefixArgument(conjunct, attributes);
      if (prefix !== undefined) found.push(prefix);
      continue;
    }
    const turned = mirror(comparison);
    for (const side of turned === undefined ? [comparison] : [comparison, turned]) {
      const argument = comparisonArgument({ conjunct, comparison: side, attributes, isKnown });
      if (argument !== undefined) found.push(argument);
    }
  }
  return found;
}

function comparisonArgument(parts: {
  readonly conjunct: Expression;
  readonly comparison: Comparison;
  readonly attributes: KeyTargets;
  readonly isKnown: (value: Expression) => boolean;
}): SearchArgument | undefined {
  const { conjunct, comparison, attributes, isKnown } = parts;
  const classes = collationOfType(comparison.left.type.oid);
  const left = uncollated(comparison.left);
  const column = attributes.find(left);
  if (column === undefined || !isKnown(comparison.right)) return undefined;
  const { oid } = left.type;
  if (!isDefaultOrder(comparison, oid, classes)) return undefined;
  const value = asKeyValue(uncollated(comparison.right), column.type, oid);
  if (value === undefined) return undefined;
  return {
    attributeNumber: column.attributeNumber,
    operator: comparison.operator,
    value,
    conjunct,
    classes,
  };
}

/** What a collation is put on, for comparing by it. */
function uncollated(expression: Expression): Expression {
  const isCollated =
    expression.kind === 'call' && expression.functionOid === CollatedFunction.collate;
  return isCollated ? expression.arguments[0] : expression;
}

/** Comparisons of one type must be those of its default order; across types the names decide. */
function isDefaultOrder(comparison: Comparison, leftType: number, classes: number): boolean {
  if (classes !== 0) {
    const { operator, functionOid } = comparison;
    const isByCollation =
      functionOid === CollatedFunction.eq || (elementTypeOf(leftType) !== 0 && operator === '=');
    return isByCollation && !isDeterministic(classes);
  }
  const signature = functionRegistry.operatorByOid(comparison.operatorOid);
  if (signature === undefined) return false;
  if (signature.left !== signature.right) return true;
  const operand =
    signature.left === TypeOid.text || signature.left === leftType ? signature.left : undefined;
  const ordering = operand === undefined ? undefined : functionRegistry.ordering(operand);
  if (ordering === undefined) return false;
  switch (comparison.operator) {
    case '=':
      return ordering.equalityOid === comparison.functionOid;
    case '<':
      return ordering.lessOid === comparison.functionOid;
    case '>':
      return ordering.greaterOperatorOid === comparison.operatorOid;
    case '<=':
      return (
        functionRegistry.operatorByOid(ordering.greaterOperatorOid)?.negatorOid ===
        comparison.operatorOid
      );
    case '>=':
      return (
        functionRegistry.operatorByOid(ordering.lessOperatorOid)?.negatorOid ===
        comparison.operatorOid
      );
  }
}

function anyArgument(
  conjunct: Extract<Expression, { kind: 'arrayComparison' }>,
  attributes: KeyTargets,
  isKnown: (value: Expression) => boolean,
): SearchArgument | undefined {
  const classes = collationOfType(conjunct.left.type.oid);
  const left = uncollated(conjunct.left);
  const column = attributes.find(left);
  if (column === undefined || conjunct.quantifier !== 'any' || !isKnown(conjunct.array))
    return undefined;
  const operator = functionRegistry.operatorByOid(conjunct.operatorOid);
  if (operator?.name !== '=' || (classes !== 0 && isDeterministic(classes))) return undefined;
  const value = asKeyArray(conjunct.array, column.type, left.type.oid);
  if (value === undefined) return undefined;
  return { attributeNumber: column.attributeNumber, operator: 'any', value, conjunct, classes };
}

/** a = 1 OR a = 2 is a IN (1, 2). */
function listArgument(
  conjunct: LogicExpression,
  attributes: KeyTargets,
  isKnown: (value: Expression) => boolean,
): SearchArgument | undefined {
  const values: Expression[] = [];
  let attribute: KeyTarget | undefined;
  for (const part of conjunct.arguments) {
    const comparison = asComparison(part);
    const turned = comparison === undefined ? undefined : mirror(comparison);
    const argument = [comparison, turned]
      .flatMap((side) =>
        side === undefined
          ? []
          : [comparisonArgument({ conjunct: part, comparison: side, attributes, isKnown })],
      )
      .find((candidate) => candidate !== undefined);
    if (argument?.operator !== '=' || argument.classes !== 0) return undefined;
    const column = attributes.numbered(argument.attributeNumber);
    if (attribute !== undefined && attribute !== column) return undefined;
    attribute = column;
    values.push(argument.value);
  }
  if (attribute === undefined) return undefined;
  return {
    attributeNumber: attribute.attributeNumber,
    operator: 'any',
    value: arrayOfValues(values, attribute.type),
    conjunct,
    classes: 0,
  };
}

function prefixArgument(conjunct: Expression, attributes: KeyTargets): SearchArgument | undefined {
  const like = prefixRange(conjunct);
  const column = like === undefined ? undefined : attributes.find(like.argument);
  if (like === undefined || column === undefined) return undefined;
  if (column.type.oid !== TypeOid.text && column.type.oid !== TypeOid.varchar) return undefined;
  const upper = like.upper === undefined ? {} : { upper: like.upper };
  return {
    attributeNumber: column.attributeNumber,
    operator: 'prefix',
    value: like.lower,
    ...upper,
    conjunct,
    classes: 0,
  };
}
