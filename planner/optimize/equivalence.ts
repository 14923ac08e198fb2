// What follows from equalities: a = b AND a = 5 says b = 5 too, which may reach an index of b's table.
// Only within one type and its default equality, where equal values are interchangeable.

import type { ColumnId, Expression } from '#common';
import { functionRegistry } from '#functions';
import { asComparison, isConstantLike } from './expression-facts.ts';
import { sameExpression } from './same-expression.ts';

/** The conjuncts and the column = constant conjuncts that they imply. */
export function withImpliedConstants(conjuncts: readonly Expression[]): readonly Expression[] {
  if (conjuncts.length < 2) return conjuncts;
  const pairs: { readonly left: ColumnId; readonly right: ColumnId }[] = [];
  const constants: {
    readonly column: ColumnId;
    readonly conjunct: Expression;
    readonly value: Expression;
  }[] = [];
  const columns = new Map<ColumnId, Expression>();
  for (const conjunct of conjuncts) {
    const equality = defaultEquality(conjunct);
    if (equality === undefined) continue;
    const { left, right } = equality;
    if (left.kind === 'column') columns.set(left.column, left);
    if (right.kind === 'column') columns.set(right.column, right);
    if (left.kind === 'column' && right.kind === 'column')
      pairs.push({ left: left.column, right: right.column });
    else if (left.kind === 'column' && isConstantLike(right))
      constants.push({ column: left.column, conjunct, value: right });
    else if (right.kind === 'column' && isConstantLike(left))
      constants.push({ column: right.column, conjunct, value: left });
  }
  if (pairs.length === 0 || constants.length === 0) return conjuncts;
  const result = [...conjuncts];
  for (const { column, conjunct, value } of constants) {
    const reached = reachable(column, pairs);
    for (const other of reached) {
      if (other === column || conjunct.kind !== 'call') continue;
      const implied: Expression = { ...conjunct, arguments: [columns.get(other)!, value] };
      if (!result.some((existing) => sameExpression(existing, implied))) result.push(implied);
    }
  }
  return result;
}

function reachable(
  from: ColumnId,
  pairs: readonly { readonly left: ColumnId; readonly right: ColumnId }[],
): ReadonlySet<ColumnId> {
  const found = new Set([from]);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const { left, right } of pairs) {
      if (found.has(left)) found.add(right);
      else if (found.has(right)) found.add(left);
    }
  }
  return found;
}

/** An equality by the default btree order of the one type that both sides have. */
export function defaultEquality(
  conjunct: Expression,
): { readonly left: Expression; readonly right: Expression } | undefined {
  const comparison = asComparison(conjunct);
  if (comparison === undefined || comparison.operator !== '=') return undefined;
  const { left, right } = comparison;
  if (left.type.oid !== right.type.oid) return undefined;
  if (functionRegistry.ordering(left.type.oid)?.equalityOid !== comparison.functionOid)
    return undefined;
  return { left, right };
}
