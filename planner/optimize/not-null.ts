// Which columns of a plan can never be null, from NOT NULL constraints, keys and joins.

import type { ColumnId } from '#common';
import type { LogicalPlan } from '../logical-plan.ts';
import { conjunctsOf } from './expression-tree.ts';
import { nullRejected } from './expression-facts.ts';

export function notNullColumns(plan: LogicalPlan): Set<ColumnId> {
  const columns = new Set<ColumnId>();
  switch (plan.kind) {
    case 'scan':
      if (plan.temporal.system.kind !== 'current') return columns;
      plan.sources.forEach((source, at) => {
        if (source.kind === 'rowKey') columns.add(plan.outputs[at].id);
        if (source.kind !== 'attribute') return;
        const column = plan.table.columns.find(
          (candidate) => candidate.attributeNumber === source.attributeNumber,
        );
        const key = plan.table.keyColumns.includes(source.attributeNumber);
        if (column?.notNull === true || key) columns.add(plan.outputs[at].id);
      });
      return columns;
    case 'filter': {
      const known = notNullColumns(plan.input);
      for (const conjunct of conjunctsOf(plan.condition))
        for (const column of nullRejected(conjunct)) known.add(column);
      return known;
    }
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lockRows':
      return notNullColumns(plan.input);
    case 'project': {
      const known = notNullColumns(plan.input);
      plan.expressions.forEach((expression, at) => {
        const present =
          expression.kind === 'column'
            ? known.has(expression.column)
            : expression.kind === 'constant' && expression.value !== null;
        if (present) columns.add(plan.outputs[at].id);
      });
      return columns;
    }
    case 'join': {
      const left = notNullColumns(plan.left);
      if (plan.type === 'semi' || plan.type === 'anti' || plan.type === 'left') return left;
      if (plan.type === 'full') return columns;
      const right = notNullColumns(plan.right);
      if (plan.type === 'right') return right;
      for (const column of right) left.add(column);
      return left;
    }
    default:
      return columns;
  }
}
