// How many rows a plan makes. Today this stands on the tables' row counts, keys, and the usual
// default selectivities (PostgreSQL's selfuncs.h); histograms and distinct sketches will come in
// here, behind the same three questions: rows, selectivity, distinct values.

import { type ColumnId, type Expression, type TableDescriptor } from '#common';
import { functionRegistry } from '#functions';
import type { Catalog } from '../catalog.ts';
import type { JoinNode, LogicalPlan, ScanNode } from '../logical-plan.ts';
import { asComparison } from './expression-facts.ts';
import { conjunctsOf } from './expression-tree.ts';
import { inputsOf, visitExpressions } from './plan-tree.ts';
import { visitExpression } from './expression-tree.ts';

const defaultDistinct = 200;
const emptyTableRows = 1000;
const selectivityOf = {
  range: 1 / 3,
  match: 0.01,
  isNull: 0.01,
  other: 0.25,
  subquery: 0.5,
} as const;

interface Origin {
  readonly table: TableDescriptor;
  readonly attributeNumber: number;
}

export class Cardinality {
  private readonly catalog: Catalog;
  private readonly origins = new Map<ColumnId, Origin>();
  private readonly known = new WeakMap<LogicalPlan, number>();
  private readonly cteRows = new Map<number, number>();

  constructor(catalog: Catalog, plan: LogicalPlan) {
    this.catalog = catalog;
    this.learn(plan);
  }

  /** Takes in the columns of a plan; called for plans that a pass made after the construction. */
  learn(plan: LogicalPlan): void {
    if (plan.kind === 'scan') this.learnScan(plan);
    if (plan.kind === 'project') {
      plan.expressions.forEach((expression, at) => {
        const id = plan.outputs[at].id;
        if (expression.kind === 'column' && expression.column !== id)
          this.aliases.set(id, expression.column);
      });
    }
    visitExpressions(plan, (expression) =>
      visitExpression(expression, (node) => {
        if (node.kind === 'subquery') this.learn(node.plan as LogicalPlan);
      }),
    );
    for (const input of inputsOf(plan)) this.learn(input);
    if (plan.kind === 'with') {
      for (const definition of plan.definitions) {
        const growth = definition.recursive === undefined ? 1 : 10;
        this.cteRows.set(definition.cteId, this.rows(definition.plan) * growth);
      }
    }
  }

  private readonly aliases = new Map<ColumnId, ColumnId>();

  private learnScan(plan: ScanNode): void {
    plan.sources.forEach((source, at) => {
      if (source.kind !== 'attribute') return;
      this.origins.set(plan.outputs[at].id, {
        table: plan.table,
        attributeNumber: source.attributeNumber,
      });
    });
  }

  rows(plan: LogicalPlan): number {
    let rows = this.known.get(plan);
    if (rows === undefined) {
      rows = Math.max(1, this.estimate(plan));
      this.known.set(plan, rows);
    }
    return rows;
  }

  tableRows(table: TableDescriptor): number {
    const { rows } = this.catalog.statistics(table.oid);
    // A table that looks empty is about to be filled; a plan for one row would be bad for many.
    return rows === 0 ? emptyTableRows : Math.max(1, rows);
  }

  private estimate(plan: LogicalPlan): number {
    switch (plan.kind) {
      case 'scan':
        return this.tableRows(plan.table);
      case 'systemScan':
        return 500;
      case 'values':
        return plan.rows.length;
      case 'functionScan':
        return 1000;
      case 'filter':
        return this.rows(plan.input) * this.selectivity(conjunctsOf(plan.condition));
      case 'projectSet':
        return this.rows(plan.input) * 10;
      case 'join':
        return this.joinRows(plan);
      case 'aggregate':
        return this.groupRows(plan);
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
        return this.rows(plan.input) * 0.5;
      case 'setOperation': {
        const rows = plan.inputs.map((input) => this.rows(input));
        const sum = rows.reduce((total, count) => total + count, 0);
        if (plan.operation === 'union') return plan.all ? sum : sum * 0.7;
        return Math.min(...rows) * 0.5;
      }
      case 'cteScan':
        return this.cteRows.get(plan.cteId) ?? 100;
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
        return this.rows(plan.source);
      case 'empty':
      case 'singleRow':
        return 1;
    }
  }

  private joinRows(plan: JoinNode): number {
    const left = this.rows(plan.left);
    const right = this.rows(plan.right);
    const selectivity = this.selectivity(conjunctsOf(plan.condition));
    const matched = left * right * selectivity;
    switch (plan.type) {
      case 'semi':
        return Math.min(left, Math.max(matched, left * 0.1));
      case 'anti':
        return Math.max(left - matched, left * 0.1);
      case 'left':
        return Math.max(left, matched);
      case 'right':
        return Math.max(right, matched);
      case 'full':
        return Math.max(left + right, matched);
      default:
        return matched;
    }
  }

  private groupRows(plan: Extract<LogicalPlan, { kind: 'aggregate' }>): number {
    if (plan.groupKeys.length === 0) return 1;
    const rows = this.rows(plan.input);
    const groups = plan.groupKeys.reduce((product, key) => product * this.distinct(key), 1);
    return Math.min(rows, groups) * (plan.groupingSets?.length ?? 1);
  }

  /** The fraction of rows for which all conjuncts are true. */
  selectivity(conjuncts: readonly Expression[]): number {
    let selectivity = 1;
    for (const conjunct of conjuncts) selectivity *= this.selectivityOfOne(conjunct);
    return selectivity;
  }

  private selectivityOfOne(expression: Expression): number {
    switch (expression.kind) {
      case 'constant':
        return expression.value === true ? 1 : 0;
      case 'and':
        return this.selectivity(expression.arguments);
      case 'or':
        return Math.min(
          1,
          expression.arguments.reduce((sum, argument) => sum + this.selectivityOfOne(argument), 0),
        );
      case 'not':
        return 1 - this.selectivityOfOne(expression.argument);
      case 'isNull':
        return expression.negated ? 1 - selectivityOf.isNull : selectivityOf.isNull;
      case 'arrayComparison': {
        const count = expression.array.kind === 'array' ? expression.array.elements.length : 10;
        const name = functionRegistry.operatorByOid(expression.operatorOid)?.name;
        if (name === '=' && expression.quantifier === 'any')
          return Math.min(1, count / this.distinct(expression.left));
        return 0.5;
      }
      case 'subquery':
        return selectivityOf.subquery;
      case 'call': {
        const comparison = asComparison(expression);
        if (comparison === undefined) return this.selectivityOfCall(expression);
        if (comparison.operator !== '=') return selectivityOf.range;
        return (
          1 / Math.max(this.distinctOrOne(comparison.left), this.distinctOrOne(comparison.right))
        );
      }
      default:
        return selectivityOf.other;
    }
  }

  private selectivityOfCall(expression: Extract<Expression, { kind: 'call' }>): number {
    const name =
      expression.operatorOid === undefined
        ? undefined
        : functionRegistry.operatorByOid(expression.operatorOid)?.name;
    if (name === '<>') return 1 - 1 / defaultDistinct;
    if (name !== undefined && /^[!~*]+$/.test(name))
      return name.startsWith('!') ? 1 - selectivityOf.match : selectivityOf.match;
    return selectivityOf.other;
  }

  private distinctOrOne(expression: Expression): number {
    return expression.kind === 'constant' || expression.kind === 'parameter'
      ? 1
      : this.distinct(expression);
  }

  /** Distinct values of an expression over its whole table. */
  distinct(expression: Expression): number {
    let inner = expression;
    while (inner.kind === 'cast') inner = inner.argument;
    if (inner.kind !== 'column') return defaultDistinct;
    let id = inner.column;
    for (let alias = this.aliases.get(id); alias !== undefined; alias = this.aliases.get(id))
      id = alias;
    const origin = this.origins.get(id);
    if (origin === undefined) return defaultDistinct;
    const rows = this.tableRows(origin.table);
    const { indexed, unique } = indexFacts(origin);
    if (unique) return rows;
    return Math.min(rows, indexed ? Math.max(defaultDistinct, rows / 10) : defaultDistinct);
  }
}

function indexFacts({ table, attributeNumber }: Origin): {
  readonly indexed: boolean;
  readonly unique: boolean;
} {
  const leadsKey = table.keyColumns[0] === attributeNumber;
  let indexed = leadsKey;
  let unique = leadsKey && table.keyColumns.length === 1;
  for (const index of table.indexes) {
    if (index.columns[0]?.attributeNumber !== attributeNumber || index.predicate !== undefined)
      continue;
    indexed = true;
    unique ||= index.unique && index.columns.length === 1;
  }
  return { indexed, unique };
}
