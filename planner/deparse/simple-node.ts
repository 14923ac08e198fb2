// Whether an operand needs no parentheses in the pretty form (isSimpleNode() in PostgreSQL's ruleutils.c).

import type { Expression } from '#common';
import { functionRegistry } from '#functions';

const low = new Set(['+', '-']);
const high = new Set(['*', '/', '%']);

export function isSimple(node: Expression, parent: Expression): boolean {
  switch (node.kind) {
    case 'field':
      return parent.kind !== 'field';
    case 'cast':
      return node.collation === undefined && isSimple(node.argument, node);
    case 'call':
      return node.operatorOid === undefined || isSimpleOperator(node, parent);
    case 'isDistinct':
      return node.negated ? isSimpleAsNot(parent) : isSimpleAsTest(parent);
    case 'and':
    case 'not':
      return isSimpleAsNot(parent);
    case 'or':
      return parent.kind === 'or' || hasOwnParentheses(parent);
    case 'subquery':
    case 'isNull':
    case 'booleanTest':
      return isSimpleAsTest(parent);
    case 'arrayComparison':
    case 'rowComparison':
      return false;
    default:
      return true;
  }
}

function isSimpleAsNot(parent: Expression): boolean {
  return parent.kind === 'and' || parent.kind === 'or' || hasOwnParentheses(parent);
}

function isSimpleAsTest(parent: Expression): boolean {
  return parent.kind === 'not' || isSimpleAsNot(parent);
}

function isSimpleOperator(
  node: Extract<Expression, { kind: 'call' }>,
  parent: Expression,
): boolean {
  const isOperator = parent.kind === 'call' && parent.operatorOid !== undefined;
  if (!isOperator) return isSimpleAsTest(parent);
  // Of signs only the binary ones bind as they are known to.
  if (node.arguments.length !== 2 || parent.arguments.length !== 2) return false;
  const [own, outer] = [node.operatorOid ?? 0, parent.operatorOid ?? 0].map(
    (oid) => functionRegistry.operatorByOid(oid)?.name ?? '',
  );
  if (!low.has(own) && !high.has(own)) return false;
  if (!low.has(outer) && !high.has(outer)) return false;
  if (high.has(own) && low.has(outer)) return true;
  if (low.has(own) && high.has(outer)) return false;
  return parent.arguments[0] === node;
}

/** Its operands stand between parentheses, brackets or commas. */
function hasOwnParentheses(parent: Expression): boolean {
  switch (parent.kind) {
    case 'call':
      return parent.operatorOid === undefined && !isCastCall(parent);
    case 'subscript':
    case 'array':
    case 'row':
    case 'coalesce':
    case 'greatest':
    case 'least':
    case 'nullIf':
    case 'aggregate':
    case 'case':
      return true;
    default:
      return false;
  }
}

/** The function of a cast, or the length coercion of a type: the type's own function with a modifier. */
export function isCastCall(call: Extract<Expression, { kind: 'call' }>): boolean {
  const [first] = call.arguments;
  if (first === undefined) return false;
  const between = (from: number, to: number): number | undefined =>
    functionRegistry.castBetween(from, to)?.functionOid;
  return (
    between(first.type.oid, call.type.oid) === call.functionOid ||
    between(call.type.oid, call.type.oid) === call.functionOid
  );
}
