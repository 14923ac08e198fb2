// Joins over a key of several columns, for sets of relations: two relations that agree in a whole key of one
// of them match once, however few rows the product of the columns' selectivities leaves.

import type { LogicalPlan } from '../../logical-plan.ts';
import { uniqueKeys } from '../estimate/key-joins.ts';
import type { JoinGraph } from './join-graph.ts';

interface KeyJoin {
  /** The relation with the key and the one that refers to it. */
  readonly relations: number;
  readonly factor: number;
}

export class KeyCorrections {
  private readonly joins: readonly KeyJoin[];

  constructor(graph: JoinGraph) {
    this.joins = graph.relations.flatMap((relation) =>
      relation.dependence === undefined ? keyJoins(graph, relation.plan, relation.bit) : [],
    );
  }

  /** What the estimate for a set is to be multiplied with. */
  of(set: number): number {
    let factor = 1;
    for (const join of this.joins)
      if ((join.relations & ~set) === 0) factor = Math.max(factor, join.factor);
    return factor;
  }
}

function keyJoins(graph: JoinGraph, plan: LogicalPlan, bit: number): KeyJoin[] {
  const scan = plan.kind === 'filter' ? plan.input : plan;
  if (scan.kind !== 'scan') return [];
  const tableRows = graph.cardinality.tableRows(scan.table);
  const joins: KeyJoin[] = [];
  for (const key of uniqueKeys(scan.table)) {
    if (key.length < 2) continue;
    const columns = key.map((attribute) => {
      const at = scan.sources.findIndex(
        (source) => source.kind === 'attribute' && source.attributeNumber === attribute,
      );
      return at < 0 ? undefined : scan.outputs[at].id;
    });
    const classes = columns.map((column) =>
      graph.classes.find(({ members }) =>
        members.some(
          (member) => member.column.kind === 'column' && member.column.column === column,
        ),
      ),
    );
    if (classes.includes(undefined)) continue;
    for (const { bit: other } of graph.relations) {
      if (other === bit || !classes.every((each) => (each!.relations & other) !== 0)) continue;
      let factor = 1;
      for (const each of classes) {
        const own = each!.members.find((member) => member.bit === bit)!;
        const theirs = each!.members.find((member) => member.bit === other)!;
        factor *= Math.max(own.distinct, theirs.distinct);
      }
      if (factor > tableRows) joins.push({ relations: bit | other, factor: factor / tableRows });
    }
  }
  return joins;
}
