// Types by name for the statements that make and change them: finding, claiming names, and what goes
// along with every type (its array type).

import type { TypeName } from '@pgsql/types';
import { databaseError, typeByName, type UserTypeDescriptor } from '#common';
import { stringsOf } from '#planner';
import { typeSpace } from '#storage';
import { checkWritableSchema, type DdlStatement, type NameInSchema } from './statement.ts';

/** Where CREATE TYPE puts a type. 3F000. */
export function typePlace(ddl: DdlStatement, parts: readonly string[]): NameInSchema {
  const schema = ddl.creationSchema(parts.length > 1 ? parts.at(-2) : undefined);
  const name = parts.at(-1) ?? '';
  checkWritableSchema(schema, name);
  return { schema, name };
}

/** Takes the name of a type for this transaction. 42710. */
export function claimTypeName(ddl: DdlStatement, { schema, name }: NameInSchema): void {
  ddl.changes.lockName(typeSpace(schema.oid), name);
  const relation = ddl.catalog.findRelation(schema.oid, name);
  const hasRowType = relation !== undefined && 'rowTypeOid' in relation;
  const type = ddl.catalog.findType(schema.oid, name);
  if (type?.arrayName === name && type.name !== name) {
    moveArrayType(ddl, type);
    return;
  }
  if (type === undefined && !hasRowType) return;
  throw databaseError('duplicateObject', `type "${name}" already exists`);
}

/** A relation has a type of its name, too. 42710. */
export function requireNoTypeNamed(ddl: DdlStatement, { schema, name }: NameInSchema): void {
  const type = ddl.catalog.findType(schema.oid, name);
  if (type === undefined) return;
  if (type.name !== name) {
    moveArrayType(ddl, type);
    return;
  }
  throw databaseError('duplicateObject', `type "${name}" already exists`, {
    hint:
      'A relation has an associated type of the same name, so you must use a name that ' +
      "doesn't conflict with any existing type.",
  });
}

/** An array type gives way to whoever wants its name. */
function moveArrayType(ddl: DdlStatement, type: UserTypeDescriptor): void {
  const schema = ddl.schemaByOid(type.schemaOid);
  const newest = ddl.changes.forUpdate(type.oid) as UserTypeDescriptor;
  ddl.put({ ...newest, arrayName: freeArrayName(ddl, { schema, name: type.arrayName }) });
}

const nameBytesMax = 63;

/** makeArrayTypeName(): the name behind as many underscores as it takes. */
export function freeArrayName(ddl: DdlStatement, { schema, name }: NameInSchema): string {
  let candidate = name;
  for (let underscores = 1; ; underscores++) {
    candidate = '_'.repeat(underscores) + name;
    while (Buffer.byteLength(candidate) > nameBytesMax) candidate = candidate.slice(0, -1);
    const isTaken =
      ddl.catalog.findType(schema.oid, candidate) !== undefined ||
      ddl.catalog.findRelation(schema.oid, candidate) !== undefined;
    if (isTaken) continue;
    ddl.changes.lockName(typeSpace(schema.oid), candidate);
    return candidate;
  }
}

type NewType = Pick<UserTypeDescriptor, 'definition'> & { readonly place: NameInSchema };

/** Adds a type whose name is claimed. */
export function addType(ddl: DdlStatement, { place, definition }: NewType): UserTypeDescriptor {
  const type: UserTypeDescriptor = {
    kind: 'type',
    oid: ddl.allocateOid(),
    name: place.name,
    schemaOid: place.schema.oid,
    owner: ddl.context.currentRole.oid,
    arrayOid: ddl.allocateOid(),
    arrayName: freeArrayName(ddl, place),
    definition,
  };
  ddl.put(type);
  return type;
}

/** A user's type by name; undefined when there is none. */
export function findType(
  ddl: DdlStatement,
  parts: readonly string[],
): UserTypeDescriptor | undefined {
  const name = parts.at(-1) ?? '';
  const schemas = parts.length > 1 ? [parts.at(-2)!] : ddl.context.searchPath;
  for (const candidate of schemas) {
    const named = candidate === 'pg_temp' ? ddl.context.temporarySchema : candidate;
    const schema = ddl.catalog.findSchema(named);
    const type = schema === undefined ? undefined : ddl.catalog.findType(schema.oid, name);
    if (type !== undefined) return type;
  }
  return undefined;
}

/** findType(), locked for a change. 42704, 42501. */
export function requireType(ddl: DdlStatement, parts: readonly string[]): UserTypeDescriptor {
  const found = findType(ddl, parts);
  if (found === undefined || found.name !== parts.at(-1)) {
    const builtin = typeByName(parts.at(-1) ?? '');
    if (builtin !== undefined && found === undefined) {
      throw databaseError('insufficientPrivilege', `must be owner of type ${builtin.name}`);
    }
    if (found !== undefined) {
      throw databaseError(
        'wrongObjectType',
        `cannot alter array type ${ddl.typeText({ oid: found.arrayOid, typmod: -1 })}`,
        {
          hint: `You can alter type ${found.name}, which will alter the array type as well.`,
        },
      );
    }
    throw databaseError('undefinedObject', `type "${parts.join('.')}" does not exist`);
  }
  const newest = ddl.changes.forUpdate(found.oid) as UserTypeDescriptor | undefined;
  if (newest === undefined) {
    throw databaseError('undefinedObject', `type "${parts.join('.')}" does not exist`);
  }
  ddl.requireOwner('type', newest);
  return newest;
}

export function typeNameParts(name: TypeName | undefined): string[] {
  return stringsOf(name?.names);
}
