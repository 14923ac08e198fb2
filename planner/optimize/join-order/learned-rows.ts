// What executions have taught about sets of relations, and what that says of larger ones: an estimate is corrected by the
// factors by which the estimates of its parts were off, the largest parts first, each relation once.

import type { Expression } from '#common';
import { bitCount, equalityOf, type JoinGraph } from './join-graph.ts';

export class LearnedRows {
  private readonly sets: readonly { readonly set: number; readonly factor: number }[];
  private readonly exact: ReadonlyMap<number, number>;

  /** `estimate`: rows of a set from statistics alone. */
  constructor(graph: JoinGraph, estimate: (set: number) => number) {
    this.exact = graph.cardinality.learnedSets(graph.relations, (set) =>
      conjunctsWithin(graph, set),
    );
    this.sets = [...this.exact]
      .map(([set, rows]) => ({ set, factor: rows / estimate(set) }))
      .toSorted((left, right) => bitCount(right.set) - bitCount(left.set));
  }

  corrected(set: number, estimated: number): number {
    const exact = this.exact.get(set);
    if (exact !== undefined || this.sets.length === 0) return exact ?? estimated;
    let rows = estimated;
    let rest = set;
    for (const { set: part, factor } of this.sets) {
      if ((part & ~rest) !== 0) continue;
      rows *= factor;
      rest &= ~part;
    }
    return Math.max(1, rows);
  }
}

/** All that is asked of the relations of a set together. */
function conjunctsWithin(graph: JoinGraph, set: number): Expression[] {
  const conjuncts: Expression[] = [];
  for (const each of graph.classes) {
    const within = each.members.filter(({ bit }) => (bit & set) !== 0);
    for (let at = 1; at < within.length; at++)
      conjuncts.push(equalityOf(each, within[at - 1], within[at]));
  }
  for (const { conjunct, relations } of graph.edges)
    if (relations !== 0 && (relations & ~set) === 0) conjuncts.push(conjunct);
  return conjuncts;
}
