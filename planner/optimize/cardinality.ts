// How many rows a plan makes, from the statistics of its tables (estimate/) and the shape of the plan.
// Three questions: rows of a plan, selectivity of a condition, distinct values of an expression.

import type { ColumnId, Datum, Expression, LogicExpression, TableDescriptor } from '#common';
import { systemRelationRows } from '../system-relation-size.ts';
import type { Catalog } from '../catalog.ts';
import type {
  AggregateNode,
  FilterNode,
  JoinNode,
  LogicalPlan,
  PlanColumn,
  ScanNode,
} from '../logical-plan.ts';
import {
  feedbackRowsMin,
  learnedFraction,
  type ScanExpectation,
} from '../feedback/table-feedback.ts';
import { predicateKey } from '../feedback/predicate-key.ts';
import { learnedSets } from '../feedback/learned-sets.ts';
import { hasRowFeedback, learnedRows } from '../feedback/row-feedback.ts';
import { groupingKey, joinKey, type JoinPart, partsOf } from '../feedback/row-key.ts';
import { columnFacts, type ColumnFacts, defaultDistinct } from './estimate/column-facts.ts';
import { ConditionSelectivity } from './estimate/condition-selectivity.ts';
import { groupCount } from './estimate/group-count.ts';
import { keyJoinCorrection } from './estimate/key-joins.ts';
import { onlyColumn, sampledDistinct } from './estimate/sampled-values.ts';
import { tableRows } from './estimate/table-rows.ts';
import { restrictionTo } from './disjunctions.ts';
import { defaultEquality } from './equivalence.ts';
import { conjunctsOf, visitExpression } from './expression-tree.ts';
import { columnsOf, inputsOf, visitExpressions } from './plan-tree.ts';

interface Origin {
  readonly table: TableDescriptor;
  readonly attributeNumber: number;
}

/** A WITH query whose rows are there: they need not be estimated. */
export interface KeptRows {
  readonly cteId: number;
  readonly rows: number;
  /** What was computed, when the WITH query stands for a part of the statement itself. */
  readonly plan?: LogicalPlan;
  readonly distinct?: ReadonlyMap<ColumnId, number>;
}

/** What was asked before. */
interface Answers {
  readonly rows: WeakMap<LogicalPlan, number>;
  /** Conditions on rows of scans whose columns are known. */
  readonly scans: Map<ScanNode, ConditionSelectivity>;
  isUncertain: boolean;
}

export interface EstimateOptions {
  /** What the parameters are in the execution at hand. */
  readonly parameters?: readonly Datum[] | undefined;
  /** What executions have taught goes before statistics. */
  readonly usesFeedback?: boolean | undefined;
  readonly kept?: readonly KeptRows[] | undefined;
}

export class Cardinality {
  readonly catalog: Catalog;
  readonly parameters: readonly Datum[] | undefined;
  private readonly usesFeedback: boolean;
  private readonly basis: Cardinality | undefined;
  private readonly learned = new WeakSet<LogicalPlan>();
  private readonly origins: Map<ColumnId, Origin>;
  private readonly scans: Map<ColumnId, ScanNode>;
  private readonly aliases: Map<ColumnId, ColumnId>;
  /** Columns that an expression makes; and those of which each row of an aggregate has its own value. */
  private readonly computed: Map<ColumnId, Expression>;
  private readonly groupKeys: Map<ColumnId, AggregateNode>;
  private readonly counting = new Set<AggregateNode>();
  private readonly cteRows: Map<number, number>;
  private readonly keptRows: Map<number, number>;
  private readonly countedDistinct: Map<ColumnId, number>;
  private readonly cteColumns: Map<number, readonly PlanColumn[]>;
  private readonly knownFacts: Map<ColumnId, ColumnFacts | undefined>;
  private readonly knownDistinct = new WeakMap<Expression, number>();
  private readonly conditions: ConditionSelectivity;
  private readonly answers: Answers;
  private taught: boolean | undefined = undefined;

  /**
   * `usesFeedback`: what executions have taught about conditions goes before statistics. `basis`: for another form of
   * the same statement, begins with what this one knows, and shares its answers.
   */
  constructor(
    catalog: Catalog,
    plan: LogicalPlan,
    { parameters, usesFeedback = false, kept = [] }: EstimateOptions = {},
    basis?: Cardinality,
  ) {
    this.catalog = catalog;
    this.parameters = parameters;
    this.usesFeedback = usesFeedback;
    this.basis = basis;
    this.origins = new Map(basis?.origins);
    this.scans = new Map(basis?.scans);
    this.aliases = new Map(basis?.aliases);
    this.computed = new Map(basis?.computed);
    this.groupKeys = new Map(basis?.groupKeys);
    this.cteRows = new Map(basis?.cteRows);
    this.keptRows = new Map(basis?.keptRows);
    this.countedDistinct = new Map(basis?.countedDistinct);
    this.cteColumns = new Map(basis?.cteColumns);
    this.knownFacts = new Map(basis?.knownFacts);
    this.answers = basis?.answers ?? { rows: new WeakMap(), scans: new Map(), isUncertain: false };
    this.conditions = this.conditionsOver(undefined);
    for (const each of kept) this.keep(each);
    this.learn(plan);
  }

  /** Some estimate would be another one if the values of the parameters were known. */
  get isUncertain(): boolean {
    return this.answers.isUncertain;
  }

  /** What it knows, for a plan that may be taken in the place of a part of this one, or not. */
  withPlan(plan: LogicalPlan): Cardinality {
    const { catalog, parameters, usesFeedback } = this;
    return new Cardinality(catalog, plan, { parameters, usesFeedback }, this);
  }

  private keep({ cteId, rows, plan, distinct = new Map() }: KeptRows): void {
    if (plan !== undefined) this.learn(plan);
    this.keptRows.set(cteId, rows);
    for (const [column, count] of distinct) this.countedDistinct.set(column, count);
  }

  private conditionsOver(own: ReadonlySet<ColumnId> | undefined): ConditionSelectivity {
    return new ConditionSelectivity({
      facts: (column) =>
        own === undefined || own.has(this.source(column)) ? this.facts(column) : undefined,
      varies: (column) => own === undefined || own.has(column),
      distinct: (expression) => this.distinct(expression),
      parameters: this.parameters,
      onUncertain: () => (this.answers.isUncertain = true),
    });
  }

  /** Takes in the columns of a plan; called for plans that a pass made after the construction. */
  learn(plan: LogicalPlan): void {
    if (this.hasLearned(plan)) return;
    this.learnPlan(plan);
    this.conditions.forget();
  }

  private hasLearned(plan: LogicalPlan): boolean {
    return this.learned.has(plan) || this.basis?.hasLearned(plan) === true;
  }

  private learnPlan(plan: LogicalPlan): void {
    if (this.hasLearned(plan)) return;
    this.learned.add(plan);
    if (plan.kind === 'scan') this.learnScan(plan);
    if (plan.kind === 'project') {
      plan.expressions.forEach((expression, at) => {
        const id = plan.outputs[at].id;
        if (expression.kind === 'column' && expression.column !== id)
          this.alias(id, expression.column);
        else if (expression.kind !== 'column') this.computed.set(id, expression);
      });
    }
    if (plan.kind === 'aggregate') this.learnAggregate(plan);
    if (plan.kind === 'setOperation') {
      const [first] = plan.inputs;
      plan.outputs.forEach((column, at) => this.alias(column.id, first.outputs[at].id));
    }
    if (plan.kind === 'with') {
      for (const { cteId, plan: made } of plan.definitions)
        this.cteColumns.set(cteId, made.outputs);
    }
    if (plan.kind === 'cteScan') {
      const made = this.cteColumns.get(plan.cteId);
      for (const [at, { id }] of plan.outputs.entries()) {
        const column = made?.[plan.columns[at]];
        if (column !== undefined && column.id !== id) this.alias(id, column.id);
      }
    }
    visitExpressions(plan, (expression) =>
      visitExpression(expression, (node) => {
        if (node.kind === 'subquery') this.learnPlan(node.plan as LogicalPlan);
      }),
    );
    for (const input of inputsOf(plan)) this.learnPlan(input);
    if (plan.kind === 'with') {
      for (const definition of plan.definitions) {
        const growth = definition.recursive === undefined ? 1 : 10;
        this.cteRows.set(definition.cteId, this.rows(definition.plan) * growth);
      }
    }
  }

  private learnAggregate(plan: AggregateNode): void {
    plan.groupKeys.forEach((key, at) => {
      const { id } = plan.outputs[at];
      if (key.kind === 'column' && key.column !== id) this.alias(id, key.column);
      else if (key.kind !== 'column') this.computed.set(id, key);
      if (plan.groupKeys.length === 1) this.groupKeys.set(id, plan);
    });
  }

  private learnScan(plan: ScanNode): void {
    plan.sources.forEach((source, at) => {
      this.scans.set(plan.outputs[at].id, plan);
      if (source.kind !== 'attribute') return;
      this.origins.set(plan.outputs[at].id, {
        table: plan.table,
        attributeNumber: source.attributeNumber,
      });
    });
  }

  rows(plan: LogicalPlan): number {
    let rows = this.answers.rows.get(plan);
    if (rows === undefined) {
      rows = Math.max(1, this.estimate(plan));
      this.answers.rows.set(plan, rows);
    }
    return rows;
  }

  tableRows(table: TableDescriptor): number {
    return tableRows(this.catalog, table);
  }

  /** How many of them come from column segments. */
  segmentRows(table: TableDescriptor): number {
    return Math.min(this.tableRows(table), this.catalog.segmentRows(table.oid));
  }

  private estimate(plan: LogicalPlan): number {
    switch (plan.kind) {
      case 'scan':
        return this.tableRows(plan.table);
      case 'systemScan':
        return systemRelationRows(plan.relation.name);
      case 'values':
        return plan.rows.length;
      case 'functionScan':
        return 1000;
      case 'filter':
        return this.rows(plan.input) * this.filterSelectivity(plan);
      case 'projectSet':
        return this.rows(plan.input) * 10;
      case 'join':
        return plan.estimatedRows ?? this.learnedJoinRows(plan) ?? this.joinRows(plan);
      case 'aggregate':
        return this.learnedGroupRows(plan) ?? this.groupRows(plan);
      case 'limit': {
        const count =
          plan.count?.kind === 'constant' ? Number(plan.count.value ?? Infinity) : Infinity;
        const rows = this.rows(plan.input);
        return Math.min(
          count,
          plan.count !== undefined && plan.count.kind !== 'constant' ? rows * 0.1 : rows,
        );
      }
      case 'distinct':
        return groupCount(this, plan.on ?? columnsAsExpressions(plan.input), this.rows(plan.input));
      case 'setOperation': {
        const rows = plan.inputs.map((input) => this.rows(input));
        const sum = rows.reduce((total, count) => total + count, 0);
        if (plan.operation === 'union') return plan.all ? sum : sum * 0.7;
        return Math.min(...rows) * 0.5;
      }
      case 'cteScan':
        return this.keptRows.get(plan.cteId) ?? this.cteRows.get(plan.cteId) ?? 100;
      case 'with':
        return this.rows(plan.body);
      case 'project':
      case 'window':
      case 'sort':
      case 'lockRows':
        return this.rows(plan.input);
      case 'insert':
      case 'update':
      case 'delete':
      case 'merge':
        return this.rows(plan.source);
      case 'sequence':
      case 'empty':
      case 'singleRow':
        return 1;
    }
  }

  /** What executions have seen of it; undefined: nothing. */
  private learnedJoinRows(plan: JoinNode): number | undefined {
    if (!this.hasTaught()) return undefined;
    const joined = partsOf(plan);
    const key = joined && joinKey(joined.parts, joined.conjuncts, this.parameters);
    return key && learnedRows(key, this.catalog);
  }

  private learnedGroupRows(plan: AggregateNode): number | undefined {
    if (!this.hasTaught()) return undefined;
    const key = groupingKey(plan, this.parameters);
    return key && learnedRows(key, this.catalog);
  }

  private hasTaught(): boolean {
    if (!this.usesFeedback) return false;
    this.taught ??= hasRowFeedback(Array.from(this.origins.values(), ({ table }) => table));
    return this.taught;
  }

  /** Sets of joined relations, as bits, whose rows executions have seen. */
  learnedSets(relations: readonly JoinPart[], conjunctsOfSet: (set: number) => Expression[]) {
    if (!this.hasTaught()) return new Map<number, number>();
    return learnedSets(relations, conjunctsOfSet, this);
  }

  private joinRows(plan: JoinNode): number {
    const left = this.rows(plan.left);
    const right = this.rows(plan.right);
    const conjuncts = conjunctsOf(plan.condition);
    if (plan.type === 'semi') return left * this.semiSelectivity(conjuncts, plan.right);
    if (plan.type === 'anti')
      return left * antiSelectivity(this.semiSelectivity(conjuncts, plan.right));
    const matched = left * right * this.joinSelectivity(conjuncts);
    switch (plan.type) {
      case 'left':
        return Math.max(left, matched);
      case 'right':
        return Math.max(right, matched);
      case 'full':
        return Math.max(left, right, matched);
      default:
        return matched;
    }
  }

  /** Of all pairs of rows; equalities that make up a key of one side count as one. */
  joinSelectivity(conjuncts: readonly Expression[]): number {
    let selectivity = this.selectivity(conjuncts);
    for (const conjunct of conjuncts)
      if (conjunct.kind === 'or')
        selectivity = Math.min(1, selectivity / this.impliedSelectivity(conjunct));
    if (conjuncts.length < 2) return selectivity;
    return Math.min(1, selectivity * keyJoinCorrection(conjuncts, (column) => this.facts(column)));
  }

  /** What a disjunction over several relations says about each alone has been asked there already. */
  private impliedSelectivity(disjunction: LogicExpression): number {
    const scans = new Map<ScanNode, Set<ColumnId>>();
    for (const column of columnsOf(disjunction)) {
      const scan = this.scans.get(this.source(column));
      if (scan === undefined) continue;
      const columns = scans.get(scan) ?? new Set();
      scans.set(scan, columns.add(column));
    }
    if (scans.size < 2) return 1;
    let selectivity = 1;
    for (const columns of scans.values()) {
      const restriction = restrictionTo(disjunction, columns);
      if (restriction !== undefined) selectivity *= this.selectivity([restriction]);
    }
    return Math.max(selectivity, 1e-9);
  }

  /** The fraction of left rows that have a partner at the right. */
  semiSelectivity(conjuncts: readonly Expression[], right: LogicalPlan): number {
    const rightRows = this.rows(right);
    const made = new Set(right.outputs.map((column) => column.id));
    const others: Expression[] = [];
    let selectivity = 1;
    let partners = rightRows;
    for (const conjunct of conjuncts) {
      const equality = defaultEquality(conjunct);
      if (equality === undefined) {
        others.push(conjunct);
        continue;
      }
      const reads = onlyColumn(equality.left);
      const [outer, inner] =
        reads !== undefined && made.has(reads.column)
          ? [equality.right, equality.left]
          : [equality.left, equality.right];
      const innerDistinct = Math.min(this.distinct(inner), rightRows);
      const outerFacts = outer.kind === 'column' ? this.facts(outer.column) : undefined;
      selectivity *=
        Math.min(1, innerDistinct / this.distinct(outer)) * (1 - (outerFacts?.nullFraction ?? 0));
      partners = Math.min(partners, rightRows / innerDistinct);
    }
    if (others.length === 0) return selectivity;
    const each = this.selectivity(others);
    // At least one of the partners meets the other conditions.
    return selectivity * (1 - (1 - each) ** Math.max(1, partners));
  }

  private groupRows(plan: AggregateNode): number {
    // Conditions below may ask how many groups there are, when a key keeps its name.
    this.counting.add(plan);
    const rows = this.rows(plan.input);
    this.counting.delete(plan);
    if (plan.groupingSets === undefined) {
      this.counting.add(plan);
      const groups = plan.groupKeys.length === 0 ? 1 : groupCount(this, plan.groupKeys, rows);
      this.counting.delete(plan);
      return groups;
    }
    return plan.groupingSets.reduce(
      (sum, set) =>
        sum +
        Math.max(
          1,
          groupCount(
            this,
            set.map((at) => plan.groupKeys[at]),
            rows,
          ),
        ),
      0,
    );
  }

  /** The fraction of rows for which all conjuncts are true. */
  selectivity(conjuncts: readonly Expression[]): number {
    return this.conditions.ofAll(conjuncts);
  }

  private filterSelectivity(plan: FilterNode): number {
    const conjuncts = conjunctsOf(plan.condition);
    const expected =
      plan.input.kind === 'scan' ? this.expectation(plan.input, conjuncts) : undefined;
    if (expected?.corrected !== undefined) return expected.corrected;
    return this.selectivity(conjuncts);
  }

  /** What a scan expects of a filter that executions are to teach about, and what they have taught. */
  expectation(
    scan: ScanNode,
    conjuncts: readonly Expression[],
  ): { readonly feedback: ScanExpectation; readonly corrected: number | undefined } | undefined {
    if (!this.usesFeedback || conjuncts.length === 0) return undefined;
    const tableRows = this.tableRows(scan.table);
    if (tableRows < feedbackRowsMin) return undefined;
    const key = predicateKey(scan, conjuncts);
    if (key === undefined) return undefined;
    const fraction = this.scanSelectivity(scan, conjuncts);
    const learned = learnedFraction(scan.table, { key, fraction }, this);
    if (learned?.dependsOnValues === true) this.answers.isUncertain = true;
    const corrected = learned?.fraction;
    return {
      feedback: { key, fraction, tableRows, isCorrected: corrected !== undefined },
      corrected,
    };
  }

  /** The same for rows of a scan, to which columns of others are values that do not change. */
  scanSelectivity(scan: ScanNode, conjuncts: readonly Expression[]): number {
    if (conjuncts.length === 0) return 1;
    let conditions = this.answers.scans.get(scan);
    if (conditions === undefined) {
      conditions = this.conditionsOver(columnsMade(scan));
      if (this.hasLearned(scan)) this.answers.scans.set(scan, conditions);
    }
    return conditions.ofAll(conjuncts);
  }

  /** Distinct values of an expression over its whole table. */
  distinct(expression: Expression): number {
    let distinct = this.knownDistinct.get(expression);
    if (distinct === undefined) {
      distinct = Math.max(1, this.estimateDistinct(expression));
      this.knownDistinct.set(expression, distinct);
    }
    return distinct;
  }

  private estimateDistinct(expression: Expression): number {
    if (expression.kind === 'constant' || expression.kind === 'parameter') return 1;
    const column = onlyColumn(expression);
    if (column === undefined) return defaultDistinct;
    const counted = expression === column ? this.countedDistinct.get(column.column) : undefined;
    if (counted !== undefined) return counted;
    const source = this.source(column.column);
    const group = this.groupKeys.get(column.column) ?? this.groupKeys.get(source);
    const facts = this.facts(source);
    if (facts === undefined) {
      const made = this.computed.get(source);
      if (made !== undefined && expression === column) return this.distinct(made);
      // A key that is passed on under its own name is asked about while its groups are counted.
      if (group === undefined || this.counting.has(group)) return defaultDistinct;
      return this.rows(group);
    }
    if (expression !== column && withoutCasts(expression) !== column)
      return sampledDistinct(expression, column, facts);
    return facts.distinct;
  }

  /** A query over its own columns (grouping sets over a shared input) may name one for the other and back. */
  private alias(column: ColumnId, of: ColumnId): void {
    for (let id: ColumnId | undefined = of; id !== undefined; id = this.aliases.get(id))
      if (id === column) return;
    this.aliases.set(column, of);
  }

  /** Where a column comes from that projections, groupings and unions only pass on. */
  private source(column: ColumnId): ColumnId {
    let id = column;
    for (let alias = this.aliases.get(id); alias !== undefined; alias = this.aliases.get(id))
      id = alias;
    return id;
  }

  facts(column: ColumnId): ColumnFacts | undefined {
    const id = this.source(column);
    if (this.knownFacts.has(id)) return this.knownFacts.get(id);
    const origin = this.origins.get(id);
    const facts =
      origin === undefined
        ? undefined
        : columnFacts(origin.table, origin.attributeNumber, {
            rows: this.tableRows(origin.table),
            analysis: this.catalog.analysis(origin.table.oid),
          });
    // A column that a pass has made since may become known later.
    if (facts !== undefined) this.knownFacts.set(id, facts);
    return facts;
  }
}

/** Even where nearly every row seems to have a partner, some have none, or nobody would ask. */
export function antiSelectivity(semi: number): number {
  return Math.max(0.05, 1 - semi);
}

function columnsMade(plan: LogicalPlan): ReadonlySet<ColumnId> {
  return new Set(plan.outputs.map((column) => column.id));
}

function columnsAsExpressions(plan: LogicalPlan): Expression[] {
  return plan.outputs.map(({ id, type }) => ({ kind: 'column', column: id, type }));
}

function withoutCasts(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === 'cast') inner = inner.argument;
  return inner;
}
