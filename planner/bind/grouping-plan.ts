// The aggregate operator of a query level. GROUPING() needs to know the set that a row comes from:
// then each grouping set is an aggregate of its own over the input, which is computed once.

import type { AggregateExpression, Expression } from '#common';
import { databaseError } from '#common';
import { at } from '../errors.ts';
import type { AggregateNode, LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { sameExpression } from '../optimize/same-expression.ts';
import { substituteColumns } from '../optimize/plan-tree.ts';
import { constant, int4Type } from './expression-build.ts';
import type { GroupedExpressions } from './grouping.ts';
import { columnReference, type CollectedGrouping } from './scope.ts';

export function buildAggregate(input: LogicalPlan, grouped: GroupedExpressions): LogicalPlan {
  const { scope, keys, outputs, sets } = grouped;
  const node: AggregateNode = {
    kind: 'aggregate',
    input,
    groupKeys: keys,
    aggregates: scope.aggregates.map(({ expression }) => expression),
    ...(sets === undefined ? {} : { groupingSets: sets }),
    outputs: [...outputs, ...scope.aggregates.map(({ column }) => column)],
  };
  if (scope.groupings.length === 0) return node;
  const positions = scope.groupings.map((grouping) => groupingPositions(grouping, keys));
  if (sets === undefined) {
    const zeros = scope.groupings.map(() => constant(0, int4Type));
    return withGroupings(node, scope.groupings, zeros);
  }
  return separateSets(node, sets, positions, grouped);
}

/** The places among the keys of GROUPING's arguments; 42803 when one is not a key. */
function groupingPositions(grouping: CollectedGrouping, keys: readonly Expression[]): number[] {
  return grouping.arguments.map((argument) => {
    const position = keys.findIndex((key) => sameExpression(key, argument));
    if (position >= 0) return position;
    throw databaseError(
      'groupingError',
      'arguments to GROUPING must be grouping expressions of the associated query level',
      at(argument.position ?? grouping.position),
    );
  });
}

function withGroupings(
  node: LogicalPlan,
  groupings: readonly CollectedGrouping[],
  values: readonly Expression[],
): LogicalPlan {
  return {
    kind: 'project',
    input: node,
    expressions: [
      ...node.outputs.map((column) => columnReference(column.id, column.type)),
      ...values,
    ],
    outputs: [...node.outputs, ...groupings.map(({ column }) => column)],
  };
}

/** WITH input AS MATERIALIZED (…) one aggregate a set UNION ALL …, with GROUPING() as constants. */
function separateSets(
  node: AggregateNode,
  sets: readonly (readonly number[])[],
  positions: readonly (readonly number[])[],
  grouped: GroupedExpressions,
): LogicalPlan {
  const { scope } = grouped;
  const { binder } = scope;
  const cteId = binder.newCteId();
  const outputs = [...node.outputs, ...scope.groupings.map(({ column }) => column)];
  const fresh = (column: PlanColumn): PlanColumn =>
    binder.newColumn(undefined, column.name, column.type);
  const inputs = sets.map((set): LogicalPlan => {
    const scanned = node.input.outputs.map(fresh);
    const replacements = new Map(
      node.input.outputs.map((column, index) => [
        column.id,
        columnReference(scanned[index].id, column.type),
      ]),
    );
    const rename = (expression: Expression): Expression =>
      substituteColumns(expression, (id) => replacements.get(id));
    const keyOutputs = set.map((position) => fresh(node.outputs[position]));
    const aggregateOutputs = scope.aggregates.map(({ column }) => fresh(column));
    const aggregate: AggregateNode = {
      kind: 'aggregate',
      input: {
        kind: 'cteScan',
        cteId,
        alias: 'grouping_sets_input',
        columns: scanned.map((_column, index) => index),
        outputs: scanned,
      },
      groupKeys: set.map((position) => rename(node.groupKeys[position])),
      aggregates: node.aggregates.map((each) => rename(each) as AggregateExpression),
      outputs: [...keyOutputs, ...aggregateOutputs],
    };
    return {
      kind: 'project',
      input: aggregate,
      expressions: [
        ...node.groupKeys.map((key, position) => {
          const index = set.indexOf(position);
          return index < 0
            ? constant(null, key.type)
            : columnReference(keyOutputs[index].id, key.type);
        }),
        ...aggregateOutputs.map((column) => columnReference(column.id, column.type)),
        ...positions.map((each) => constant(groupingValue(each, set), int4Type)),
      ],
      outputs: outputs.map(fresh),
    };
  });
  return {
    kind: 'with',
    definitions: [
      {
        cteId,
        name: 'grouping_sets_input',
        plan: fixedColumns(node.input),
        materialized: 'always',
        recursive: undefined,
      },
    ],
    body: { kind: 'setOperation', operation: 'union', all: true, inputs, outputs },
    outputs,
  };
}

/** A bit per argument, the last one lowest: 1 when the set leaves the key out. */
function groupingValue(positions: readonly number[], set: readonly number[]): number {
  return positions.reduce((value, position) => value * 2 + (set.includes(position) ? 0 : 1), 0);
}

/** The optimizer may exchange the inputs of a join, and with them its columns, which are read by ordinal. */
function fixedColumns(input: LogicalPlan): LogicalPlan {
  return {
    kind: 'project',
    input,
    expressions: input.outputs.map(({ id, type }) => columnReference(id, type)),
    outputs: input.outputs,
  };
}
