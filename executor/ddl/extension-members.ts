// ALTER EXTENSION … ADD and DROP: objects that belong to an extension go with it, and only with it.

import type { AlterExtensionContentsStmt } from '@pgsql/types';
import { type DatabaseError, databaseError, type Entry, notSupported } from '#common';
import { listItems, nodeText, stringsOf } from '#planner';
import { TableLock } from '#storage';
import { entryClassOf } from '../catalog/entry-classes.ts';
import { findCollation } from './collations.ts';
import { objectWords } from './command-tag.ts';
import { redefine } from './entries/alter-entries.ts';
import { requireEntryOwner } from './entries/entry-owner.ts';
import { referredEntry, requireNamed } from './entries/entry-references.ts';
import { describeTarget, type DropTarget, targetOf } from './object-description.ts';
import { findRoutine, routineNouns } from './routine-names.ts';
import type { DdlStatement } from './statement.ts';
import { requireType } from './user-types.ts';

/** 55000 when the object belongs to an extension already, or to none. */
export function alterExtensionContents(
  ddl: DdlStatement,
  statement: AlterExtensionContentsStmt,
): string {
  const extension = requireNamed(ddl, 'extension', statement.extname ?? '');
  requireEntryOwner(ddl, extension);
  const oid = objectOf(ddl, statement);
  const target = targetOf(ddl, oid)!;
  const { definition, name } = extension;
  const members = definition.members ?? [];
  const isAdded = Number(statement.action) > 0;
  if (isAdded) {
    const owner = extensionOf(ddl, oid);
    if (owner !== undefined) {
      const what = `${describeTarget(ddl, target)} is already a member of extension "${owner.name}"`;
      throw databaseError('objectNotInPrerequisiteState', what);
    }
    if (oid === definition.schema) throw containing(ddl, target, name);
    redefine(ddl, extension, { ...definition, members: [...members, oid] });
  } else {
    if (!members.includes(oid)) {
      throw databaseError(
        'objectNotInPrerequisiteState',
        `${describeTarget(ddl, target)} is not a member of extension "${name}"`,
      );
    }
    redefine(ddl, extension, { ...definition, members: members.filter((each) => each !== oid) });
  }
  return 'ALTER EXTENSION';
}

function containing(ddl: DdlStatement, target: DropTarget, extension: string): DatabaseError {
  const schema = describeTarget(ddl, target).replace(/^schema (.*)$/, 'schema "$1"');
  return databaseError(
    'objectNotInPrerequisiteState',
    `cannot add ${schema} to extension "${extension}" because the schema contains the extension`,
  );
}

function extensionOf(ddl: DdlStatement, oid: number): Entry<'extension'> | undefined {
  return ddl.catalog
    .entries('extension')
    .find(({ definition }) => definition.members?.includes(oid) === true);
}

/** The oid of what the statement names. */
function objectOf(ddl: DdlStatement, { objtype, object }: AlterExtensionContentsStmt): number {
  switch (objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE': {
      const parts = stringsOf(listItems(object));
      const [schemaname, relname = ''] = [parts.at(-2), parts.at(-1)];
      const range = schemaname === undefined ? { relname } : { relname, schemaname };
      return ddl.requireRelation(range, TableLock.accessExclusive).oid;
    }
    case 'OBJECT_SCHEMA':
      return ddl.schema(nodeText(object!) ?? '').oid;
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const names = 'TypeName' in object! ? object.TypeName.names : listItems(object);
      return requireType(ddl, stringsOf(names)).oid;
    }
    case 'OBJECT_COLLATION':
      return findCollation(ddl, stringsOf(listItems(object))).oid;
    default:
  }
  if (Object.hasOwn(routineNouns, objtype ?? ''))
    return findRoutine(ddl, object, routineNouns[objtype!])!.oid;
  const entryClass = entryClassOf(objtype);
  if (entryClass === undefined) {
    throw notSupported(`ALTER EXTENSION … ADD and DROP of ${objectWords(objtype).toLowerCase()}s`);
  }
  const reference = referredEntry(ddl, entryClass, object!);
  if (reference.entry === undefined) throw reference.missing();
  return reference.entry.oid;
}

/** 2BP01 */
export function requireNoMember(ddl: DdlStatement, targets: readonly DropTarget[]): void {
  for (const target of targets) {
    const extension = 'oid' in target ? extensionOf(ddl, target.oid) : undefined;
    if (extension === undefined) continue;
    if (targets.some((other) => 'oid' in other && other.oid === extension.oid)) continue;
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop ${describeTarget(ddl, target)} because extension ${extension.name} requires it`,
      { hint: `You can drop extension ${extension.name} instead.` },
    );
  }
}
