// min(column) and max(column) of a whole table are the first row in the order of an index: the
// aggregate then reads one row. Only where the column leads a key, so that no sort is needed.

import type { AggregateExpression, OrderKey } from '#common';
import { functionRegistry } from '#functions';
import { sqlType, TypeOid } from '#common';
import type { AggregateNode, LogicalPlan, ScanNode } from '../../logical-plan.ts';
import { conjunction } from '../expression-tree.ts';
import { notNullColumns } from '../not-null.ts';
import type { Pass } from '../pass.ts';
import { rewritePlan } from '../plan-tree.ts';

export const minMaxPass: Pass = {
  name: 'min and max',
  rewrite: (plan) =>
    rewritePlan(plan, (node) => (node.kind === 'aggregate' ? firstRow(node) : node)),
};

function firstRow(plan: AggregateNode): LogicalPlan {
  const [aggregate] = plan.aggregates;
  if (plan.groupKeys.length > 0 || plan.groupingSets !== undefined) return plan;
  if (aggregate === undefined || plan.aggregates.length !== 1) return plan;
  const scan = plan.input.kind === 'filter' ? plan.input.input : plan.input;
  if (scan.kind !== 'scan') return plan;
  const key = orderOf(aggregate, scan);
  if (key === undefined) return plan;
  const given = plan.input.kind === 'filter' ? [plan.input.condition] : [];
  const barrier = plan.input.kind === 'filter' && plan.input.barrier;
  const argument = key.expression;
  const isPresent =
    argument.kind === 'column' && notNullColumns(scan).has(argument.column)
      ? []
      : [
          {
            kind: 'isNull',
            type: sqlType(TypeOid.bool),
            argument,
            negated: true,
            rowwise: false,
          } as const,
        ];
  const condition = conjunction([...given, ...isPresent]);
  const outputs = scan.outputs;
  return {
    ...plan,
    input: {
      kind: 'limit',
      input: {
        kind: 'sort',
        input:
          condition === undefined
            ? scan
            : { kind: 'filter', input: scan, condition, barrier, outputs },
        keys: [key],
        outputs,
      },
      count: { kind: 'constant', type: sqlType(TypeOid.int8), value: 1 },
      offset: undefined,
      withTies: false,
      tieKeys: [],
      outputs,
    },
  };
}

/** The order whose first row holds the aggregate's value; undefined when no index has it. */
function orderOf(aggregate: AggregateExpression, scan: ScanNode): OrderKey | undefined {
  const name = functionRegistry.functionByOid(aggregate.functionOid)?.name;
  const [argument] = aggregate.arguments;
  if ((name !== 'min' && name !== 'max') || aggregate.arguments.length !== 1) return undefined;
  if (argument?.kind !== 'column' || aggregate.filter !== undefined) return undefined;
  const source = scan.sources[scan.outputs.findIndex((column) => column.id === argument.column)];
  if (source?.kind !== 'attribute' || scan.temporal.system.kind !== 'current') return undefined;
  const leads =
    scan.table.keyColumns[0] === source.attributeNumber ||
    scan.table.indexes.some(
      (index) =>
        index.method === 'btree' &&
        index.unstored !== true &&
        index.valid &&
        index.predicate === undefined &&
        index.columns[0]?.attributeNumber === source.attributeNumber,
    );
  if (!leads) return undefined;
  return { expression: argument, descending: name === 'max', nullsFirst: name === 'max' };
}
