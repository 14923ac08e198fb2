// DROP of catalog entries: which ones a statement names, and who may drop them.

import type { DropStmt } from '@pgsql/types';
import { databaseError, type EntryClass, type EntryDescriptor } from '#common';
import { hasPrivilegesOf, listItems, nodeText } from '#planner';
import { describeEntry, isBuiltin } from '../../catalog/entry-names.ts';
import type { DropTarget } from '../object-description.ts';
import type { DdlStatement } from '../statement.ts';
import { requireEntryOwner } from './entry-owner.ts';
import { namesOf, referredEntry, requireNamed } from './entry-references.ts';
import { skipMissing } from './missing.ts';

export function entriesToDrop(
  ddl: DdlStatement,
  name: EntryClass,
  statement: DropStmt,
): DropTarget[] {
  const missingOk = statement.missing_ok === true;
  const targets: DropTarget[] = [];
  for (const node of statement.objects ?? []) {
    if (name === 'operatorClass' || name === 'operatorFamily')
      requireNamed(ddl, 'accessMethod', nodeText(listItems(node)[0]) ?? '');
    const reference = skipMissing(ddl, missingOk, () => referredEntry(ddl, name, node));
    if (reference === undefined) continue;
    const { entry } = reference;
    if (entry === undefined) {
      if (!missingOk) throw reference.missing();
      ddl.notice(reference.skipped ?? `${reference.missing().message}, skipping`);
      continue;
    }
    requireDroppable(ddl, entry);
    ddl.changes.forUpdate(entry.oid);
    if (!targets.some((target) => 'oid' in target && target.oid === entry.oid))
      targets.push({ kind: 'entry', oid: entry.oid });
  }
  return targets;
}

/** Its owner may, and the owner of its schema. 42501, 2BP01 for what the server itself has made. */
export function requireDroppable(ddl: DdlStatement, entry: EntryDescriptor): void {
  const schema = entry.schemaOid === 0 ? undefined : ddl.schemaByOid(entry.schemaOid);
  const role = ddl.context.currentRole.oid;
  if (schema === undefined || !hasPrivilegesOf(ddl.catalog, role, schema.owner))
    requireEntryOwner(ddl, entry);
  if (!isBuiltin(entry)) return;
  throw databaseError(
    'dependentObjectsStillExist',
    `cannot drop ${describeEntry(namesOf(ddl), entry)} because it is required by the database system`,
  );
}
