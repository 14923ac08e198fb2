// Expressions and predicates of a table's indexes, in the terms of a scan: index expressions as they
// would stand in a condition over the scan's columns.

import { type Expression, type IndexDescriptor, type SqlType, type TableDescriptor } from '#common';
import { bindStoredExpression } from '../bind/index.ts';
import type { Catalog } from '../catalog.ts';
import type { ScanNode } from '../logical-plan.ts';
import { conjunctsOf, mapChildren } from '../optimize/expression-tree.ts';
import { followsFrom } from '../optimize/predicate-implication.ts';
import { sameExpression } from '../optimize/same-expression.ts';
import { foldingContext } from '../optimize/folding-context.ts';
import { fold } from '../optimize/passes/fold-constants.ts';

interface BoundIndex {
  /** By position; undefined for plain columns. Over `input` ordinals attribute number - 1. */
  readonly keys: readonly (Expression | undefined)[];
  readonly predicate: readonly Expression[];
}

/** Immutable, so they are the same for everybody who sees this descriptor. */
const bound = new WeakMap<IndexDescriptor, BoundIndex>();

function boundIndex(index: IndexDescriptor, table: TableDescriptor, catalog: Catalog): BoundIndex {
  let known = bound.get(index);
  if (known !== undefined) return known;
  const bind = (sql: string, place: 'indexExpression' | 'indexPredicate'): Expression =>
    fold(
      bindStoredExpression(sql, {
        place,
        context: { catalog, searchPath: ['pg_catalog'], currentUser: '' },
        table,
      }).expression,
      foldingContext,
    );
  known = {
    keys: index.columns.map(({ expression }) =>
      expression === undefined ? undefined : bind(expression.sql, 'indexExpression'),
    ),
    predicate:
      index.predicate === undefined ? [] : conjunctsOf(bind(index.predicate.sql, 'indexPredicate')),
  };
  bound.set(index, known);
  return known;
}

/** An expression that some indexes are over; they know it by a number below zero. */
export interface IndexedExpression {
  readonly attributeNumber: number;
  readonly type: SqlType;
  readonly expression: Expression;
}

/** What the indexes of a scanned table compute. */
export class ScannedIndexes {
  readonly expressions: IndexedExpression[] = [];
  private readonly scan: ScanNode;
  private readonly catalog: Catalog;
  private readonly columns = new Map<number, Expression>();

  constructor(scan: ScanNode, catalog: Catalog) {
    this.scan = scan;
    this.catalog = catalog;
    scan.sources.forEach((source, at) => {
      if (source.kind !== 'attribute') return;
      const { id, type } = scan.outputs[at];
      this.columns.set(source.attributeNumber, { kind: 'column', column: id, type });
    });
  }

  /** The attribute number of each key of an index; 0 for an expression that the scan cannot name. */
  attributesOf(index: IndexDescriptor): readonly number[] {
    if (index.columns.every(({ expression }) => expression === undefined))
      return index.columns.map(({ attributeNumber }) => attributeNumber);
    const { keys } = boundIndex(index, this.scan.table, this.catalog);
    return keys.map((key, position) =>
      key === undefined ? index.columns[position].attributeNumber : this.numberOf(key),
    );
  }

  /** Do all rows that the conjuncts select satisfy the index's predicate? */
  holdsRowsOf(index: IndexDescriptor, conjuncts: readonly Expression[]): boolean {
    if (index.predicate === undefined) return true;
    const { predicate } = boundIndex(index, this.scan.table, this.catalog);
    const wanted = predicate.map((part) => this.overScan(part));
    return wanted.every((part) => part !== undefined && followsFrom([part], conjuncts));
  }

  /** Those of the conjuncts that the index's predicate says. */
  impliedBy(index: IndexDescriptor, conjuncts: readonly Expression[]): Expression[] {
    if (index.predicate === undefined) return [];
    const { predicate } = boundIndex(index, this.scan.table, this.catalog);
    return predicate.flatMap((part) => this.sameAs(part, conjuncts) ?? []);
  }

  private sameAs(part: Expression, conjuncts: readonly Expression[]): Expression | undefined {
    const wanted = this.overScan(part);
    if (wanted === undefined) return undefined;
    return conjuncts.find((conjunct) => sameExpression(conjunct, wanted));
  }

  private numberOf(key: Expression): number {
    const expression = this.overScan(key);
    if (expression === undefined) return 0;
    const known = this.expressions.find((each) => sameExpression(each.expression, expression));
    if (known !== undefined) return known.attributeNumber;
    const attributeNumber = -1 - this.expressions.length;
    this.expressions.push({ attributeNumber, type: key.type, expression });
    return attributeNumber;
  }

  /** undefined when it reads a column that the scan does not. */
  private overScan(expression: Expression): Expression | undefined {
    let isWhole = true;
    const replace = (each: Expression): Expression => {
      if (each.kind !== 'input') return mapChildren(each, replace);
      const column = this.columns.get(each.ordinal + 1);
      isWhole &&= column !== undefined;
      return column ?? each;
    };
    const replaced = replace(expression);
    return isWhole ? replaced : undefined;
  }
}
