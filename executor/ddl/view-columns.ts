// Which columns of its relations a view reads: asked when a column is dropped or changes its type.

import type { DdlStatement } from './statement.ts';

/** Does the view read the column of the table? */
export function viewReadsColumn(
  ddl: DdlStatement,
  viewOid: number,
  tableOid: number,
  attributeNumber: number,
): boolean {
  const view = ddl.catalog.relationByOid(viewOid);
  const name = ddl.catalog.tableByOid(tableOid)?.columns[attributeNumber - 1]?.name;
  if (view?.kind !== 'view' || name === undefined) return false;
  return view.definition.sql.includes(name);
}
