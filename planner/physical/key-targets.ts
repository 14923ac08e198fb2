// What a condition can compare that an index has in its keys: columns of the scanned table, and
// expressions that indexes are over.

import type { ColumnId, Expression, SqlType } from '#common';
import type { ScanNode } from '../logical-plan.ts';
import { isVolatile, withoutRelabel } from '../optimize/expression-facts.ts';
import { sameExpression } from '../optimize/same-expression.ts';
import { columnsOf } from '../optimize/plan-tree.ts';
import type { IndexedExpression } from './index-expressions.ts';

export interface KeyTarget {
  /** Below zero for expressions. */
  readonly attributeNumber: number;
  readonly type: SqlType;
}

export interface KeyTargets {
  find(expression: Expression): KeyTarget | undefined;
  numbered(attributeNumber: number): KeyTarget | undefined;
}

export function keyTargets(scan: ScanNode, expressions: readonly IndexedExpression[]): KeyTargets {
  const byColumn = new Map<ColumnId, KeyTarget>();
  const byNumber = new Map<number, KeyTarget>();
  scan.sources.forEach((source, at) => {
    if (source.kind !== 'attribute') return;
    const { attributeNumber } = source;
    const column = scan.table.columns.find((each) => each.attributeNumber === attributeNumber);
    if (column === undefined) return;
    byColumn.set(scan.outputs[at].id, column);
    byNumber.set(attributeNumber, column);
  });
  for (const each of expressions) byNumber.set(each.attributeNumber, each);
  return {
    find(expression) {
      const inner = withoutRelabel(expression);
      if (inner.kind === 'column') return byColumn.get(inner.column);
      return expressions.find((each) => sameExpression(withoutRelabel(each.expression), inner));
    },
    numbered: (attributeNumber) => byNumber.get(attributeNumber),
  };
}

/** Does an expression have its value before the scan reads a row? */
export function knownBefore(scan: ScanNode): (value: Expression) => boolean {
  const made = new Set(scan.outputs.map((column) => column.id));
  return (value) => {
    for (const column of columnsOf(value)) if (made.has(column)) return false;
    return !isVolatile(value);
  };
}
