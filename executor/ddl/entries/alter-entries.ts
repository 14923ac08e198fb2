// What all classes of catalog entries share: COMMENT ON, ALTER … OWNER TO, RENAME TO, SET SCHEMA, and
// putting a new one under a name that nobody has.

import type { Node } from '@pgsql/types';
import {
  databaseError,
  type EntryClass,
  type EntryDefinition,
  type EntryDescriptor,
  entryKey,
  type EntryUse,
  type RoleDescriptor,
  type SchemaDescriptor,
} from '#common';
import { hasRights, isMemberOf, isSuperuser, mayOnSchema, accessDenied } from '#planner';
import { entrySpace } from '#storage';
import { entryClasses } from '../../catalog/entry-classes.ts';
import { isBuiltin } from '../../catalog/entry-names.ts';
import { schemaDoesNotExist } from '../errors.ts';
import { checkWritableSchema, type DdlStatement } from '../statement.ts';
import { requireEntryOwner } from './entry-owner.ts';
import { referredEntry } from './entry-references.ts';

export interface NewEntry<Definition extends EntryDefinition = EntryDefinition> {
  readonly name?: string;
  readonly schema?: SchemaDescriptor;
  readonly definition: Definition;
  readonly uses?: readonly EntryUse[];
  /** Default: the current role, for classes that have an owner. */
  readonly owner?: number;
  readonly comment?: string;
}

/** Makes an entry; 42710 (42723 for operators) when the name is taken. */
export function addEntry<Definition extends EntryDefinition>(
  ddl: DdlStatement,
  { name = '', schema, definition, uses = [], owner, comment }: NewEntry<Definition>,
): EntryDescriptor<Definition> {
  const { owned } = entryClasses[definition.class];
  const entry: EntryDescriptor<Definition> = {
    kind: 'entry',
    oid: ddl.allocateOid(),
    name,
    schemaOid: schema?.oid ?? 0,
    owner: owned ? (owner ?? ddl.context.currentRole.oid) : 0,
    definition,
    uses: userUses(uses),
    ...(comment === undefined ? {} : { comment }),
  };
  claim(ddl, entry);
  ddl.put(entry);
  return entry;
}

/** Nothing depends on what every database has. */
export function userUses(uses: readonly EntryUse[]): EntryUse[] {
  return uses.filter((use) => !isBuiltin(use));
}

/** Takes the entry's name for this transaction. */
function claim(ddl: DdlStatement, entry: EntryDescriptor): void {
  const name = entry.definition.class;
  ddl.changes.lockName(entrySpace(name, entry.schemaOid), entryKey(entry));
  const found = ddl.catalog.findEntry(name, entry.schemaOid, entryKey(entry));
  if (found !== undefined && found.oid !== entry.oid) throw taken(ddl, entry);
}

function taken(ddl: DdlStatement, entry: EntryDescriptor): Error {
  const { noun, duplicate, inSchema } = entryClasses[entry.definition.class];
  const { definition } = entry;
  if (definition.class === 'operatorClass' || definition.class === 'operatorFamily') {
    const method = ddl.catalog.entryByOid('accessMethod', definition.method)?.name ?? '';
    return databaseError(
      duplicate,
      `${noun} "${entry.name}" for access method "${method}" already exists`,
    );
  }
  const isMoved = inSchema && ddl.catalog.state.find(entry.oid) !== undefined;
  const place = isMoved ? ` in schema "${ddl.schemaByOid(entry.schemaOid).name}"` : '';
  return databaseError(duplicate, `${noun} "${entry.name}" already exists${place}`);
}

/** The newest state of an entry that is going to be changed. */
export function newest<Entry extends EntryDescriptor>(ddl: DdlStatement, entry: Entry): Entry {
  return (ddl.changes.forUpdate(entry.oid) as Entry | undefined) ?? entry;
}

/** Replaces an entry's definition, and what it uses. */
export function redefine<Definition extends EntryDefinition>(
  ddl: DdlStatement,
  entry: EntryDescriptor<Definition>,
  definition: Definition,
  uses?: readonly EntryUse[],
): void {
  const current = newest(ddl, entry);
  requireChangeable(current);
  const used = uses === undefined ? {} : { uses: userUses(uses) };
  ddl.put({ ...current, definition, ...used });
}

/** What every database has is not kept as rows, so it cannot be changed. */
function requireChangeable(entry: EntryDescriptor): void {
  if (!isBuiltin(entry)) return;
  throw databaseError(
    'featureNotSupported',
    `changing ${entryClasses[entry.definition.class].noun} "${entry.name}" of the system is not supported`,
  );
}

function requireEntry(ddl: DdlStatement, name: EntryClass, node: Node): EntryDescriptor {
  const reference = referredEntry(ddl, name, node);
  if (reference.entry === undefined) throw reference.missing();
  requireEntryOwner(ddl, reference.entry);
  return newest(ddl, reference.entry);
}

export function commentOnEntry(
  ddl: DdlStatement,
  name: EntryClass,
  node: Node,
  text: string | undefined,
): void {
  const entry = requireEntry(ddl, name, node);
  requireChangeable(entry);
  const { comment: _old, ...rest } = entry;
  ddl.put(text === undefined ? rest : { ...rest, comment: text });
}

export function renameEntry(
  ddl: DdlStatement,
  name: EntryClass,
  node: Node,
  newName: string,
): void {
  const entry = requireEntry(ddl, name, node);
  requireChangeable(entry);
  requireCreateRight(ddl, entry);
  const renamed = { ...entry, name: newName };
  if (newName === entry.name) throw taken(ddl, renamed);
  claim(ddl, renamed);
  ddl.put(renamed);
}

/** Who is no superuser needs CREATE on the schema as well. */
function requireCreateRight(ddl: DdlStatement, { schemaOid }: EntryDescriptor): void {
  if (schemaOid === 0) return;
  ddl.requireSchemaRight(ddl.schemaByOid(schemaOid), 'C');
}

export function moveEntry(
  ddl: DdlStatement,
  name: EntryClass,
  node: Node,
  schemaName: string,
): void {
  const entry = requireEntry(ddl, name, node);
  const schema = ddl.catalog.findSchema(schemaName);
  if (schema === undefined) throw schemaDoesNotExist(schemaName);
  ddl.requireSchemaRight(schema, 'C');
  if (schema.oid === entry.schemaOid) return;
  checkWritableSchema(schema, entry.name);
  requireChangeable(entry);
  const moved = { ...entry, schemaOid: schema.oid };
  claim(ddl, moved);
  ddl.put(moved);
}

export function giveEntry(
  ddl: DdlStatement,
  name: EntryClass,
  node: Node,
  role: RoleDescriptor,
): void {
  const entry = requireEntry(ddl, name, node);
  changeEntryOwner(ddl, entry, role);
}

/** 42501 unless the new owner is a role of ours and may own such a thing. */
function changeEntryOwner(ddl: DdlStatement, entry: EntryDescriptor, role: RoleDescriptor): void {
  if (entry.owner === role.oid) return;
  const current = ddl.context.currentRole.oid;
  requireChangeable(entry);
  if (!isSuperuser(ddl.catalog, current)) {
    if (!isMemberOf(ddl.catalog, current, role.oid)) {
      throw databaseError('insufficientPrivilege', `must be member of role "${role.name}"`);
    }
    if (entry.schemaOid !== 0) {
      const schema = ddl.schemaByOid(entry.schemaOid);
      if (!mayOnSchema(ddl.catalog, role.oid, schema, 'C'))
        throw accessDenied('schema', schema.name);
    }
  }
  requireFitOwner(ddl, entry, role);
  ddl.put({ ...entry, owner: role.oid });
}

/** Some things only a superuser may own, others ask for a right of the new owner. */
function requireFitOwner(ddl: DdlStatement, entry: EntryDescriptor, role: RoleDescriptor): void {
  const { definition } = entry;
  const { noun } = entryClasses[definition.class];
  switch (definition.class) {
    case 'foreignDataWrapper':
    case 'eventTrigger':
    case 'subscription':
      if (role.superuser) return;
      throw databaseError(
        'insufficientPrivilege',
        `permission denied to change owner of ${noun} "${entry.name}"`,
        {
          hint: `The owner of ${noun === 'event trigger' ? 'an' : 'a'} ${noun} must be a superuser.`,
        },
      );
    case 'publication': {
      if (isSuperuser(ddl.catalog, ddl.context.currentRole.oid)) return;
      const { owner, acl } = ddl.catalog.database;
      const object = { kind: 'database', owner, ...(acl && { acl }) } as const;
      if (!hasRights(ddl.catalog, role.oid, object, 'C'))
        throw accessDenied('database', ddl.catalog.database.name);
      if (definition.allTables && !role.superuser) {
        throw databaseError(
          'insufficientPrivilege',
          `permission denied to change owner of publication "${entry.name}"`,
          { hint: 'The owner of a FOR ALL TABLES publication must be a superuser.' },
        );
      }
      return;
    }
    case 'foreignServer': {
      if (isSuperuser(ddl.catalog, ddl.context.currentRole.oid)) return;
      const wrapper = ddl.catalog.entryByOid('foreignDataWrapper', definition.wrapper);
      if (wrapper === undefined) return;
      const { owner, acl } = wrapper;
      const object = { kind: 'foreign-data wrapper', owner, ...(acl && { acl }) } as const;
      if (!hasRights(ddl.catalog, role.oid, object, 'U'))
        throw accessDenied('foreign-data wrapper', wrapper.name);
      return;
    }
    default:
  }
}
