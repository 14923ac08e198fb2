// Taking roles out of every list of rights of a database: DROP OWNED.

import { formatAcl, parseAcl } from '#planner';
import type { DdlStatement } from './statement.ts';

export function revokeAll(ddl: DdlStatement, roles: ReadonlySet<number>): void {
  const without = (acl: readonly string[]): string[] =>
    formatAcl(parseAcl(acl).filter(({ grantee }) => !roles.has(grantee)));
  for (const object of [...ddl.catalog.state.local.objects(), ddl.catalog.database]) {
    const columns = 'columns' in object ? object.columns : [];
    if (!mentions(object, roles) && !columns.some((column) => mentions(column, roles))) continue;
    const newest = ddl.changes.forUpdate(object.oid)!;
    const acl = 'acl' in newest && newest.acl !== undefined ? { acl: without(newest.acl) } : {};
    const kept = columns.map((column) =>
      column.acl === undefined ? column : { ...column, acl: without(column.acl) },
    );
    const changed = { ...newest, ...acl, ...(columns.length > 0 ? { columns: kept } : {}) };
    ddl.changes.put(changed);
  }
}

function mentions(object: object, roles: ReadonlySet<number>): boolean {
  const acl = 'acl' in object ? (object.acl as readonly string[] | undefined) : undefined;
  return acl !== undefined && parseAcl(acl).some(({ grantee }) => roles.has(grantee));
}
