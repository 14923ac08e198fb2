// Gives the table layer what it cannot compute itself: predicates and expressions of indexes.

import { notSupported, type TableDescriptor } from '#common';
import type { DdlStatement } from './statement.ts';

export function prepareIndexes(_ddl: DdlStatement, table: TableDescriptor): void {
  for (const index of table.indexes) {
    if (index.predicate !== undefined || index.columns.some((column) => column.expression !== undefined)) {
      throw notSupported('a partial or expression index');
    }
  }
}
