// The state of a search for a join order: the best way found to join each set of relations, and what it
// costs to join two sets. Rows of a set do not depend on how it was joined.

import { bulkCost, costs, descentCost, probeCost } from '../../physical/cost.ts';
import type { EqualityClass, GraphRelation, JoinGraph } from './join-graph.ts';
import { KeyCorrections } from './key-corrections.ts';
import { LearnedRows } from './learned-rows.ts';

export interface Candidate {
  readonly cost: number;
  readonly rows: number;
  /** Sets that are joined, 0 for a single relation. */
  readonly left: number;
  readonly right: number;
}

export class JoinSearch {
  readonly graph: JoinGraph;
  readonly best = new Map<number, Candidate>();
  private readonly dependent: number;
  private readonly keys: KeyCorrections;
  private readonly learned: LearnedRows;
  private readonly rows = new Map<number, number>();

  constructor(graph: JoinGraph) {
    this.graph = graph;
    this.keys = new KeyCorrections(graph);
    let dependent = 0;
    for (const { bit, rows, cost, dependence } of graph.relations) {
      this.best.set(bit, { cost, rows, left: 0, right: 0 });
      if (dependence !== undefined) dependent |= bit;
    }
    this.dependent = dependent;
    this.learned = new LearnedRows(graph, (set) => this.estimate(set));
  }

  /** Joins two sets if that is allowed and keeps the result if it is the cheapest for their union. */
  consider(first: number, second: number): void {
    const one = this.best.get(first);
    const other = this.best.get(second);
    if (one === undefined || other === undefined) return;
    if (this.isAllowed(first, second)) this.keep(first, second, one, other);
    else if (this.isAllowed(second, first)) this.keep(second, first, other, one);
  }

  /** May `right` stand at the right of a join with `left`? */
  isAllowed(left: number, right: number): boolean {
    if ((left & (left - 1)) === 0 && (left & this.dependent) !== 0) return false;
    if ((right & this.dependent) === 0) return true;
    if ((right & (right - 1)) !== 0) return true;
    const { required } = this.relation(right);
    return (required & ~left) === 0;
  }

  private keep(left: number, right: number, outer: Candidate, inner: Candidate): void {
    const set = left | right;
    const rows = this.rowsOf(set);
    const isDependent = (right & (right - 1)) === 0 && (right & this.dependent) !== 0;
    const forward = this.joinCost({ outer, inner, left, right, rows });
    const backward = isDependent
      ? Infinity
      : this.joinCost({ outer: inner, inner: outer, left: right, right: left, rows });
    const known = this.best.get(set);
    const cost = Math.min(forward, backward);
    if (known !== undefined && known.cost <= cost) return;
    this.best.set(
      set,
      forward <= backward ? { cost, rows, left, right } : { cost, rows, left: right, right: left },
    );
  }

  rowsOf(set: number): number {
    let rows = this.rows.get(set);
    if (rows === undefined) {
      rows = this.learned.corrected(set, this.estimate(set));
      this.rows.set(set, rows);
    }
    return rows;
  }

  private estimate(set: number): number {
    let rows = 1;
    for (const { bit, rows: own, dependence, factor } of this.graph.relations) {
      if ((set & bit) === 0) continue;
      rows *= dependence === undefined || set === bit ? own : factor;
    }
    for (const { relations, selectivity } of this.graph.edges) {
      const within = relations !== 0 && (relations & ~set) === 0;
      if (within && ((relations & (relations - 1)) !== 0 || (relations & this.dependent) !== 0))
        rows *= selectivity;
    }
    for (const each of this.graph.classes) rows *= classSelectivity(each, set);
    return Math.max(1, rows * this.keys.of(set));
  }

  /** The cheaper of a hash join that builds the right side and an index lookup per row of the left. */
  private joinCost(join: {
    readonly outer: Candidate;
    readonly inner: Candidate;
    readonly left: number;
    readonly right: number;
    readonly rows: number;
  }): number {
    const { outer, inner, left, right, rows } = join;
    const output = rows * costs.tuple;
    const hash =
      outer.cost +
      inner.cost +
      bulkCost(inner.rows, costs.hashBuild) +
      probeCost(outer.rows, rows) +
      bulkCost(rows, costs.tuple);
    if ((right & (right - 1)) !== 0) return hash;
    return Math.min(hash, outer.cost + outer.rows * this.lookupCost(right, left) + output);
  }

  /** Of one lookup into a relation, with values of a set; infinite without an index for it. */
  private lookupCost(right: number, left: number): number {
    let least = Infinity;
    for (const { rows, direct, columns } of this.relation(right).lookups) {
      let matches = rows;
      let fixed = 0;
      for (const { sources, distinct } of columns) {
        if ((sources & left) === 0) break;
        matches /= distinct;
        fixed++;
      }
      if (fixed === 0) continue;
      const perRow = costs.scanRow + (direct ? 0 : descentCost(rows, costs.fetch));
      const descent = descentCost(rows, costs.lookup);
      least = Math.min(least, costs.loop + descent + Math.max(1, matches) * perRow);
    }
    return least;
  }

  private relation(bit: number): GraphRelation {
    return this.graph.relations[31 - Math.clz32(bit)];
  }
}

/** Every member but the one with the fewest values divides the pairs by its number of values. */
function classSelectivity({ members, relations, selectivity }: EqualityClass, set: number): number {
  const within = relations & set;
  if ((within & (within - 1)) === 0) return 1;
  if (members.length === 2) return selectivity;
  let product = 1;
  let first = true;
  for (const { bit, distinct } of members) {
    if ((set & bit) === 0) continue;
    if (!first) product /= distinct;
    first = false;
  }
  return product;
}
