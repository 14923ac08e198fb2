// Access paths of a scan: the row tree as a whole, a range of its primary key, a range of a secondary
// index. A path takes conjuncts that compare leading key columns with values known before the scan
// starts; the others stay a filter. Conjuncts that the range implies are not evaluated again.

import {
  boundType,
  collationOfType,
  type ColumnId,
  equalityType,
  type Expression,
  type IndexDescriptor,
  multirangeInfoOf,
  rangeInfoOf,
  rowOrderTypes,
  type SqlType,
} from '#common';
import type { ScanNode } from '../logical-plan.ts';
import type { KeyRange, ScanAccess } from '../physical-plan.ts';
import type { Cardinality } from '../optimize/cardinality.ts';
import type { OrderedColumn, Ordering } from './built.ts';
import { costs, descentCost, scanCost } from './cost.ts';
import { ScannedIndexes } from './index-expressions.ts';
import { invertedConditions } from './inverted-conditions.ts';
import { type SearchArgument, searchArguments } from './search-arguments.ts';

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
  /** A collation whose keys are in no order that the scan could use: different texts are equal, or parts of ranges. */
  readonly classes: number;
}

/** Every way to read the rows for which the conjuncts hold. */
export function accessPaths(
  scan: ScanNode,
  conjuncts: readonly Expression[],
  cardinality: Cardinality,
): AccessPath[] {
  if (scan.currentOf !== undefined) return [currentPath(scan.currentOf)];
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
  const indexes = new ScannedIndexes(scan, cardinality.catalog);
  const usable = usableIndexes(scan, indexes, conjuncts);
  const facts: Facts = {
    scan,
    indexes,
    conjuncts,
    // After the indexes, whose expressions it looks for.
    arguments: searchArguments(scan, conjuncts, indexes.expressions),
    cardinality,
    tableRows,
  };
  if (scan.table.keyColumns.length > 0) {
    const columns = scan.table.keyColumns.map((attributeNumber) => ({
      attributeNumber,
      descending: false,
      nullsFirst: false,
      classes: classesOf(facts, {}, attributeNumber),
    }));
    paths.push(keyPath(facts, columns));
  }
  for (const { index, attributes } of usable) {
    const path =
      index.method === 'gin'
        ? invertedPath(facts, index, attributes)
        : indexPath(facts, index, attributes);
    if (path !== undefined) paths.push(path);
  }
  return paths;
}

/** WHERE CURRENT OF: no other way reads that row alone. */
function currentPath(cursor: Expression): AccessPath {
  return {
    access: { kind: 'current', cursor, unique: true },
    implied: new Set(),
    ordering: { columns: [], fixed: new Set() },
    rows: 1,
    cost: descentCost(1, costs.tuple),
  };
}

interface UsableIndex {
  readonly index: IndexDescriptor;
  readonly attributes: readonly number[];
}

/** Indexes with entries for all rows that the scan is for. */
function usableIndexes(
  scan: ScanNode,
  indexes: ScannedIndexes,
  conjuncts: readonly Expression[],
): UsableIndex[] {
  // Index trees are versioned like rows, but a range of versions is read from the row tree.
  const { kind } = scan.temporal.system;
  if (kind !== 'current' && kind !== 'asOf') return [];
  return scan.table.indexes.flatMap((index) =>
    index.clustered ||
    !index.valid ||
    index.unstored === true ||
    !indexes.holdsRowsOf(index, conjuncts)
      ? []
      : [{ index, attributes: indexes.attributesOf(index) }],
  );
}

interface Facts {
  readonly scan: ScanNode;
  readonly indexes: ScannedIndexes;
  readonly conjuncts: readonly Expression[];
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

function indexPath(
  facts: Facts,
  index: IndexDescriptor,
  attributes: readonly number[],
): AccessPath | undefined {
  const columns = index.columns.map((column, position) => ({
    ...column,
    attributeNumber: attributes[position],
    classes: classesOf(facts, column, attributes[position]),
  }));
  const matched = matchRange(facts, columns, index.method === 'hash');
  const { range } = matched;
  const filtered = facts.indexes.impliedBy(index, facts.conjuncts);
  const unique =
    index.unique &&
    index.deferrable !== true &&
    range.equal.length === index.columns.length &&
    range.anyOf === undefined;
  const rows = unique ? 1 : rowsOf(facts, new Set([...matched.used, ...filtered]));
  return {
    access: { kind: 'index', indexOid: index.oid, range, unique },
    implied: new Set([...matched.implied, ...filtered]),
    ordering:
      index.method === 'hash' ? { columns: [], fixed: matched.ordering.fixed } : matched.ordering,
    rows,
    cost:
      startCost(unique) +
      descentCost(facts.tableRows, costs.lookup) * lookupsOf(range) +
      rows * (costs.scanRow + descentCost(facts.tableRows, costs.fetch)),
  };
}

function classesOf(
  { indexes, scan }: Facts,
  { collation }: { readonly collation?: number },
  attributeNumber: number,
): number {
  const type =
    attributeNumber > 0
      ? scan.table.columns[attributeNumber - 1].type
      : indexes.expressions.find((each) => each.attributeNumber === attributeNumber)?.type;
  if (type === undefined) return 0;
  // Rows whose fields are in no order of bytes.
  if (rowOrderTypes(type.oid) !== undefined) return -1;
  const range = rangeInfoOf(type.oid) ?? multirangeInfoOf(type.oid);
  if (range !== undefined) return collationOfType(boundType(range));
  return collationOfType(equalityType(collation === undefined ? type : { ...type, collation }));
}

/** Fetching a row whose key stands in no order with the others, and evaluating its conditions again. */
function invertedPath(
  facts: Facts,
  index: IndexDescriptor,
  attributes: readonly number[],
): AccessPath | undefined {
  const conditions = invertedConditions(facts, index, attributes);
  if (conditions.length === 0) return undefined;
  const used = new Set(conditions.map(({ condition }) => condition));
  const rows = rowsOf(facts, used);
  const fetch = costs.scanRow * 2 + descentCost(facts.tableRows, costs.fetch);
  return {
    access: { kind: 'inverted', indexOid: index.oid, conditions, unique: false },
    implied: new Set(),
    ordering: { columns: [], fixed: new Set() },
    rows,
    cost:
      startCost(false) +
      descentCost(facts.tableRows, costs.lookup) * termsPerCondition * conditions.length +
      rows * fetch,
  };
}

/** How many terms a query is taken to have. */
const termsPerCondition = 3;

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
  const on = (operator: SearchArgument['operator'], { attributeNumber, classes }: KeyColumn) =>
    facts.arguments.find(
      (item) =>
        item.operator === operator &&
        item.attributeNumber === attributeNumber &&
        item.classes === classes,
    );
  for (; position < columns.length; position++) {
    const column = columns[position];
    const { attributeNumber, classes } = column;
    if (attributeNumber === 0) break;
    const equality = on('=', column);
    if (equality !== undefined && anyOf === undefined) {
      equal.push(equality.value);
      implied.add(equality.conjunct);
      continue;
    }
    const list = on('any', column);
    if (list !== undefined && anyOf === undefined) {
      anyOf = list.value;
      implied.add(list.conjunct);
      continue;
    }
    if (equalityOnly || classes !== 0) break;
    const prefix = on('prefix', column);
    // A range holds no nulls, also where it is open at the end at which they stand.
    const from = on('>', column) ?? on('>=', column);
    const to = on('<', column) ?? on('<=', column);
    if (from !== undefined) {
      lower = { value: from.value, inclusive: from.operator === '>=' };
      implied.add(from.conjunct);
    } else if (prefix !== undefined) {
      lower = { value: prefix.value, inclusive: true };
      partly.add(prefix.conjunct);
    }
    if (to !== undefined) {
      upper = { value: to.value, inclusive: to.operator === '<=' };
      implied.add(to.conjunct);
    } else if (from === undefined && prefix?.upper !== undefined) {
      upper = { value: prefix.upper, inclusive: false };
    }
    break;
  }
  const used = new Set([...implied, ...partly]);
  // A list is read in ascending order of its values.
  const isAscending = anyOf === undefined || !columns[equal.length].descending;
  return {
    range: { equal, anyOf, lower, upper },
    implied,
    used,
    ordering: orderingOf(
      facts.scan,
      isAscending ? columns : columns.slice(0, equal.length),
      equal.length,
    ),
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
      if (output !== undefined && key.classes === 0) fixed.add(output.id);
      continue;
    }
    if (output === undefined || key.classes !== 0) break;
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
