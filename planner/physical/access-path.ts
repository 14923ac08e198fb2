// Access paths of a scan: the row tree as a whole, a range of its primary key, a range of a secondary
// index. A path takes conjuncts that compare leading key columns with values known before the scan
// starts; the others stay a filter. Conjuncts that the range implies are not evaluated again.

import {
  TypeOid,
  type ColumnId,
  type ColumnDescriptor,
  type Expression,
  type IndexDescriptor,
  type LogicExpression,
  type SqlType,
} from '#common';
import { functionRegistry } from '#functions';
import type { ScanNode } from '../logical-plan.ts';
import type { KeyRange, ScanAccess } from '../physical-plan.ts';
import {
  asComparison,
  isVolatile,
  mirror,
  withoutRelabel,
  type Comparison,
} from '../optimize/expression-facts.ts';
import type { Cardinality } from '../optimize/cardinality.ts';
import { columnsOf } from '../optimize/plan-tree.ts';
import type { OrderedColumn, Ordering } from './built.ts';
import { costs, descentCost, scanCost } from './cost.ts';
import { arrayOfValues, asKeyArray, asKeyValue } from './key-value.ts';
import { prefixRange } from './like-prefix.ts';

export interface AccessPath {
  /** Expressions still name columns of enclosing queries. */
  readonly access: ScanAccess;
  /** Conjuncts that the range implies. */
  readonly implied: ReadonlySet<Expression>;
  readonly ordering: Ordering;
  /** Rows that the access itself reads, before the filter. */
  readonly rows: number;
  readonly cost: number;
}

/** A key column as a tree has it. */
interface KeyColumn {
  readonly attributeNumber: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Every way to read the rows for which the conjuncts hold. */
export function accessPaths(
  scan: ScanNode,
  conjuncts: readonly Expression[],
  cardinality: Cardinality,
): AccessPath[] {
  const tableRows = cardinality.tableRows(scan.table);
  const paths: AccessPath[] = [
    {
      access: { kind: 'full' },
      implied: new Set(),
      ordering: { columns: [], fixed: new Set() },
      rows: tableRows,
      cost: startCost(false) + scanCost(tableRows, cardinality.segmentRows(scan.table)),
    },
  ];
  const arguments_ = searchArguments(scan, conjuncts);
  const facts = { scan, arguments: arguments_, cardinality, tableRows };
  if (scan.table.keyColumns.length > 0) {
    const columns = scan.table.keyColumns.map((attributeNumber) => ({
      attributeNumber,
      descending: false,
      nullsFirst: false,
    }));
    paths.push(keyPath(facts, columns));
  }
  // Index trees are versioned like rows, but a range of versions is read from the row tree.
  const { kind } = scan.temporal.system;
  if (kind === 'current' || kind === 'asOf') {
    for (const index of scan.table.indexes) {
      if (index.clustered || !index.valid || index.predicate !== undefined) continue;
      const path = indexPath(facts, index);
      if (path !== undefined) paths.push(path);
    }
  }
  return paths;
}

interface Facts {
  readonly scan: ScanNode;
  readonly arguments: readonly SearchArgument[];
  readonly cardinality: Cardinality;
  readonly tableRows: number;
}

function keyPath(facts: Facts, columns: readonly KeyColumn[]): AccessPath {
  const matched = matchRange(facts, columns);
  const unique = matched.range.equal.length === columns.length && matched.range.anyOf === undefined;
  const rows = unique ? 1 : rowsOf(facts, matched.used);
  return {
    access: { kind: 'key', range: matched.range, unique },
    implied: matched.implied,
    ordering: matched.ordering,
    rows,
    cost:
      startCost(unique) +
      descentCost(facts.tableRows, costs.lookup) * lookupsOf(matched.range) +
      rows * costs.scanRow,
  };
}

/** Methods whose indexes are kept in the order of their columns. */
const orderedMethods: ReadonlySet<string> = new Set(['btree', 'hash', 'brin']);

function indexPath(facts: Facts, index: IndexDescriptor): AccessPath | undefined {
  if (!orderedMethods.has(index.method) || index.unstored === true) return undefined;
  const matched = matchRange(facts, index.columns, index.method === 'hash');
  const { range } = matched;
  const unique =
    index.unique &&
    index.deferrable !== true &&
    range.equal.length === index.columns.length &&
    range.anyOf === undefined;
  const rows = unique ? 1 : rowsOf(facts, matched.used);
  return {
    access: { kind: 'index', indexOid: index.oid, range, unique },
    implied: matched.implied,
    ordering:
      index.method === 'hash' ? { columns: [], fixed: matched.ordering.fixed } : matched.ordering,
    rows,
    cost:
      startCost(unique) +
      descentCost(facts.tableRows, costs.lookup) * lookupsOf(range) +
      rows * (costs.scanRow + descentCost(facts.tableRows, costs.fetch)),
  };
}

/** A look-up of one row by its whole key needs no scan. */
function startCost(unique: boolean): number {
  return unique ? costs.startup : costs.startup + costs.scanStart;
}

function lookupsOf(range: KeyRange): number {
  if (range.anyOf === undefined) return 1;
  return range.anyOf.kind === 'array' ? range.anyOf.elements.length : 10;
}

function rowsOf({ cardinality, scan, tableRows }: Facts, implied: ReadonlySet<Expression>): number {
  return Math.max(1, tableRows * cardinality.scanSelectivity(scan, [...implied]));
}

/** `column operator value` with a value of the column's type that is known before the scan starts. */
interface SearchArgument {
  readonly attributeNumber: number;
  readonly operator: Comparison['operator'] | 'any' | 'prefix';
  readonly value: Expression;
  /** End of the range for 'prefix'. */
  readonly upper?: Expression;
  readonly conjunct: Expression;
}

function searchArguments(scan: ScanNode, conjuncts: readonly Expression[]): SearchArgument[] {
  const attributes = new Map<ColumnId, ColumnDescriptor>();
  scan.sources.forEach((source, at) => {
    if (source.kind !== 'attribute') return;
    const column = scan.table.columns.find(
      (candidate) => candidate.attributeNumber === source.attributeNumber,
    );
    if (column !== undefined) attributes.set(scan.outputs[at].id, column);
  });
  const made = new Set(scan.outputs.map((column) => column.id));
  const isKnown = (value: Expression) => {
    for (const column of columnsOf(value)) if (made.has(column)) return false;
    return !isVolatile(value);
  };
  const found: SearchArgument[] = [];
  for (const conjunct of conjuncts) {
    if (conjunct.kind === 'arrayComparison') {
      const argument = anyArgument(conjunct, attributes, isKnown);
      if (argument !== undefined) found.push(argument);
      continue;
    }
    if (conjunct.kind === 'or') {
      const argument = listArgument(conjunct, attributes, isKnown);
      if (argument !== undefined) found.push(argument);
      continue;
    }
    const comparison = asComparison(conjunct);
    if (comparison === undefined) {
      const prefix = prefixArgument(conjunct, attributes);
      if (prefix !== undefined) found.push(prefix);
      continue;
    }
    const turned = mirror(comparison);
    for (const side of turned === undefined ? [comparison] : [comparison, turned]) {
      const argument = comparisonArgument({ conjunct, comparison: side, attributes, isKnown });
      if (argument !== undefined) found.push(argument);
    }
  }
  return found;
}

function comparisonArgument(parts: {
  readonly conjunct: Expression;
  readonly comparison: Comparison;
  readonly attributes: ReadonlyMap<ColumnId, ColumnDescriptor>;
  readonly isKnown: (value: Expression) => boolean;
}): SearchArgument | undefined {
  const { conjunct, comparison, attributes, isKnown } = parts;
  const column = attributeOf(comparison.left, attributes);
  if (column === undefined || !isKnown(comparison.right)) return undefined;
  const { oid } = comparison.left.type;
  if (!isDefaultOrder(comparison, oid)) return undefined;
  const value = asKeyValue(comparison.right, column.type, oid);
  if (value === undefined) return undefined;
  return {
    attributeNumber: column.attributeNumber,
    operator: comparison.operator,
    value,
    conjunct,
  };
}

/** Comparisons of one type must be those of its default order; across types the names decide. */
function isDefaultOrder(comparison: Comparison, leftType: number): boolean {
  const signature = functionRegistry.operatorByOid(comparison.operatorOid);
  if (signature === undefined) return false;
  if (signature.left !== signature.right) return true;
  const operand =
    signature.left === TypeOid.text || signature.left === leftType ? signature.left : undefined;
  const ordering = operand === undefined ? undefined : functionRegistry.ordering(operand);
  if (ordering === undefined) return false;
  switch (comparison.operator) {
    case '=':
      return ordering.equalityOid === comparison.functionOid;
    case '<':
      return ordering.lessOid === comparison.functionOid;
    case '>':
      return ordering.greaterOperatorOid === comparison.operatorOid;
    case '<=':
      return (
        functionRegistry.operatorByOid(ordering.greaterOperatorOid)?.negatorOid ===
        comparison.operatorOid
      );
    case '>=':
      return (
        functionRegistry.operatorByOid(ordering.lessOperatorOid)?.negatorOid ===
        comparison.operatorOid
      );
  }
}

function anyArgument(
  conjunct: Extract<Expression, { kind: 'arrayComparison' }>,
  attributes: ReadonlyMap<ColumnId, ColumnDescriptor>,
  isKnown: (value: Expression) => boolean,
): SearchArgument | undefined {
  const column = attributeOf(conjunct.left, attributes);
  if (column === undefined || conjunct.quantifier !== 'any' || !isKnown(conjunct.array))
    return undefined;
  const operator = functionRegistry.operatorByOid(conjunct.operatorOid);
  if (operator?.name !== '=') return undefined;
  const value = asKeyArray(conjunct.array, column.type, conjunct.left.type.oid);
  if (value === undefined) return undefined;
  return { attributeNumber: column.attributeNumber, operator: 'any', value, conjunct };
}

/** a = 1 OR a = 2 is a IN (1, 2). */
function listArgument(
  conjunct: LogicExpression,
  attributes: ReadonlyMap<ColumnId, ColumnDescriptor>,
  isKnown: (value: Expression) => boolean,
): SearchArgument | undefined {
  const values: Expression[] = [];
  let attribute: ColumnDescriptor | undefined;
  for (const part of conjunct.arguments) {
    const comparison = asComparison(part);
    const turned = comparison === undefined ? undefined : mirror(comparison);
    const argument = [comparison, turned]
      .flatMap((side) =>
        side === undefined
          ? []
          : [comparisonArgument({ conjunct: part, comparison: side, attributes, isKnown })],
      )
      .find((candidate) => candidate !== undefined);
    if (argument?.operator !== '=') return undefined;
    const column = [...attributes.values()].find(
      (candidate) => candidate.attributeNumber === argument.attributeNumber,
    );
    if (attribute !== undefined && attribute !== column) return undefined;
    attribute = column;
    values.push(argument.value);
  }
  if (attribute === undefined) return undefined;
  return {
    attributeNumber: attribute.attributeNumber,
    operator: 'any',
    value: arrayOfValues(values, attribute.type),
    conjunct,
  };
}

function prefixArgument(
  conjunct: Expression,
  attributes: ReadonlyMap<ColumnId, ColumnDescriptor>,
): SearchArgument | undefined {
  const like = prefixRange(conjunct);
  const column = like === undefined ? undefined : attributeOf(like.argument, attributes);
  if (like === undefined || column === undefined) return undefined;
  if (column.type.oid !== TypeOid.text && column.type.oid !== TypeOid.varchar) return undefined;
  const upper = like.upper === undefined ? {} : { upper: like.upper };
  return {
    attributeNumber: column.attributeNumber,
    operator: 'prefix',
    value: like.lower,
    ...upper,
    conjunct,
  };
}

function attributeOf(
  expression: Expression,
  attributes: ReadonlyMap<ColumnId, ColumnDescriptor>,
): ColumnDescriptor | undefined {
  const inner = withoutRelabel(expression);
  return inner.kind === 'column' ? attributes.get(inner.column) : undefined;
}

interface MatchedRange {
  readonly range: KeyRange;
  readonly implied: ReadonlySet<Expression>;
  /** Conjuncts that narrow the range, whether or not it implies them. */
  readonly used: ReadonlySet<Expression>;
  readonly ordering: Ordering;
}

/** Matches arguments to the leading columns of a key: equalities, then one IN list, then one range. */
function matchRange(
  facts: Facts,
  columns: readonly KeyColumn[],
  equalityOnly = false,
): MatchedRange {
  const implied = new Set<Expression>();
  const partly = new Set<Expression>();
  const equal: Expression[] = [];
  let anyOf: Expression | undefined;
  let lower: KeyRange['lower'];
  let upper: KeyRange['upper'];
  let position = 0;
  const on = (operator: SearchArgument['operator'], attributeNumber: number) =>
    facts.arguments.find(
      (item) => item.operator === operator && item.attributeNumber === attributeNumber,
    );
  for (; position < columns.length; position++) {
    const { attributeNumber, descending } = columns[position];
    if (attributeNumber === 0) break;
    const equality = on('=', attributeNumber);
    if (equality !== undefined && anyOf === undefined) {
      equal.push(equality.value);
      implied.add(equality.conjunct);
      continue;
    }
    const list = on('any', attributeNumber);
    if (list !== undefined && anyOf === undefined) {
      anyOf = list.value;
      implied.add(list.conjunct);
      continue;
    }
    if (equalityOnly || descending) break;
    const prefix = on('prefix', attributeNumber);
    const from = on('>', attributeNumber) ?? on('>=', attributeNumber);
    const to = on('<', attributeNumber) ?? on('<=', attributeNumber);
    // Nulls stand at one end of the key, so a range open at an end may hold some: the filter stays.
    const exact =
      (from !== undefined && to !== undefined) || isNotNull(facts.scan, attributeNumber);
    if (from !== undefined) {
      lower = { value: from.value, inclusive: from.operator === '>=' };
      (exact ? implied : partly).add(from.conjunct);
    } else if (prefix !== undefined) {
      lower = { value: prefix.value, inclusive: true };
      partly.add(prefix.conjunct);
    }
    if (to !== undefined) {
      upper = { value: to.value, inclusive: to.operator === '<=' };
      (exact ? implied : partly).add(to.conjunct);
    } else if (from === undefined && prefix?.upper !== undefined) {
      upper = { value: prefix.upper, inclusive: false };
    }
    break;
  }
  const used = new Set([...implied, ...partly]);
  return {
    range: { equal, anyOf, lower, upper },
    implied,
    used,
    ordering: orderingOf(facts.scan, columns, equal.length),
  };
}

/** The order of a tree's rows, as far as the scan's columns show it. */
function orderingOf(scan: ScanNode, columns: readonly KeyColumn[], fixedCount: number): Ordering {
  const byAttribute = new Map<number, { readonly id: ColumnId; readonly type: SqlType }>();
  scan.sources.forEach((source, at) => {
    if (source.kind === 'attribute') byAttribute.set(source.attributeNumber, scan.outputs[at]);
  });
  const fixed = new Set<ColumnId>();
  const ordered: OrderedColumn[] = [];
  for (let position = 0; position < columns.length; position++) {
    const key = columns[position];
    const output = byAttribute.get(key.attributeNumber);
    if (position < fixedCount) {
      if (output !== undefined) fixed.add(output.id);
      continue;
    }
    if (output === undefined) break;
    const notNull = isNotNull(scan, key.attributeNumber);
    ordered.push({
      column: output.id,
      descending: key.descending,
      nullsFirst: key.nullsFirst,
      notNull,
    });
  }
  return { columns: ordered, fixed };
}

function isNotNull(scan: ScanNode, attributeNumber: number): boolean {
  if (scan.table.keyColumns.includes(attributeNumber)) return true;
  return scan.table.columns.some(
    (column) => column.attributeNumber === attributeNumber && column.notNull,
  );
}
