// Who may change a catalog entry: its owner; for classes that nobody owns, a superuser or the owner of what
// they are about.

import { databaseError, type EntryDescriptor } from '#common';
import { hasPrivilegesOf, isSuperuser } from '#planner';
import { entryClasses } from '../../catalog/entry-classes.ts';
import { entryName, typeText } from '../../catalog/entry-names.ts';
import { mustBeOwner } from '../errors.ts';
import type { DdlStatement } from '../statement.ts';
import { namesOf } from './entry-references.ts';

/** 42501. */
export function requireEntryOwner(ddl: DdlStatement, entry: EntryDescriptor): void {
  const { definition } = entry;
  const { noun, owned, rightsNoun } = entryClasses[definition.class];
  const role = ddl.context.currentRole.oid;
  if (isSuperuser(ddl.catalog, role)) return;
  if (definition.class === 'cast') {
    if (ownsType(ddl, definition.source) || ownsType(ddl, definition.target)) return;
    const names = namesOf(ddl);
    throw databaseError(
      'insufficientPrivilege',
      `must be owner of type ${typeText(names, definition.source)} or type ${typeText(names, definition.target)}`,
    );
  }
  if (definition.class === 'transform') {
    if (ownsType(ddl, definition.type)) return;
    throw mustBeOwner('type', typeText(namesOf(ddl), definition.type));
  }
  if (!owned) {
    throw databaseError(
      'insufficientPrivilege',
      definition.class === 'textSearchParser' || definition.class === 'textSearchTemplate'
        ? `must be superuser to change ${noun}s`
        : `must be superuser to drop ${noun}s`,
    );
  }
  if (!hasPrivilegesOf(ddl.catalog, role, entry.owner))
    throw mustBeOwner(rightsNoun, entryName(namesOf(ddl), entry));
}

/** Types of the server's own belong to the bootstrap superuser. */
export function ownsType(ddl: DdlStatement, oid: number): boolean {
  const owner = ddl.catalog.typeByOid(oid)?.owner;
  const role = ddl.context.currentRole.oid;
  if (owner === undefined) return isSuperuser(ddl.catalog, role);
  return hasPrivilegesOf(ddl.catalog, role, owner);
}

/** 42501 with PostgreSQL's words: "must be superuser to create …". */
export function requireSuperuser(ddl: DdlStatement, message: string, hint?: string): void {
  if (isSuperuser(ddl.catalog, ddl.context.currentRole.oid)) return;
  throw databaseError('insufficientPrivilege', message, hint === undefined ? {} : { hint });
}
