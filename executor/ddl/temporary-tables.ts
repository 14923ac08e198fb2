// ON COMMIT of temporary tables. What is to happen runs as the last checks of the transaction, before
// it commits.

import type { OnCommitAction } from '@pgsql/types';
import type { TableDescriptor } from '#common';
import type { ParsedStatement } from '#planner';
import type { UtilityContext } from './contract.ts';
import { DdlStatement } from './statement.ts';
import { dropObjects } from './drop-targets.ts';
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

/** Empties the session's ON COMMIT DELETE ROWS tables; the session calls it before it commits. */
export function emptyOnCommit(context: UtilityContext): void {
  const ddl = new DdlStatement(noStatement, context);
  const schema = ddl.catalog.findSchema(context.temporarySchema);
  if (schema === undefined) return;
  for (const relation of [...ddl.catalog.userRelations()]) {
    if (relation.kind !== 'table' || relation.schemaOid !== schema.oid) continue;
    if (relation.options?.[onCommitOption] === 'delete rows' && hasRows(ddl, relation)) {
      emptyTable(ddl, relation);
    }
  }
}

function hasRows(ddl: DdlStatement, table: TableDescriptor): boolean {
  const rows = ddl.transaction.scan(table.treeId, { lower: undefined, upper: undefined });
  const found = rows.next();
  rows.close();
  return found;
}

/** What happens at commit belongs to no statement. */
const noStatement: ParsedStatement = {
  statement: {} as never,
  sql: '',
  start: 0,
  end: 0,
  temporalClauses: new Map(),
  positionOf: () => undefined,
};
