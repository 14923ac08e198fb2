// Join order. A tree of inner joins is flattened into relations and conjuncts and put together anew:
// by dynamic programming over subsets (Selinger's, bushy trees, DPsub) up to a limit, greedily by the
// smallest intermediate result beyond it, and left-deep (order-many-joins.ts) for very long lists. Outer, semi, anti and lateral joins are relations of their
// own to this pass; their inputs are ordered by themselves.

import type { ColumnId, Expression } from '#common';
import { Cardinality } from '../cardinality.ts';
import type { JoinNode, LogicalPlan } from '../../logical-plan.ts';
import { conjunction, conjunctsOf } from '../expression-tree.ts';
import { defaultEquality } from '../equivalence.ts';
import { costs } from '../../physical/cost.ts';
import type { Pass } from '../pass.ts';
import { orderManyJoins } from './order-many-joins.ts';
import { columnsOf, mapExpressions, mapInputs, rewriteSubqueries } from '../plan-tree.ts';

/** Above this many relations the search is greedy (3^n splits). */
export const exhaustiveRelationsMax = 8;

/** So many relations fit the bits of a small integer. */
const bitRelationsMax = 30;

export const orderJoinsPass: Pass = {
  name: 'order joins',
  rewrite(plan, { catalog }) {
    return order(plan, new Cardinality(catalog, plan));
  },
};

function order(plan: LogicalPlan, cardinality: Cardinality): LogicalPlan {
  if (isReorderable(plan)) {
    const relations: LogicalPlan[] = [];
    const conjuncts: Expression[] = [];
    flatten(plan, relations, conjuncts);
    const ordered = relations.map((relation) => order(relation, cardinality));
    if (relations.length > 2) {
      const inner = conjuncts.map((conjunct) => inSubqueries(conjunct, cardinality));
      return ordered.length > bitRelationsMax
        ? orderManyJoins(ordered, inner, cardinality)
        : new JoinOrder(ordered, inner, cardinality).build();
    }
  }
  return mapInputs(
    mapExpressions(plan, (expression) => inSubqueries(expression, cardinality)),
    (input) => order(input, cardinality),
  );
}

function inSubqueries(expression: Expression, cardinality: Cardinality): Expression {
  return rewriteSubqueries(expression, (query) => order(query, cardinality));
}

function isReorderable(plan: LogicalPlan): plan is JoinNode {
  return plan.kind === 'join' && (plan.type === 'inner' || plan.type === 'cross') && !plan.lateral;
}

function flatten(plan: LogicalPlan, relations: LogicalPlan[], conjuncts: Expression[]): void {
  if (!isReorderable(plan)) {
    relations.push(plan);
    return;
  }
  flatten(plan.left, relations, conjuncts);
  flatten(plan.right, relations, conjuncts);
  conjuncts.push(...conjunctsOf(plan.condition));
}

interface Edge {
  readonly conjunct: Expression;
  /** Bits of the relations that the conjunct reads. */
  readonly relations: number;
  readonly selectivity: number;
}

interface Candidate {
  readonly cost: number;
  readonly rows: number;
  readonly left: number;
  readonly right: number;
}

class JoinOrder {
  private readonly relations: readonly LogicalPlan[];
  private readonly edges: readonly Edge[];
  private readonly rowsOf: readonly number[];
  /** Per relation: bits of the relations from which one of its indexes can be looked up. */
  private readonly lookups: readonly number[];
  private readonly best = new Map<number, Candidate>();

  constructor(
    relations: readonly LogicalPlan[],
    conjuncts: readonly Expression[],
    cardinality: Cardinality,
  ) {
    this.relations = relations;
    this.rowsOf = relations.map((relation) => cardinality.rows(relation));
    const owner = new Map<ColumnId, number>();
    relations.forEach((relation, at) =>
      relation.outputs.forEach((column) => owner.set(column.id, at)),
    );
    this.edges = conjuncts.map((conjunct) => {
      let bits = 0;
      for (const column of columnsOf(conjunct)) {
        const at = owner.get(column);
        if (at !== undefined) bits |= 1 << at;
      }
      return { conjunct, relations: bits, selectivity: cardinality.selectivity([conjunct]) };
    });
    this.lookups = relations.map((relation, at) => this.lookupSources(relation, at));
  }

  build(): LogicalPlan {
    const count = this.relations.length;
    for (let at = 0; at < count; at++) {
      this.best.set(1 << at, {
        cost: this.rowsOf[at] * costs.tuple,
        rows: this.rowsOf[at],
        left: 0,
        right: 0,
      });
    }
    const whole = 2 ** count - 1;
    if (count <= exhaustiveRelationsMax) this.searchExhaustively(whole);
    else this.searchGreedily(count);
    return this.tree(whole);
  }

  private searchExhaustively(whole: number): void {
    for (let set = 1; set <= whole; set++) {
      if ((set & (set - 1)) === 0) continue;
      if (!this.trySplits(set, true)) this.trySplits(set, false);
    }
  }

  /** Tries all ways to split a set in two; with `connected` only those that a conjunct joins. */
  private trySplits(set: number, connected: boolean): boolean {
    let found: Candidate | undefined;
    let rows = -1;
    for (let left = (set - 1) & set; left > 0; left = (left - 1) & set) {
      const right = set ^ left;
      const outer = this.best.get(left);
      const inner = this.best.get(right);
      if (outer === undefined || inner === undefined) continue;
      if (connected && !this.areConnected(left, right)) continue;
      if (rows < 0) rows = this.rowsOfSet(set);
      const cost = this.joinCost({ outer, inner, left, right, rows });
      if (found === undefined || cost < found.cost) found = { cost, rows, left, right };
    }
    if (found === undefined) return false;
    this.best.set(set, found);
    return true;
  }

  private searchGreedily(count: number): void {
    const parts: number[] = [];
    for (let at = 0; at < count; at++) parts.push(1 << at);
    while (parts.length > 1) {
      let chosen:
        | { first: number; second: number; candidate: Candidate; connected: boolean }
        | undefined;
      for (let first = 0; first < parts.length; first++) {
        for (let second = 0; second < parts.length; second++) {
          if (first === second) continue;
          const left = parts[first];
          const right = parts[second];
          const connected = this.areConnected(left, right);
          if (chosen?.connected === true && !connected) continue;
          const rows = this.rowsOfSet(left | right);
          const cost = this.joinCost({
            outer: this.best.get(left)!,
            inner: this.best.get(right)!,
            left,
            right,
            rows,
          });
          const better =
            chosen === undefined ||
            (connected && !chosen.connected) ||
            rows < chosen.candidate.rows ||
            (rows === chosen.candidate.rows && cost < chosen.candidate.cost);
          if (better) chosen = { first, second, connected, candidate: { cost, rows, left, right } };
        }
      }
      const { first, second, candidate } = chosen!;
      const merged = parts[first] | parts[second];
      this.best.set(merged, candidate);
      parts.splice(Math.max(first, second), 1);
      parts.splice(Math.min(first, second), 1);
      parts.push(merged);
    }
  }

  private areConnected(left: number, right: number): boolean {
    const both = left | right;
    return this.edges.some(
      ({ relations }) =>
        (relations & left) !== 0 && (relations & right) !== 0 && (relations & ~both) === 0,
    );
  }

  private rowsOfSet(set: number): number {
    let rows = 1;
    for (let at = 0; at < this.relations.length; at++)
      if ((set & (1 << at)) !== 0) rows *= this.rowsOf[at];
    for (const edge of this.edges) {
      const within = edge.relations !== 0 && (edge.relations & ~set) === 0;
      if (within && (edge.relations & (edge.relations - 1)) !== 0) rows *= edge.selectivity;
    }
    return Math.max(1, rows);
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
      inner.rows * costs.hashBuild +
      outer.rows * costs.hashProbe +
      output;
    const single = (right & (right - 1)) === 0 ? 31 - Math.clz32(right) : -1;
    if (single < 0 || (this.lookups[single] & left) === 0) return hash;
    return Math.min(hash, outer.cost + outer.rows * costs.lookup + output);
  }

  /** Which relations can drive an index lookup into this one. */
  private lookupSources(relation: LogicalPlan, at: number): number {
    const scan = relation.kind === 'filter' ? relation.input : relation;
    if (scan.kind !== 'scan') return 0;
    const leading = new Set<number>();
    if (scan.table.keyColumns.length > 0) leading.add(scan.table.keyColumns[0]);
    for (const index of scan.table.indexes)
      if (index.columns[0] !== undefined) leading.add(index.columns[0].attributeNumber);
    const columns = new Set<ColumnId>();
    scan.sources.forEach((source, position) => {
      if (source.kind === 'attribute' && leading.has(source.attributeNumber))
        columns.add(scan.outputs[position].id);
    });
    let sources = 0;
    for (const edge of this.edges) {
      const equality = defaultEquality(edge.conjunct);
      if (equality === undefined) continue;
      const reads = [equality.left, equality.right].some(
        (side) => side.kind === 'column' && columns.has(side.column),
      );
      if (reads) sources |= edge.relations & ~(1 << at);
    }
    return sources;
  }

  private tree(set: number): LogicalPlan {
    const candidate = this.best.get(set)!;
    if (candidate.left === 0) return this.relations[31 - Math.clz32(set)];
    return this.join(this.tree(candidate.left), this.tree(candidate.right), {
      left: candidate.left,
      right: candidate.right,
    });
  }

  private join(
    left: LogicalPlan,
    right: LogicalPlan,
    bits: { readonly left: number; readonly right: number },
  ): LogicalPlan {
    const both = bits.left | bits.right;
    const conjuncts = this.edges
      .filter(
        ({ relations }) =>
          (relations & ~both) === 0 &&
          (relations & ~bits.left) !== 0 &&
          (relations & ~bits.right) !== 0,
      )
      .map(({ conjunct }) => conjunct);
    // A conjunct that reads no relation at all is asked once, at the top.
    if (both === 2 ** this.relations.length - 1) {
      for (const edge of this.edges) if (edge.relations === 0) conjuncts.push(edge.conjunct);
    }
    // So is one of a single relation that had to stay in the join (volatile): with its relation.
    for (const edge of this.edges) {
      const single = edge.relations !== 0 && (edge.relations & (edge.relations - 1)) === 0;
      if (single && (edge.relations === bits.left || edge.relations === bits.right))
        conjuncts.push(edge.conjunct);
    }
    const condition = conjunction(conjuncts);
    return {
      kind: 'join',
      type: condition === undefined ? 'cross' : 'inner',
      left,
      right,
      condition,
      lateral: false,
      outputs: [...left.outputs, ...right.outputs],
    };
  }
}
