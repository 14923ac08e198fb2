// What follows from a disjunction: conjuncts that all its branches have (A AND B OR A AND C is A AND (B OR C)),
// and for one relation the disjunction of what each branch says about that relation alone.

import type { ColumnId, Expression, LogicExpression } from '#common';
import { hasSubquery, isVolatile } from './expression-facts.ts';
import { conjunction, conjunctsOf } from './expression-tree.ts';
import { sameExpression } from './same-expression.ts';
import { columnsOf } from './plan-tree.ts';

/** The same condition as conjuncts, with what all branches have in common taken out. */
export function factored(disjunction: LogicExpression): readonly Expression[] {
  const branches = disjunction.arguments.map(conjunctsOf);
  const [first, ...others] = branches;
  const common = first.filter(
    (conjunct) =>
      !isVolatile(conjunct) &&
      others.every((branch) => branch.some((other) => sameExpression(conjunct, other))),
  );
  if (common.length === 0) return [disjunction];
  const rest = branches.map((branch) =>
    conjunction(branch.filter((each) => !common.some((other) => sameExpression(each, other)))),
  );
  // A branch that says nothing more makes the others superfluous.
  if (rest.includes(undefined)) return common;
  const left: Expression = { ...disjunction, arguments: rest as Expression[] };
  return [...common, left];
}

/** What the disjunction implies for columns of one relation; undefined when a branch says nothing of them. */
export function restrictionTo(
  disjunction: LogicExpression,
  columns: ReadonlySet<ColumnId>,
): Expression | undefined {
  const branches: Expression[] = [];
  for (const branch of disjunction.arguments) {
    const own = conjunctsOf(branch).filter((conjunct) => readsOnly(conjunct, columns));
    const restriction = conjunction(own);
    if (restriction === undefined) return undefined;
    branches.push(restriction);
  }
  if (branches.every((branch) => sameExpression(branch, branches[0]))) return branches[0];
  return { ...disjunction, arguments: branches };
}

function readsOnly(conjunct: Expression, columns: ReadonlySet<ColumnId>): boolean {
  if (isVolatile(conjunct) || hasSubquery(conjunct)) return false;
  const reads = [...columnsOf(conjunct)];
  return reads.length > 0 && reads.every((column) => columns.has(column));
}
