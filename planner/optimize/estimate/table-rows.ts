// How many rows a table has: as counted by ANALYZE, and what storage says that has been added since.

import type { TableDescriptor } from '#common';
import type { Catalog } from '../../catalog.ts';

/** A table that looks empty is about to be filled; a plan for one row would be bad for many. */
const emptyTableRows = 1000;

export function tableRows(catalog: Catalog, table: TableDescriptor): number {
  const { rows } = catalog.statistics(table.oid);
  const analysis = catalog.analysis(table.oid);
  if (analysis !== undefined) {
    const grown = analysis.rows + rows - analysis.estimatedRows;
    if (grown > 0) return grown;
  }
  return rows === 0 ? emptyTableRows : Math.max(1, rows);
}
