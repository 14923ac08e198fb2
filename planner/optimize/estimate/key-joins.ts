// Joins over a key of several columns. Taken one by one, the columns of a key look independent and the
// join too small: with all of them given, a row has one partner.

import type { ColumnId, Expression, TableDescriptor } from '#common';
import { defaultEquality } from '../equivalence.ts';
import type { ColumnFacts } from './column-facts.ts';

/** What the product of the equalities' selectivities is to be multiplied with. */
export function keyJoinCorrection(
  conjuncts: readonly Expression[],
  factsOf: (column: ColumnId) => ColumnFacts | undefined,
): number {
  const tables = new Map<TableDescriptor, Map<number, number>>();
  let rowsOf = new Map<TableDescriptor, number>();
  for (const conjunct of conjuncts) {
    const equality = defaultEquality(conjunct);
    if (equality?.left.kind !== 'column' || equality.right.kind !== 'column') continue;
    const left = factsOf(equality.left.column);
    const right = factsOf(equality.right.column);
    if (left === undefined || right === undefined) continue;
    const distinct = Math.max(left.distinct, right.distinct);
    for (const facts of [left, right]) {
      let attributes = tables.get(facts.table);
      if (attributes === undefined) tables.set(facts.table, (attributes = new Map()));
      attributes.set(facts.attributeNumber, distinct);
      rowsOf = rowsOf.set(facts.table, facts.rows);
    }
  }
  let correction = 1;
  for (const [table, attributes] of tables) {
    for (const key of uniqueKeys(table)) {
      if (key.length < 2 || !key.every((attribute) => attributes.has(attribute))) continue;
      const product = key.reduce((total, attribute) => total * attributes.get(attribute)!, 1);
      correction = Math.max(correction, product / Math.max(1, rowsOf.get(table)!));
    }
  }
  return correction;
}

/** Sets of attributes of which no two rows have the same values. */
export function uniqueKeys(table: TableDescriptor): readonly (readonly number[])[] {
  const keys = table.indexes
    .filter(
      (index) =>
        index.unique && index.deferrable !== true && index.valid && index.predicate === undefined,
    )
    .map((index) => index.columns.map(({ attributeNumber }) => attributeNumber))
    .filter((key) => !key.includes(0));
  return table.keyColumns.length > 0 ? [table.keyColumns, ...keys] : keys;
}
