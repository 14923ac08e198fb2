// From what an execution has seen to what is known about its tables.

import type { Datum } from '#common';
import type { Catalog } from '../catalog.ts';
import { deparseExpression } from '../deparse/deparse.ts';
import type { PhysicalNode, PhysicalPlan, PhysicalScan } from '../physical-plan.ts';
import { nodeInputs } from '../physical/plan-facts.ts';
import { outdatePlan } from '../physical/staleness.ts';
import { describeTeaching, teachingNodes } from './row-expectations.ts';
import { learnRows } from './row-feedback.ts';
import { learn } from './table-feedback.ts';

/** By id of a scan: the fraction of the table's rows that met its filter; of a join or grouping: its rows. */
export type ObservedFractions = ReadonlyMap<number, number>;

export interface ExecutionFacts {
  readonly catalog: Catalog;
  readonly parameters: readonly Datum[];
  /** The plan that the statement began with, if it is another one. */
  readonly begun?: PhysicalPlan | undefined;
}

/** Later plans are made with it; the plan is made anew where it stands on an estimate that was far off. */
export function learnFromExecution(
  plan: PhysicalPlan,
  observed: ObservedFractions,
  { catalog, parameters, begun = plan }: ExecutionFacts,
): void {
  const enter = (node: PhysicalNode): void => {
    const fraction = observed.get(node.id);
    if (node.kind === 'scan' && node.feedback !== undefined && fraction !== undefined) {
      const { table, feedback: expected } = node;
      const seen = { expected, condition: conditionText(node), fraction, parameters };
      if (learn(table, seen, catalog)) outdatePlan(begun);
    }
    nodeInputs(node).forEach(enter);
  };
  for (const teaching of teachingNodes(plan)) {
    const actualRows = observed.get(teaching.node.id);
    const described = actualRows === undefined ? undefined : describeTeaching(teaching, parameters);
    if (described === undefined) continue;
    const { estimatedRows } = teaching.node;
    if (learnRows({ ...described, estimatedRows, actualRows: actualRows! }, catalog))
      outdatePlan(begun);
  }
  [plan.root, ...plan.subplans].forEach(enter);
  for (const cte of plan.ctes) {
    enter(cte.plan);
    if (cte.step !== undefined) enter(cte.step);
  }
}

function conditionText({ filter, sources, table }: PhysicalScan): string {
  if (filter === undefined) return '';
  return deparseExpression(filter, {
    column: (id) => `#${id}`,
    input: (ordinal) => {
      const source = sources[ordinal];
      return source.kind === 'attribute' ? table.columns[source.attributeNumber - 1].name : '?';
    },
    slot: (slot) => `$${slot}`,
    subplan: () => '?',
  });
}
