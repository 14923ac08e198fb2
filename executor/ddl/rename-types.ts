// ALTER TYPE and ALTER DOMAIN … RENAME and SET SCHEMA. Stored texts name types by oid, so only the
// descriptor changes; attributes they name as they are written, so those follow.

import type { AlterObjectSchemaStmt, RenameStmt } from '@pgsql/types';
import { databaseError, type UserTypeDescriptor } from '#common';
import { listItems, stringsOf } from '#planner';
import { requireComposite } from './composite-types.ts';
import { renameDomainConstraint, requireDomain } from './domains.ts';
import { checkWritableSchema, type DdlStatement } from './statement.ts';
import { renameField } from './rename-references.ts';
import { claimTypeName, freeArrayName, requireType } from './user-types.ts';

export function renameTypePart(ddl: DdlStatement, statement: RenameStmt): string {
  const parts = stringsOf(listItems(statement.object));
  const [from, to] = [statement.subname ?? '', statement.newname ?? ''];
  switch (statement.renameType) {
    case 'OBJECT_ATTRIBUTE': {
      const { schemaname, relname = '' } = statement.relation!;
      const names = schemaname === undefined ? [relname] : [schemaname, relname];
      renameAttribute(ddl, names, from, to);
      return 'ALTER TYPE';
    }
    case 'OBJECT_DOMCONSTRAINT':
      renameDomainConstraint(ddl, parts, from, to);
      return 'ALTER DOMAIN';
    case 'OBJECT_DOMAIN':
      renameType(ddl, requireDomain(ddl, parts), to);
      return 'ALTER DOMAIN';
    default:
      renameType(ddl, requireType(ddl, parts), to);
      return 'ALTER TYPE';
  }
}

function renameType(ddl: DdlStatement, type: UserTypeDescriptor, name: string): void {
  const place = { schema: ddl.schemaByOid(type.schemaOid), name };
  claimTypeName(ddl, place);
  if (type.definition.type === 'composite') ddl.requireFreeName(place);
  ddl.put({ ...type, name, arrayName: freeArrayName(ddl, place) });
}

function renameAttribute(
  ddl: DdlStatement,
  parts: readonly string[],
  from: string,
  to: string,
): void {
  const type = requireComposite(ddl, parts);
  const { columns } = type.definition;
  if (!columns.some((column) => column.name === from && !column.dropped)) {
    throw databaseError('undefinedColumn', `column "${from}" does not exist`);
  }
  if (columns.some((column) => column.name === to && !column.dropped)) {
    throw databaseError(
      'duplicateColumn',
      `column "${to}" of relation "${type.name}" already exists`,
    );
  }
  const renamed = columns.map((column) =>
    column.name === from ? { ...column, name: to } : column,
  );
  renameField(ddl, { type, from, to }, () =>
    ddl.put({ ...type, definition: { ...type.definition, columns: renamed } }),
  );
}

export function moveType(ddl: DdlStatement, statement: AlterObjectSchemaStmt): string {
  const parts = stringsOf(listItems(statement.object));
  const isDomain = statement.objectType === 'OBJECT_DOMAIN';
  const type = isDomain ? requireDomain(ddl, parts) : requireType(ddl, parts);
  const schema = ddl.creationSchema(statement.newschema ?? '');
  if (schema.oid !== type.schemaOid) {
    checkWritableSchema(schema, type.name);
    const place = { schema, name: type.name };
    if (ddl.catalog.findType(schema.oid, type.name)?.name === type.name) {
      throw databaseError(
        'duplicateObject',
        `type "${type.name}" already exists in schema "${schema.name}"`,
      );
    }
    claimTypeName(ddl, place);
    ddl.put({ ...type, schemaOid: schema.oid, arrayName: freeArrayName(ddl, place) });
  }
  return isDomain ? 'ALTER DOMAIN' : 'ALTER TYPE';
}
