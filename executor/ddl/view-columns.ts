// Which columns of its relations a view reads: asked when a column is dropped or changes its type.

import { queryOf } from '#common';
import { bindViewText } from './views.ts';
import type { DdlStatement } from './statement.ts';

interface AttributeSource {
  readonly kind?: unknown;
  readonly attributeNumber?: unknown;
}

/** Does the view read the column of the table, itself or through other views? */
export function viewReadsColumn(
  ddl: DdlStatement,
  viewOid: number,
  tableOid: number,
  attributeNumber: number,
): boolean {
  const query = queryOf(ddl.catalog.relationByOid(viewOid));
  if (query === undefined) return false;
  const pending: unknown[] = [bindViewText(ddl, query.sql).plan];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    if ('kind' in node && node.kind === 'scan' && 'table' in node && 'sources' in node) {
      const isTable = (node.table as { readonly oid: number }).oid === tableOid;
      const sources = node.sources as readonly AttributeSource[];
      if (isTable && sources.some((source) => source.attributeNumber === attributeNumber))
        return true;
      continue;
    }
    for (const value of Object.values(node)) pending.push(value);
  }
  return false;
}
