// How many groups rows make: the product of the keys' distinct values, as far as the rows have them all, and
// less where the columns of one table go together.

import type { ColumnId, Expression, ExtendedStatistics, TableDescriptor } from '#common';
import type { ColumnFacts } from './column-facts.ts';
import { onlyColumn } from './sampled-values.ts';

export interface GroupSource {
  facts(column: ColumnId): ColumnFacts | undefined;
  /** Distinct values of an expression over its whole table. */
  distinct(expression: Expression): number;
  tableRows(table: TableDescriptor): number;
}

/** Different combinations of values among so many rows. */
export function groupCount(source: GroupSource, keys: readonly Expression[], rows: number): number {
  const tables = new Map<TableDescriptor, GroupedColumns>();
  let combinations = 1;
  for (const key of keys) {
    const distinct = distinctAmong(source, key, rows);
    const column = onlyColumn(key);
    const facts = column === undefined ? undefined : source.facts(column.column);
    if (facts === undefined) {
      combinations *= distinct;
      continue;
    }
    const known = tables.get(facts.table);
    const isPlain = key.kind === 'column';
    if (known === undefined) {
      const attributes = isPlain ? [facts.attributeNumber] : [];
      const { extended } = facts;
      tables.set(facts.table, { distinct, most: distinct, count: 1, attributes, extended });
    } else {
      if (isPlain) known.attributes.push(facts.attributeNumber);
      known.distinct *= distinct;
      known.most = Math.max(known.most, distinct);
      known.count++;
    }
  }
  for (const [table, grouped] of tables) {
    const { distinct, most, count } = grouped;
    const together = distinctTogether(grouped);
    if (together !== undefined) {
      combinations *= Math.min(together, distinct);
      continue;
    }
    // Columns of one table are hardly independent: a tenth of its rows at most, as PostgreSQL has it.
    const limit = count === 1 ? distinct : Math.max(most, source.tableRows(table) * 0.1);
    combinations *= Math.min(distinct, limit);
  }
  return Math.min(rows, combinations);
}

/** How many of a column's values some of its table's rows have (Yao 1977, without replacement). */
function distinctAmong(source: GroupSource, expression: Expression, rows: number): number {
  const distinct = source.distinct(expression);
  const column = onlyColumn(expression);
  const total = column === undefined ? undefined : source.facts(column.column)?.rows;
  if (total === undefined || rows >= total || distinct <= 1) return distinct;
  return Math.max(1, distinct * (1 - (1 - rows / total) ** (total / distinct)));
}

/** Group keys of one table. */
interface GroupedColumns {
  distinct: number;
  most: number;
  count: number;
  readonly attributes: number[];
  readonly extended: readonly ExtendedStatistics[];
}

/** As CREATE STATISTICS counted the combinations of exactly these columns. */
function distinctTogether({ attributes, count, extended }: GroupedColumns): number | undefined {
  if (count < 2 || attributes.length < count) return undefined;
  const wanted = attributes.toSorted((left, right) => left - right).join();
  for (const { distinct } of extended) {
    const found = distinct.find((each) => each.attributes.join() === wanted);
    if (found !== undefined) return found.count;
  }
  return undefined;
}
