// ON COMMIT of temporary tables. What is to happen runs as the last checks of the transaction, before
// it commits.

import type { OnCommitAction } from '@pgsql/types';
import type { TableDescriptor } from '#common';
import type { DdlStatement } from './statement.ts';
import { dropObjects } from './drop.ts';
import { emptyTable } from './truncate.ts';

/** ON COMMIT DELETE ROWS is kept with the table, so that every later transaction can look it up. */
export const onCommitOption = 'on_commit';

export function scheduleOnCommit(
  ddl: DdlStatement,
  table: TableDescriptor,
  action: OnCommitAction | undefined,
): void {
  if (action === 'ONCOMMIT_DROP') {
    ddl.context.session.deferConstraintCheck(() => {
      const now = ddl.catalog.tableByOid(table.oid);
      if (now !== undefined) dropObjects(ddl, [now.oid], { cascade: true, quiet: true });
    });
  }
  if (action === 'ONCOMMIT_DELETE_ROWS') {
    ddl.put({ ...table, options: { ...table.options, [onCommitOption]: 'delete rows' } });
  }
}

/** Empties the session's ON COMMIT DELETE ROWS tables; the session calls it before each commit. */
export function emptyOnCommit(ddl: DdlStatement): void {
  const schema = ddl.catalog.findSchema(ddl.context.temporarySchema);
  if (schema === undefined) return;
  for (const relation of [...ddl.catalog.userRelations()]) {
    if (relation.kind !== 'table' || relation.schemaOid !== schema.oid) continue;
    if (relation.options?.[onCommitOption] === 'delete rows') emptyTable(ddl, relation);
  }
}
