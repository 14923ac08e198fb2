// DROP TYPE and DROP DOMAIN: which types are meant; the rest is drop.ts's.

import type { DropStmt } from '@pgsql/types';
import { databaseError, moduleOfType, typeByName, type UserTypeDescriptor } from '#common';
import { bodyOf, moduleTypeNamed } from '#planner';
import { schemaDoesNotExist } from './errors.ts';
import type { DropTarget } from './object-description.ts';
import type { DdlStatement } from './statement.ts';
import { findType, typeNameParts } from './user-types.ts';

export function typesToDrop(ddl: DdlStatement, statement: DropStmt): DropTarget[] {
  const isDomain = statement.removeType === 'OBJECT_DOMAIN';
  const targets: DropTarget[] = [];
  for (const node of statement.objects ?? []) {
    const parts = typeNameParts(bodyOf(node, 'TypeName'));
    const found = findType(ddl, parts);
    if (found === undefined) {
      reportMissing(ddl, parts, statement);
      continue;
    }
    checkFound(ddl, found, parts.at(-1)!, isDomain);
    ddl.changes.forUpdate(found.oid);
    if (!targets.some((target) => target.kind === 'type' && target.oid === found.oid)) {
      targets.push({ kind: 'type', oid: found.oid });
    }
  }
  return targets;
}

function reportMissing(ddl: DdlStatement, parts: readonly string[], statement: DropStmt): void {
  const relation = ddl.findRelation(parts.at(-2), parts.at(-1)!);
  if (relation !== undefined && 'rowTypeOid' in relation) {
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop type ${relation.name} because ${relation.kind} ${relation.name} requires it`,
      { hint: `You can drop ${relation.kind} ${relation.name} instead.` },
    );
  }
  const brought = moduleTypeNamed(ddl.catalog, parts.at(-1)!, parts.at(-2));
  if (brought !== undefined) {
    const module = moduleOfType(brought.oid)!;
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop type ${ddl.typeText({ oid: brought.oid, typmod: -1 })} because extension ${module} requires it`,
      { hint: `You can drop extension ${module} instead.` },
    );
  }
  const builtin = parts.length === 1 || parts.at(-2) === 'pg_catalog';
  if (builtin && typeByName(parts.at(-1)!) !== undefined) {
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop type ${parts.at(-1)!} because it is required by the database system`,
    );
  }
  const [schema] = parts.length > 1 ? [parts.at(-2)!] : [];
  if (schema !== undefined && ddl.catalog.findSchema(schema) === undefined) {
    if (statement.missing_ok !== true) throw schemaDoesNotExist(schema);
    ddl.notice(`schema "${schema}" does not exist, skipping`);
    return;
  }
  const message = `type "${parts.join('.')}" does not exist`;
  if (statement.missing_ok !== true) throw databaseError('undefinedObject', message);
  ddl.notice(`${message}, skipping`);
}

function checkFound(
  ddl: DdlStatement,
  found: UserTypeDescriptor,
  name: string,
  isDomain: boolean,
): void {
  if (found.name !== name) {
    const array = ddl.typeText({ oid: found.arrayOid, typmod: -1 });
    const type = `type ${ddl.typeText({ oid: found.oid, typmod: -1 })}`;
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop type ${array} because ${type} requires it`,
      { hint: `You can drop ${type} instead.` },
    );
  }
  if (isDomain && found.definition.type !== 'domain') {
    throw databaseError('wrongObjectType', `"${name}" is not a domain`);
  }
  ddl.requireOwner('type', found);
}

/** A composite type's attribute goes with the type that it is of. */
export function removeAttribute(ddl: DdlStatement, typeOid: number, number: number): void {
  const type = ddl.catalog.typeByOid(typeOid);
  if (type?.definition.type !== 'composite') return;
  const columns = type.definition.columns.filter((column) => column.attributeNumber !== number);
  ddl.put({ ...type, definition: { ...type.definition, columns } });
}
