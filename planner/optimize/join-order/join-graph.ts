// What there is to order: relations, the conjuncts between them, and classes of columns that are all equal.
//
// Inner joins may be put together in any way. An outer, semi or anti join keeps its right side as a
// relation that depends on those its condition reads: it is joined, by its own type, to a set that has
// them all (its left side may grow or shrink by inner joins, which commutes with it: Moerkotte, Fender,
// Eich 2013, rules for left asscom and associativity). Conditions asked above it wait for it.
//
// Sets of relations are bits of a small integer.

import type { CallExpression, ColumnId, Expression } from '#common';
import type { LogicalPlan } from '../../logical-plan.ts';
import { antiSelectivity, type Cardinality } from '../cardinality.ts';
import { defaultEquality } from '../equivalence.ts';
import { columnsOf } from '../plan-tree.ts';
import { relationCost } from './relation-cost.ts';
import { type Lookup, lookupsOf } from './lookups.ts';

/** So many relations fit the bits of a small integer. */
export const bitRelationsMax = 30;

export interface Dependence {
  readonly type: 'left' | 'semi' | 'anti';
  readonly conjuncts: readonly Expression[];
}

/** A relation as the plan names it; `dependence` for the right side of a join that is no inner one. */
export interface Relation {
  readonly plan: LogicalPlan;
  readonly dependence: Dependence | undefined;
  /** Relations at the left of its join in the statement. */
  readonly leftCount: number;
}

export interface GraphRelation extends Relation {
  readonly bit: number;
  readonly rows: number;
  readonly cost: number;
  /** Dependent ones: relations that must be there first. */
  readonly required: number;
  /** Dependent ones: the factor by which the join changes the rows of its left side. */
  readonly factor: number;
  readonly lookups: readonly Lookup[];
}

export interface Edge {
  readonly conjunct: Expression;
  readonly relations: number;
  readonly selectivity: number;
}

export interface ClassMember {
  readonly bit: number;
  readonly column: Expression;
  readonly distinct: number;
}

/** Columns of different relations that conjuncts set equal: any spanning set of equalities says it all. */
export interface EqualityClass {
  readonly members: readonly ClassMember[];
  readonly relations: number;
  /** An equality of the class, to be made one of any two members. */
  readonly template: CallExpression;
  /** Of its own two members, when there are just two. */
  readonly selectivity: number;
}

export interface JoinGraph {
  readonly cardinality: Cardinality;
  readonly relations: readonly GraphRelation[];
  readonly edges: readonly Edge[];
  readonly classes: readonly EqualityClass[];
  /** Per relation: those that something joins it to. */
  readonly neighbours: readonly number[];
}

export function joinGraph(
  relations: readonly Relation[],
  conjuncts: readonly Expression[],
  cardinality: Cardinality,
): JoinGraph {
  const owner = new Map<ColumnId, number>();
  relations.forEach(({ plan, dependence }, at) => {
    if (dependence?.type === 'semi' || dependence?.type === 'anti') return;
    for (const column of plan.outputs) owner.set(column.id, at);
  });
  const bitsOf = (expression: Expression): number => {
    let bits = 0;
    for (const column of columnsOf(expression)) {
      const at = owner.get(column);
      if (at !== undefined) bits |= 1 << at;
    }
    return bits;
  };
  const dependent = bitsWhere(relations, ({ dependence }) => dependence !== undefined);
  const { classes, others } = equalityClasses(conjuncts, { bitsOf, dependent, cardinality });
  const edges = others.map((conjunct): Edge => ({
    conjunct,
    relations: bitsOf(conjunct),
    selectivity: cardinality.joinSelectivity([conjunct]),
  }));
  const described = relations.map((relation, at): GraphRelation => {
    const { plan, dependence } = relation;
    const bit = 1 << at;
    return {
      ...relation,
      bit,
      rows: cardinality.rows(plan),
      cost: relationCost(plan, cardinality),
      required: dependence === undefined ? 0 : requiredOf(relation, bitsOf, bit, dependent),
      factor: dependence === undefined ? 1 : factorOf(relation, dependence, cardinality),
      lookups: lookupsOf(plan, bit, { classes, edges, dependence, bitsOf, cardinality }),
    };
  });
  const neighbours = neighboursOf(described, edges, classes);
  return { cardinality, relations: described, edges, classes, neighbours };
}

function bitsWhere(relations: readonly Relation[], test: (relation: Relation) => boolean): number {
  return relations.reduce((bits, relation, at) => (test(relation) ? bits | (1 << at) : bits), 0);
}

/** What the condition reads; a condition that reads nothing of the left side stays where it stood. */
function requiredOf(
  { dependence, leftCount }: Relation,
  bitsOf: (expression: Expression) => number,
  bit: number,
  dependent: number,
): number {
  let required = 0;
  for (const conjunct of dependence!.conjuncts) required |= bitsOf(conjunct);
  required &= ~bit;
  return (required & ~dependent) === 0 ? required | leftSideOf(bit, leftCount) : required;
}

/** Relations are numbered from left to right, so the left side is the ones right before. */
function leftSideOf(bit: number, leftCount: number): number {
  const at = 31 - Math.clz32(bit);
  let bits = 0;
  for (let each = at - leftCount; each < at; each++) bits |= 1 << each;
  return bits;
}

function factorOf(
  { plan }: Relation,
  { type, conjuncts }: Dependence,
  cardinality: Cardinality,
): number {
  if (type === 'left')
    return Math.max(1, cardinality.rows(plan) * cardinality.joinSelectivity(conjuncts));
  const matched = cardinality.semiSelectivity(conjuncts, plan);
  return type === 'semi' ? matched : antiSelectivity(matched);
}

interface ClassParts {
  readonly bitsOf: (expression: Expression) => number;
  readonly dependent: number;
  readonly cardinality: Cardinality;
}

interface GrowingClass {
  members: ClassMember[];
  readonly columns: Set<ColumnId>;
  readonly template: CallExpression;
}

/** Columns of dependent relations may be null-extended, so an equality with them is no class. */
function equalityClasses(
  conjuncts: readonly Expression[],
  { bitsOf, dependent, cardinality }: ClassParts,
): { readonly classes: readonly EqualityClass[]; readonly others: readonly Expression[] } {
  let growing: GrowingClass[] = [];
  const others: Expression[] = [];
  for (const conjunct of conjuncts) {
    const equality = defaultEquality(conjunct);
    const { left, right } = equality ?? { left: undefined, right: undefined };
    if (conjunct.kind !== 'call' || left?.kind !== 'column' || right?.kind !== 'column') {
      others.push(conjunct);
      continue;
    }
    const sides = [left, right].map((column): ClassMember & { readonly id: ColumnId } => ({
      id: column.column,
      bit: bitsOf(column),
      column,
      distinct: cardinality.distinct(column),
    }));
    const touched = growing.filter((each) => sides.some(({ id }) => each.columns.has(id)));
    const members = [
      ...touched.flatMap((each) => each.members),
      ...sides.filter(({ id }) => !touched.some((each) => each.columns.has(id))),
    ];
    const bits = members.reduce((sum, { bit }) => sum | bit, 0);
    const isPlain = sides.every(({ bit }) => bit !== 0 && (bit & dependent) === 0);
    // Two columns of one relation, or an equality that the class has: no new class.
    if (!isPlain || members.some(({ bit }) => bit === 0) || bitCount(bits) < members.length) {
      others.push(conjunct);
      continue;
    }
    if (touched.length === 1 && members.length === touched[0].members.length) continue;
    growing = growing.filter((each) => !touched.includes(each));
    growing.push({
      members,
      columns: new Set(members.map(({ column }) => (column.kind === 'column' ? column.column : 0))),
      template: conjunct,
    });
  }
  const classes = growing.map(({ members, template }): EqualityClass => ({
    members: members.toSorted((left, right) => left.distinct - right.distinct),
    relations: members.reduce((sum, { bit }) => sum | bit, 0),
    template,
    selectivity: cardinality.selectivity([template]),
  }));
  return { classes, others };
}

function neighboursOf(
  relations: readonly GraphRelation[],
  edges: readonly Edge[],
  classes: readonly EqualityClass[],
): number[] {
  const neighbours = relations.map(() => 0);
  const connect = (bits: number): void => {
    relations.forEach(({ bit }, at) => {
      if ((bits & bit) !== 0) neighbours[at] |= bits & ~bit;
    });
  };
  for (const edge of edges) connect(edge.relations);
  for (const each of classes) connect(each.relations);
  for (const { bit, required } of relations) {
    relations.forEach((other, at) => {
      if ((required & other.bit) !== 0) neighbours[at] |= bit;
    });
    if (required !== 0) neighbours[31 - Math.clz32(bit)] |= required;
  }
  return neighbours;
}

export function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The conjunct of a class between two of its members. */
export function equalityOf(
  { template }: EqualityClass,
  left: ClassMember,
  right: ClassMember,
): Expression {
  return { ...template, arguments: [left.column, right.column] };
}
