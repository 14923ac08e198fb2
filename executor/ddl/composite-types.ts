// CREATE TYPE … AS (attributes), and ALTER TYPE's changes of them. Values of a composite type carry
// their own fields, so what is stored keeps its shape: a field that a value does not have reads as null.

import type { AlterTableCmd, AlterTableStmt, ColumnDef, CompositeTypeStmt } from '@pgsql/types';
import {
  type ColumnDescriptor,
  databaseError,
  notSupported,
  type UserTypeDescriptor,
} from '#common';
import { bodyOf, resolveType } from '#planner';
import { columnOfRelationDoesNotExist } from './errors.ts';
import { typeWithCollation } from './collations.ts';
import type { DdlStatement } from './statement.ts';
import { checkColumnNames, checkColumnType } from './table-elements.ts';
import { addType, claimTypeName, findType, requireType } from './user-types.ts';
import { requireOther, typeUsers } from './type-users.ts';

export function createCompositeType(ddl: DdlStatement, statement: CompositeTypeStmt): string {
  const range = statement.typevar!;
  const place = ddl.creationName(range);
  ddl.requireFreeName(place);
  claimTypeName(ddl, place);
  const columns = (statement.coldeflist ?? []).map((node, index) =>
    attribute(ddl, bodyOf(node, 'ColumnDef')!, index + 1),
  );
  checkColumnNames(columns);
  addType(ddl, {
    place,
    definition: { type: 'composite', relationOid: ddl.allocateOid(), columns },
  });
  return 'CREATE TYPE';
}

function attribute(
  ddl: DdlStatement,
  definition: ColumnDef,
  attributeNumber: number,
): ColumnDescriptor {
  const name = definition.colname ?? '';
  const given = resolveType(definition.typeName!, ddl.bindContext, ddl.parsed);
  checkColumnType(name, given.oid);
  const type = typeWithCollation(ddl, given, definition.collClause);
  return { name, attributeNumber, type, notNull: false, dropped: false };
}

type Composite = UserTypeDescriptor & {
  readonly definition: Extract<UserTypeDescriptor['definition'], { readonly type: 'composite' }>;
};

/** ALTER TYPE name ADD | DROP | ALTER ATTRIBUTE …. */
export function alterCompositeType(ddl: DdlStatement, statement: AlterTableStmt): string {
  const { schemaname, relname = '' } = statement.relation!;
  const parts = schemaname === undefined ? [relname] : [schemaname, relname];
  for (const node of statement.cmds ?? []) {
    const type = requireComposite(ddl, parts);
    change(ddl, type, bodyOf(node, 'AlterTableCmd')!);
  }
  return 'ALTER TYPE';
}

export function requireComposite(ddl: DdlStatement, parts: readonly string[]): Composite {
  if (findType(ddl, parts) === undefined) {
    const relation = ddl.findRelation(parts.at(-2), parts.at(-1) ?? '');
    if (relation !== undefined) {
      throw databaseError('wrongObjectType', `"${relation.name}" is not a composite type`);
    }
    throw databaseError('undefinedTable', `relation "${parts.join('.')}" does not exist`);
  }
  const type = requireType(ddl, parts);
  if (type.definition.type === 'composite') return type as Composite;
  throw databaseError('wrongObjectType', `"${type.name}" is not a composite type`);
}

function change(ddl: DdlStatement, type: Composite, command: AlterTableCmd): void {
  switch (command.subtype) {
    case 'AT_AddColumn':
      addAttribute(ddl, type, command);
      return;
    case 'AT_DropColumn':
      dropAttribute(ddl, type, command);
      return;
    case 'AT_AlterColumnType':
      alterAttribute(ddl, type, command);
      return;
    case 'AT_ChangeOwner':
      ddl.put({ ...type, owner: ddl.roleOf(command.newowner!).oid });
      return;
    default:
      throw notSupported(`ALTER TYPE … ${command.subtype ?? ''}`);
  }
}

function putColumns(
  ddl: DdlStatement,
  type: Composite,
  columns: readonly ColumnDescriptor[],
): void {
  ddl.put({ ...type, definition: { ...type.definition, columns } });
}

function addAttribute(ddl: DdlStatement, type: Composite, command: AlterTableCmd): void {
  const { columns } = type.definition;
  const added = attribute(ddl, bodyOf(command.def, 'ColumnDef')!, columns.length + 1);
  if (columns.some((column) => column.name === added.name && !column.dropped)) {
    throw databaseError(
      'duplicateColumn',
      `column "${added.name}" of relation "${type.name}" already exists`,
    );
  }
  requireOther(ddl, type.oid, added.type.oid);
  putColumns(ddl, type, [...columns, added]);
}

function dropAttribute(ddl: DdlStatement, type: Composite, command: AlterTableCmd): void {
  const { columns } = type.definition;
  const name = command.name ?? '';
  const found = columns.find((column) => column.name === name && !column.dropped);
  if (found === undefined) {
    if (command.missing_ok !== true) throw columnOfRelationDoesNotExist(name, type.name);
    ddl.notice(`column "${name}" of relation "${type.name}" does not exist, skipping`);
    return;
  }
  requireUnused(ddl, type);
  putColumns(
    ddl,
    type,
    columns
      .filter((column) => column !== found)
      .map((column, index) => ({ ...column, attributeNumber: index + 1 })),
  );
}

function alterAttribute(ddl: DdlStatement, type: Composite, command: AlterTableCmd): void {
  const { columns } = type.definition;
  const name = command.name ?? '';
  const found = columns.find((column) => column.name === name && !column.dropped);
  if (found === undefined) throw columnOfRelationDoesNotExist(name, type.name);
  const definition = bodyOf(command.def, 'ColumnDef')!;
  const altered = resolveType(definition.typeName!, ddl.bindContext, ddl.parsed);
  checkColumnType(name, altered.oid);
  requireOther(ddl, type.oid, altered.oid);
  requireUnused(ddl, type);
  putColumns(
    ddl,
    type,
    columns.map((column) => (column === found ? { ...column, type: altered } : column)),
  );
}

/** Stored values would have to be written anew. 0A000, as in PostgreSQL. */
function requireUnused(ddl: DdlStatement, type: Composite): void {
  const [user] = typeUsers(ddl, type);
  if (user === undefined) return;
  throw databaseError(
    'featureNotSupported',
    `cannot alter type "${type.name}" because column "${user.table}.${user.column}" uses it`,
  );
}
