// The planner's own errors, in PostgreSQL's wording. A function per condition that more than one
// place raises; conditions raised once are written where they arise.

import { databaseError, type DatabaseError, type ErrorFields } from '#common';

/** An error field list with a position only when one is known. */
export function at(position: number | undefined, fields: ErrorFields = {}): ErrorFields {
  return position === undefined ? fields : { ...fields, position };
}

export function undefinedTable(name: string, position?: number): DatabaseError {
  return databaseError('undefinedTable', `relation "${name}" does not exist`, at(position));
}

export function missingFromClause(name: string, fields: ErrorFields): DatabaseError {
  return databaseError('undefinedTable', `missing FROM-clause entry for table "${name}"`, fields);
}

export function invalidFromReference(name: string, fields: ErrorFields): DatabaseError {
  return databaseError(
    'undefinedTable',
    `invalid reference to FROM-clause entry for table "${name}"`,
    fields,
  );
}

export function undefinedColumn(name: string, fields: ErrorFields): DatabaseError {
  return databaseError('undefinedColumn', `column ${name} does not exist`, fields);
}

export function undefinedColumnOfRelation(
  column: string,
  relation: string,
  position?: number,
): DatabaseError {
  return databaseError(
    'undefinedColumn',
    `column "${column}" of relation "${relation}" does not exist`,
    at(position),
  );
}

export function ambiguousColumn(name: string, position?: number): DatabaseError {
  return databaseError('ambiguousColumn', `column reference "${name}" is ambiguous`, at(position));
}

export function typeDoesNotExist(name: string, position?: number): DatabaseError {
  return databaseError('undefinedObject', `type "${name}" does not exist`, at(position));
}

/** "argument of WHERE must be type boolean, not type integer" */
export function wrongArgumentType(
  construct: string,
  expected: string,
  actual: string,
  position?: number,
): DatabaseError {
  return databaseError(
    'datatypeMismatch',
    `argument of ${construct} must be type ${expected}, not type ${actual}`,
    at(position),
  );
}

export function columnsMustBeGrouped(name: string, position?: number): DatabaseError {
  return databaseError(
    'groupingError',
    `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`,
    at(position),
  );
}

export function syntaxError(message: string, position?: number): DatabaseError {
  return databaseError('syntaxError', message, at(position));
}

export function undeterminedPolymorphic(position?: number, declared?: string): DatabaseError {
  const type = declared === undefined ? '' : ` ${declared}`;
  return databaseError(
    'datatypeMismatch',
    `could not determine polymorphic type${type} because input has type unknown`,
    at(position),
  );
}
