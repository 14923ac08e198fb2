// Foreign tables have no rows here, and no wrapper has code that would fetch them.

import { databaseError, type DatabaseError, type TableDescriptor } from '#common';
import type { Catalog } from './catalog.ts';

/** 55000: what PostgreSQL says of a wrapper without a handler. */
export function foreignTableError(catalog: Catalog, table: TableDescriptor): DatabaseError {
  const server = catalog.entryByOid('foreignServer', table.foreign?.server ?? 0);
  const wrapper = catalog.entryByOid('foreignDataWrapper', server?.definition.wrapper ?? 0);
  return databaseError(
    'objectNotInPrerequisiteState',
    `foreign-data wrapper "${wrapper?.name ?? ''}" has no handler`,
  );
}
