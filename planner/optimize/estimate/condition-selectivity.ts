// The fraction of rows for which a condition holds (clauselist_selectivity() of PostgreSQL's
// clausesel.c): conjuncts are taken as independent, except the two ends of a range over one column and
// what extended statistics say about columns that depend on each other.

import {
  ArrayValue,
  type ColumnId,
  type Datum,
  type Expression,
  type TableDescriptor,
} from '#common';
import { functionRegistry } from '#functions';
import { asComparison, mirror, withoutRelabel, type Comparison } from '../expression-facts.ts';
import { conjunctsOf, rewriteExpression, visitExpression } from '../expression-tree.ts';
import { foldingContext } from '../folding-context.ts';
import { fold } from '../passes/fold-constants.ts';
import type { ColumnFacts } from './column-facts.ts';
import {
  defaultBetween,
  defaultRange,
  equalSelectivity,
  type KnownValue,
  rangeSelectivity,
} from './comparison-selectivity.ts';
import { type ColumnEquality, combinedSelectivity } from './extended-selectivity.ts';
import { joinEqualSelectivity } from './join-selectivity.ts';
import { onlyColumn, sampledSelectivity } from './sampled-values.ts';

const defaults = {
  match: 0.005,
  isNull: 0.005,
  other: 0.25,
  subquery: 0.5,
  notEqual: 0.995,
} as const;

/** A plan for fewer rows is good enough for any values. */
const uncertainRowsMin = 50_000;

/** What the estimates stand on. */
export interface EstimateSource {
  facts(column: ColumnId): ColumnFacts | undefined;
  /** False for columns that have one value while the rows are read (those of an enclosing row). */
  varies(column: ColumnId): boolean;
  /** Distinct values of an expression. */
  distinct(expression: Expression): number;
  /** Values of the statement's parameters, where they are known. */
  readonly parameters: readonly Datum[] | undefined;
  /** Called where a value that is not known yet could make all the difference. */
  onUncertain(): void;
}

/** Values of an expression without statistics (PostgreSQL's DEFAULT_NUM_DISTINCT). */
const defaultDistinct = 200;

interface Bounds {
  lower: number | undefined;
  upper: number | undefined;
  known: boolean;
  readonly nullFraction: number;
}

/** A conjunct that bounds a column by a value. */
interface RangeEnd {
  readonly column: ColumnId;
  readonly facts: ColumnFacts;
  readonly end: 'lower' | 'upper';
  readonly isValueKnown: boolean;
  readonly selectivity: number;
}

/** The planner asks for the same conditions again with every access path and join order, so answers are kept. */
export class ConditionSelectivity {
  private readonly source: EstimateSource;
  private known = new WeakMap<Expression, number>();
  private ends = new WeakMap<Expression, RangeEnd | 'none'>();

  constructor(source: EstimateSource) {
    this.source = source;
  }

  /** More may be known of the columns than when it was asked before. */
  forget(): void {
    this.known = new WeakMap();
    this.ends = new WeakMap();
  }

  /** The fraction of rows for which all conjuncts are true. */
  ofAll(conjuncts: readonly Expression[]): number {
    let selectivity = 1;
    const ranges = new Map<ColumnId, Bounds>();
    const equalities = new Map<TableDescriptor, ColumnEquality[]>();
    for (const conjunct of conjuncts) {
      if (this.addRange(conjunct, ranges) || this.addEquality(conjunct, equalities)) continue;
      selectivity *= this.of(conjunct);
    }
    for (const together of equalities.values()) {
      selectivity *=
        combinedSelectivity(together, together[0].facts.extended) ??
        together.reduce((product, each) => product * each.selectivity, 1);
    }
    for (const bounds of ranges.values()) selectivity *= betweenSelectivity(bounds);
    return Math.min(1, Math.max(0, selectivity));
  }

  of(condition: Expression): number {
    let selectivity = this.known.get(condition);
    if (selectivity === undefined) {
      selectivity = this.estimate(condition);
      this.known.set(condition, selectivity);
    }
    return selectivity;
  }

  private estimate(condition: Expression): number {
    switch (condition.kind) {
      case 'constant':
        return condition.value === true ? 1 : 0;
      case 'and':
        return this.ofAll(conjunctsOf(condition));
      case 'or':
        return condition.arguments.reduce((sum, argument) => {
          const each = this.of(argument);
          return sum + each - sum * each;
        }, 0);
      case 'not':
        return this.ofNegation(condition.argument);
      case 'isNull': {
        const fraction = this.columnFacts(condition.argument)?.nullFraction ?? defaults.isNull;
        return condition.negated ? 1 - fraction : fraction;
      }
      case 'column':
        return this.ofBooleanColumn(condition);
      case 'booleanTest':
        return this.ofBooleanTest(condition);
      case 'arrayComparison':
        return this.ofArrayComparison(condition);
      case 'isDistinct': {
        const equal =
          1 / Math.max(this.source.distinct(condition.left), this.source.distinct(condition.right));
        return condition.negated ? equal : 1 - equal;
      }
      case 'rowComparison':
        return defaultRange;
      case 'subquery':
        return defaults.subquery;
      case 'call':
        return this.ofCall(condition);
      default:
        return defaults.other;
    }
  }

  private ofNegation(argument: Expression): number {
    const nulls = argument.kind === 'column' ? (this.columnFacts(argument)?.nullFraction ?? 0) : 0;
    return Math.max(0, 1 - this.of(argument) - nulls);
  }

  private ofCall(call: Extract<Expression, { kind: 'call' }>): number {
    const comparison = asComparison(call);
    if (comparison !== undefined) return this.ofComparison(comparison, call);
    const operator =
      call.operatorOid === undefined ? undefined : functionRegistry.operatorByOid(call.operatorOid);
    if (operator?.name === '<>') {
      const equality = functionRegistry.operatorByOid(operator.negatorOid);
      if (equality === undefined) return defaults.notEqual;
      const [left, right] = call.arguments;
      const equal = this.ofComparison({
        operator: '=',
        operatorOid: equality.oid,
        functionOid: equality.functionOid,
        left,
        right,
      });
      const nulls = (this.columnFacts(left) ?? this.columnFacts(right))?.nullFraction ?? 0;
      return Math.max(0, 1 - equal - nulls);
    }
    const sampled = this.sampled(call);
    if (sampled !== undefined) return sampled;
    if (operator !== undefined && /^[!~*]+$/.test(operator.name))
      return operator.name.startsWith('!') ? 1 - defaults.match : defaults.match;
    return defaults.other;
  }

  private ofComparison(comparison: Comparison, whole?: Expression): number {
    const { operator, left, right } = comparison;
    const leftFacts = this.columnFacts(left);
    const rightFacts = this.columnFacts(right);
    const turned = mirror(comparison);
    const rightValue = this.valueOf(right);
    const leftValue = this.valueOf(left);
    if (leftFacts !== undefined && rightValue !== 'varying')
      return this.sideSelectivity(leftFacts, operator, rightValue);
    if (rightFacts !== undefined && leftValue !== 'varying' && turned !== undefined)
      return this.sideSelectivity(rightFacts, turned.operator, leftValue);
    const sampled = whole === undefined ? undefined : this.sampled(whole);
    if (sampled !== undefined) return sampled;
    if (operator !== '=') return defaultRange;
    if (leftFacts !== undefined && rightFacts !== undefined)
      return joinEqualSelectivity(leftFacts, rightFacts);
    const distinct = (side: Expression, value: KnownValue | 'varying' | undefined): number =>
      value === 'varying' ? this.source.distinct(side) : 1;
    return 1 / Math.max(1, distinct(left, leftValue), distinct(right, rightValue));
  }

  private sideSelectivity(
    facts: ColumnFacts,
    operator: Comparison['operator'],
    value: KnownValue | undefined,
  ): number {
    if (value === undefined && operator === '=')
      this.noteUnknown(facts, facts.values?.common[0]?.frequency ?? 0);
    return sideSelectivity(facts, operator, value);
  }

  /** A value could select so large a part of a large table. */
  private noteUnknown(facts: ColumnFacts, most: number): void {
    if (facts.values !== undefined && facts.rows * most > uncertainRowsMin && !facts.unique)
      this.source.onUncertain();
  }

  private sampled(condition: Expression): number | undefined {
    const column = onlyColumn(condition);
    const facts = column === undefined ? undefined : this.source.facts(column.column);
    return facts === undefined ? undefined : sampledSelectivity(condition, column!, facts);
  }

  private ofBooleanColumn(column: Expression): number {
    const facts = this.columnFacts(column);
    if (facts?.values === undefined) return 0.5;
    return equalSelectivity(facts, { value: true, type: column.type.oid });
  }

  private ofBooleanTest(test: Extract<Expression, { kind: 'booleanTest' }>): number {
    const nulls = this.columnFacts(test.argument)?.nullFraction ?? defaults.isNull;
    const holds = this.of(test.argument);
    const fraction =
      test.test === 'unknown'
        ? nulls
        : test.test === 'true'
          ? holds
          : Math.max(0, 1 - holds - nulls);
    return test.negated ? 1 - fraction : fraction;
  }

  private ofArrayComparison(comparison: Extract<Expression, { kind: 'arrayComparison' }>): number {
    const { left, array, quantifier } = comparison;
    const name = functionRegistry.operatorByOid(comparison.operatorOid)?.name;
    const isIn = name === '=' && quantifier === 'any';
    const isNotIn = name === '<>' && quantifier === 'all';
    if (!isIn && !isNotIn) return this.sampled(comparison) ?? 0.5;
    const facts = this.columnFacts(left);
    if (facts === undefined) {
      const sampled = this.sampled(comparison);
      if (sampled !== undefined) return sampled;
    }
    const elements = this.elementsOf(array);
    const distinct = this.source.distinct(left);
    // What is computed from a column has fewer values than the column, as a rule.
    const guessed = left.kind === 'column' ? distinct : Math.min(distinct, defaultDistinct);
    const one = (value: KnownValue | undefined): number =>
      facts === undefined ? 1 / guessed : equalSelectivity(facts, value);
    const sum = elements.reduce((total, value) => total + one(value), 0);
    const some = Math.min(sum, 1 - (facts?.nullFraction ?? 0));
    return isIn ? some : Math.max(0, 1 - (facts?.nullFraction ?? 0) - some);
  }

  private elementsOf(array: Expression): (KnownValue | undefined)[] {
    if (array.kind === 'array')
      return array.elements.map((element) => {
        const value = this.valueOf(element);
        return value === 'varying' ? undefined : value;
      });
    const value = this.valueOf(array);
    if (value !== undefined && value !== 'varying' && value.value instanceof ArrayValue) {
      const { elements, elementType } = value.value;
      return elements.map((element) => ({ value: element, type: elementType }));
    }
    return Array.from({ length: 10 }, () => undefined);
  }

  /** Notes column = value where the table has statistics over several columns; false when it is none. */
  private addEquality(
    conjunct: Expression,
    equalities: Map<TableDescriptor, ColumnEquality[]>,
  ): boolean {
    const comparison = asComparison(conjunct);
    if (comparison?.operator !== '=') return false;
    const turned = mirror(comparison);
    for (const side of turned === undefined ? [comparison] : [comparison, turned]) {
      const facts = this.columnFacts(side.left);
      const value = this.valueOf(side.right);
      if (facts === undefined || facts.extended.length === 0 || value === 'varying') continue;
      const isSameType = value === undefined || value.type === facts.typeOid;
      const together = equalities.get(facts.table) ?? [];
      together.push({
        facts,
        value: isSameType ? value?.value : undefined,
        selectivity: this.of(conjunct),
      });
      equalities.set(facts.table, together);
      return true;
    }
    return false;
  }

  /** Notes a comparison of a column with a value as an end of a range; false when it is none. */
  private addRange(conjunct: Expression, ranges: Map<ColumnId, Bounds>): boolean {
    let found = this.ends.get(conjunct);
    if (found === undefined) {
      found = this.rangeEnd(conjunct) ?? 'none';
      this.ends.set(conjunct, found);
    }
    if (found === 'none') return false;
    const { column, facts, end, isValueKnown, selectivity } = found;
    let bounds = ranges.get(column);
    if (bounds === undefined) {
      const known = facts.values !== undefined;
      bounds = { lower: undefined, upper: undefined, known, nullFraction: facts.nullFraction };
      ranges.set(column, bounds);
    }
    bounds.known &&= isValueKnown;
    bounds[end] = Math.min(bounds[end] ?? 1, selectivity);
    return true;
  }

  private rangeEnd(conjunct: Expression): RangeEnd | undefined {
    const comparison = asComparison(conjunct);
    if (comparison === undefined || comparison.operator === '=') return undefined;
    const turned = mirror(comparison);
    for (const side of turned === undefined ? [comparison] : [comparison, turned]) {
      const column = withoutRelabel(side.left);
      const facts = this.columnFacts(column);
      const value = this.valueOf(side.right);
      if (column.kind !== 'column' || facts === undefined || value === 'varying') continue;
      if (value === undefined) this.noteUnknown(facts, 1);
      return {
        column: column.column,
        facts,
        end: side.operator === '<' || side.operator === '<=' ? 'upper' : 'lower',
        isValueKnown: value !== undefined,
        selectivity: sideSelectivity(facts, side.operator, value),
      };
    }
    return undefined;
  }

  private columnFacts(expression: Expression): ColumnFacts | undefined {
    const inner = withoutRelabel(expression);
    return inner.kind === 'column' ? this.source.facts(inner.column) : undefined;
  }

  /** A value that is known now, undefined for one that execution knows, 'varying' for one of each row. */
  private valueOf(expression: Expression): KnownValue | 'varying' | undefined {
    if (expression.kind === 'constant')
      return { value: expression.value, type: expression.type.oid };
    if (!this.isFixed(expression)) return 'varying';
    if (expression.kind === 'column') return undefined;
    const folded = fold(this.withParameters(expression), foldingContext);
    return folded.kind === 'constant' ? { value: folded.value, type: folded.type.oid } : undefined;
  }

  private isFixed(expression: Expression): boolean {
    let fixed = true;
    visitExpression(expression, (node) => {
      if (node.kind === 'column') fixed &&= !this.source.varies(node.column);
      if (node.kind === 'input') fixed = false;
      return fixed && node.kind !== 'subquery';
    });
    return fixed;
  }

  private withParameters(expression: Expression): Expression {
    const { parameters } = this.source;
    if (parameters === undefined) return expression;
    return rewriteExpression(expression, (node) =>
      node.kind === 'parameter' && node.index < parameters.length
        ? { kind: 'constant', type: node.type, value: parameters[node.index] }
        : node,
    );
  }
}

function sideSelectivity(
  facts: ColumnFacts,
  operator: Comparison['operator'],
  value: KnownValue | undefined,
): number {
  return operator === '='
    ? equalSelectivity(facts, value)
    : rangeSelectivity(facts, operator, value);
}

function betweenSelectivity({ lower, upper, known, nullFraction }: Bounds): number {
  if (lower === undefined || upper === undefined) return lower ?? upper ?? 1;
  if (!known) return defaultBetween;
  const both = lower + upper - 1 + nullFraction;
  // A range narrower than the statistics can tell.
  return both > 0.00001 ? both : Math.min(lower, upper, 0.001);
}
