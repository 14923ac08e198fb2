// ALTER TABLE … ENABLE | DISABLE | FORCE | NO FORCE ROW LEVEL SECURITY: whether the row policies of the
// table (policies.ts) apply, and whether to its owner as well.

import type { AlterTableCmd } from '@pgsql/types';
import type { TableDescriptor } from '#common';
import type { DdlStatement } from './statement.ts';

export function changeRowSecurity(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const { rowSecurity = { enabled: false, forced: false } } = table;
  switch (command.subtype) {
    case 'AT_EnableRowSecurity':
      return ddl.put({ ...table, rowSecurity: { ...rowSecurity, enabled: true } });
    case 'AT_DisableRowSecurity':
      return ddl.put({ ...table, rowSecurity: { ...rowSecurity, enabled: false } });
    case 'AT_ForceRowSecurity':
      return ddl.put({ ...table, rowSecurity: { ...rowSecurity, forced: true } });
    default:
      return ddl.put({ ...table, rowSecurity: { ...rowSecurity, forced: false } });
  }
}
