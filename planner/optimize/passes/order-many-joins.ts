// Join order for FROM lists that are too long for sets of bits: a left-deep tree that begins with the
// smallest relation and takes, step by step, the relation that a conjunct joins to it with the fewest
// rows (Steinbrunn, Moerkotte, Kemper 1997 call it the minimum selectivity heuristic). Quadratic.

import type { ColumnId, Expression } from '#common';
import type { Cardinality } from '../cardinality.ts';
import type { LogicalPlan } from '../../logical-plan.ts';
import { conjunction } from '../expression-tree.ts';
import { columnsOf } from '../plan-tree.ts';

interface Edge {
  readonly conjunct: Expression;
  readonly relations: ReadonlySet<number>;
  readonly selectivity: number;
}

/** Two relations at least. */
export function orderManyJoins(
  relations: readonly LogicalPlan[],
  conjuncts: readonly Expression[],
  cardinality: Cardinality,
): LogicalPlan {
  const owner = new Map<ColumnId, number>();
  relations.forEach((relation, at) => {
    for (const column of relation.outputs) owner.set(column.id, at);
  });
  const edges = conjuncts.map((conjunct): Edge => {
    const places = [...columnsOf(conjunct)].map((column) => owner.get(column));
    return {
      conjunct,
      relations: new Set(places.filter((place) => place !== undefined)),
      selectivity: cardinality.selectivity([conjunct]),
    };
  });
  const rows = relations.map((relation) => cardinality.rows(relation));
  return leftDeep(relations, edges, joinSequence(rows, edges));
}

function joinSequence(rows: readonly number[], edges: readonly Edge[]): number[] {
  const left = new Set(rows.keys());
  const first = [...left].reduce((best, at) => (rows[at] < rows[best] ? at : best));
  const sequence = [first];
  const taken = new Set(sequence);
  left.delete(first);
  let total = rows[first];
  while (left.size > 0) {
    let chosen: { at: number; rows: number; connected: boolean } | undefined;
    for (const at of left) {
      const completed = completedEdges(edges, taken, at).filter(
        ({ relations }) => relations.size > 1,
      );
      const connected = completed.length > 0;
      if (chosen?.connected === true && !connected) continue;
      const joined = completed.reduce(
        (product, { selectivity }) => product * selectivity,
        total * rows[at],
      );
      const isBetter =
        chosen === undefined || (connected && !chosen.connected) || joined < chosen.rows;
      if (isBetter) chosen = { at, rows: joined, connected };
    }
    const { at, rows: joined } = chosen!;
    sequence.push(at);
    taken.add(at);
    left.delete(at);
    total = Math.max(1, joined);
  }
  return sequence;
}

/** Conjuncts that can be asked once this relation joins those that were taken. */
function completedEdges(edges: readonly Edge[], taken: ReadonlySet<number>, at: number): Edge[] {
  return edges.filter(
    ({ relations }) =>
      relations.has(at) && [...relations].every((place) => place === at || taken.has(place)),
  );
}

function leftDeep(
  relations: readonly LogicalPlan[],
  edges: readonly Edge[],
  sequence: readonly number[],
): LogicalPlan {
  const [first, ...others] = sequence;
  const taken = new Set([first]);
  const asked = new Set<Edge>();
  let plan = relations[first];
  for (const at of others) {
    taken.add(at);
    const ready = edges.filter(
      (edge) => !asked.has(edge) && [...edge.relations].every((place) => taken.has(place)),
    );
    for (const edge of ready) asked.add(edge);
    const condition = conjunction(ready.map(({ conjunct }) => conjunct));
    const right = relations[at];
    plan = {
      kind: 'join',
      type: condition === undefined ? 'cross' : 'inner',
      left: plan,
      right,
      condition,
      lateral: false,
      outputs: [...plan.outputs, ...right.outputs],
    };
  }
  return plan;
}
