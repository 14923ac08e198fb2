// DDL's own errors, in PostgreSQL's words.

import { type DatabaseError, databaseError, type ErrorFields } from '#common';

export function relationExists(name: string): DatabaseError {
  return databaseError('duplicateTable', `relation "${name}" already exists`);
}

export function relationDoesNotExist(name: string, position?: number): DatabaseError {
  return databaseError(
    'undefinedTable',
    `relation "${name}" does not exist`,
    positionField(position),
  );
}

export function schemaDoesNotExist(name: string): DatabaseError {
  return databaseError('invalidSchemaName', `schema "${name}" does not exist`);
}

export function roleDoesNotExist(name: string): DatabaseError {
  return databaseError('undefinedObject', `role "${name}" does not exist`);
}

export function databaseDoesNotExist(name: string): DatabaseError {
  return databaseError('invalidCatalogName', `database "${name}" does not exist`);
}

export function columnOfRelationDoesNotExist(column: string, relation: string): DatabaseError {
  return databaseError(
    'undefinedColumn',
    `column "${column}" of relation "${relation}" does not exist`,
  );
}

export function constraintDoesNotExist(constraint: string, relation: string): DatabaseError {
  return databaseError(
    'undefinedObject',
    `constraint "${constraint}" of relation "${relation}" does not exist`,
  );
}

export function columnSpecifiedTwice(column: string, position?: number): DatabaseError {
  return databaseError(
    'duplicateColumn',
    `column "${column}" specified more than once`,
    positionField(position),
  );
}

/** `"x" is not a table` */
export function wrongRelationKind(
  name: string,
  article: string,
  fields: ErrorFields = {},
): DatabaseError {
  return databaseError('wrongObjectType', `"${name}" is not ${article}`, fields);
}

export function mustBeOwner(kind: string, name: string): DatabaseError {
  return databaseError('insufficientPrivilege', `must be owner of ${kind} ${name}`);
}

export function permissionDenied(what: string): DatabaseError {
  return databaseError('insufficientPrivilege', `permission denied ${what}`);
}

export function notInTransactionBlock(command: string): DatabaseError {
  return databaseError('activeSqlTransaction', `${command} cannot run inside a transaction block`);
}

export function positionField(position: number | undefined): ErrorFields {
  return position === undefined ? {} : { position };
}
