// Correlated subqueries as values - in a SELECT list, in a comparison, below OR or CASE - become outer joins
// of the row with what the subquery says: a grouped aggregate, the one row that a unique key finds, or for
// EXISTS the set of keys that there are.

import { type ColumnId, type Expression, type SubqueryExpression, sqlType, TypeOid } from '#common';
import type { AggregateNode, JoinNode, LogicalPlan } from '../../logical-plan.ts';
import { planIsVolatile } from '../expression-facts.ts';
import { columnExpression, conjunction, mapChildren } from '../expression-tree.ts';
import { uniqueColumns } from '../unique-columns.ts';
import { type ColumnSource, freeColumns } from '../plan-tree.ts';
import { groupedAggregate } from './grouped-aggregate.ts';
import { groupedByCorrelation, pullUp } from './pull-up.ts';
import { cannotFail, planCannotFail } from './safe-evaluation.ts';

/** Collects joins onto a node's input while the expressions that stand above it are rewritten. */
export class ValueJoins {
  input: LogicalPlan;
  private readonly source: ColumnSource;

  constructor(input: LogicalPlan, source: ColumnSource) {
    this.input = input;
    this.source = source;
  }

  /** The expression with the subqueries replaced that could be joined. */
  rewrite(expression: Expression): Expression {
    if (expression.kind !== 'subquery')
      return mapChildren(expression, (child) => this.rewrite(child));
    const plan = expression.plan as LogicalPlan;
    const free = freeColumns(plan);
    if (free.size === 0 || !this.makes(free)) return expression;
    if (planIsVolatile(plan) || !planCannotFail(plan)) return expression;
    const outer = { columns: free, source: this.source };
    if (expression.mode === 'scalar') {
      const [output] = expression.outputs;
      const at = plan.outputs.findIndex((column) => column.id === output);
      const grouped = groupedAggregate(plan, outer);
      if (grouped !== undefined) {
        this.join(grouped.plan, grouped.condition);
        return grouped.values[at];
      }
      return this.uniqueRow(expression, free) ?? expression;
    }
    return expression.mode === 'exists' ? (this.keyExists(plan, free) ?? expression) : expression;
  }

  /** What a subquery reads from outside must come from this input, not from further out. */
  private makes(free: ReadonlySet<ColumnId>): boolean {
    const made = new Set(this.input.outputs.map((column) => column.id));
    return [...free].every((column) => made.has(column));
  }

  private join(right: LogicalPlan, condition: Expression | undefined): void {
    const join: JoinNode = {
      kind: 'join',
      type: 'left',
      left: this.input,
      right,
      condition,
      lateral: false,
      outputs: [...this.input.outputs, ...right.outputs],
    };
    this.input = join;
  }

  /** The subquery's condition names a whole unique key, so that there is at most one row. */
  private uniqueRow(
    expression: SubqueryExpression,
    free: ReadonlySet<ColumnId>,
  ): Expression | undefined {
    const plan = expression.plan as LogicalPlan;
    if (plan.kind !== 'project' || plan.expressions.some(({ kind }) => kind !== 'column'))
      return undefined;
    const pulled = pullUp(plan, { columns: free, source: this.source }, 'rows');
    if (pulled === undefined || pulled.conjuncts.length === 0) return undefined;
    if (freeColumns(pulled.plan).size > 0) return undefined;
    if (!uniqueColumns(pulled.plan, pulled.conjuncts, free)) return undefined;
    const output = plan.outputs.find((column) => column.id === expression.outputs[0]);
    if (output === undefined) return undefined;
    this.join(pulled.plan, conjunction(pulled.conjuncts));
    return columnExpression(output);
  }

  /** EXISTS as a value: the row finds its key among those that there are, or a null. */
  private keyExists(plan: LogicalPlan, free: ReadonlySet<ColumnId>): Expression | undefined {
    const outer = { columns: free, source: this.source };
    const pulled = pullUp(plan, outer, 'exists');
    if (pulled === undefined || pulled.conjuncts.length === 0) return undefined;
    if (!pulled.conjuncts.every(cannotFail)) return undefined;
    const keysOnly: AggregateNode = {
      kind: 'aggregate',
      input: pulled.plan,
      groupKeys: [],
      aggregates: [],
      outputs: [],
    };
    const grouped = groupedByCorrelation(keysOnly, pulled, outer);
    if (grouped === undefined || freeColumns(grouped.plan).size > 0) return undefined;
    this.join(grouped.plan, conjunction(grouped.conjuncts));
    return {
      kind: 'isNull',
      type: sqlType(TypeOid.bool),
      argument: columnExpression(grouped.keys[0]),
      negated: true,
      rowwise: false,
    };
  }
}
