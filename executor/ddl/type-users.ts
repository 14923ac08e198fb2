// Columns whose values hold values of a type: of the type itself, of arrays of it, and of types made
// of those.

import { databaseError, elementTypeOf, typeDisplayName, type UserTypeDescriptor } from '#common';
import type { DdlStatement } from './statement.ts';

export interface TypeUser {
  readonly tableOid: number;
  readonly table: string;
  readonly attributeNumber: number;
  readonly column: string;
}

export function typeUsers(ddl: DdlStatement, type: UserTypeDescriptor): TypeUser[] {
  const holders = typesHolding(ddl, type.oid);
  const users: TypeUser[] = [];
  for (const relation of ddl.catalog.userRelations()) {
    if (relation.kind !== 'table') continue;
    for (const column of relation.columns) {
      if (column.dropped || !holders.has(elementTypeOf(column.type.oid) || column.type.oid)) {
        continue;
      }
      users.push({
        tableOid: relation.oid,
        table: relation.name,
        attributeNumber: column.attributeNumber,
        column: column.name,
      });
    }
  }
  return users;
}

/** 42P16 when a column of the member's type would put the row type into itself. */
export function requireOther(ddl: DdlStatement, rowTypeOid: number, memberOid: number): void {
  if (!typesHolding(ddl, rowTypeOid).has(elementTypeOf(memberOid) || memberOid)) return;
  const name = typeDisplayName(rowTypeOid) ?? String(rowTypeOid);
  throw databaseError(
    'invalidTableDefinition',
    `composite type ${name} cannot be made a member of itself`,
  );
}

/** The type and those that are made of it, by oid. */
function typesHolding(ddl: DdlStatement, oid: number): ReadonlySet<number> {
  const holders = new Set([oid]);
  const holds = (used: number): boolean => holders.has(elementTypeOf(used) || used);
  for (let before = 0; before !== holders.size;) {
    before = holders.size;
    for (const type of ddl.catalog.types()) {
      const { definition } = type;
      const isHolder =
        (definition.type === 'domain' && holds(definition.base.oid)) ||
        (definition.type === 'range' && holds(definition.subtype.oid)) ||
        (definition.type === 'composite' &&
          definition.columns.some((column) => !column.dropped && holds(column.type.oid)));
      if (isHolder) holders.add(type.oid);
    }
    for (const relation of ddl.catalog.userRelations()) {
      if (relation.kind !== 'table') continue;
      if (relation.columns.some((column) => !column.dropped && holds(column.type.oid))) {
        holders.add(relation.rowTypeOid);
      }
    }
  }
  return holders;
}
