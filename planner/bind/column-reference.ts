// Names of columns (PostgreSQL's parse_relation.c): a, t.a, s.t.a, database.s.t.a, and whole rows.
// Scopes are searched from the inside out; the first level that knows the name answers, and two
// meanings at one level are an error.

import type { ColumnRef } from '@pgsql/types';
import { DatabaseError, databaseError, SqlState, type Expression } from '#common';
import {
  ambiguousColumn,
  at,
  invalidFromReference,
  missingFromClause,
  undefinedColumn,
} from '../errors.ts';
import { bodyOf } from './node.ts';
import type { NamespaceColumn, NamespaceItem, Scope } from './scope.ts';
import { missingColumnHint } from './similar-name.ts';
import { wholeRow } from './whole-row.ts';
import { fieldSelection } from './field-selection.ts';
import {
  ambiguousVariable,
  missingVariableField,
  variableConflict,
  variableReference,
} from './variable.ts';
import { located } from './located.ts';

export function bindColumnRef(reference: ColumnRef, scope: Scope): Expression {
  const position = scope.position(reference.location);
  const fields = reference.fields ?? [];
  const names = fields.map((field) => bodyOf(field, 'String')?.sval);
  const isStar = names.length > 0 && names.at(-1) === undefined;
  const parts = (isStar ? names.slice(0, -1) : names) as string[];
  if (isStar) return starAsRow(parts, scope, position);
  const bindColumn = (): Expression =>
    parts.length === 1 ? unqualified(parts[0], scope, position) : qualified(parts, scope, position);
  if (scope.binder.context.variables === undefined) return bindColumn();
  return columnOrVariable(parts, scope, { position, bindColumn });
}

/** A name in a routine's body: a column, a variable, or an error when it could be both. */
function columnOrVariable(
  parts: readonly string[],
  scope: Scope,
  options: { readonly position: number | undefined; readonly bindColumn: () => Expression },
): Expression {
  const { position, bindColumn } = options;
  const conflict = variableConflict(scope);
  const variable =
    conflict === 'useVariable' ? variableReference(parts, scope, position) : undefined;
  if (variable !== undefined && 'expression' in variable) return variable.expression;
  let column: Expression | undefined;
  let failure: unknown;
  try {
    column = bindColumn();
  } catch (error) {
    if (!(error instanceof DatabaseError) || !unknownNameStates.has(error.sqlState)) throw error;
    failure = error;
  }
  if (column !== undefined && conflict !== 'error') return column;
  const meaning = variableReference(parts, scope, position);
  if (meaning === undefined || 'missingField' in meaning) {
    if (column !== undefined) return column;
    if (meaning !== undefined) throw missingVariableField(parts, meaning.missingField, position);
    throw failure;
  }
  if (column !== undefined) throw ambiguousVariable(parts, position);
  return meaning.expression;
}

const unknownNameStates = new Set<string>([SqlState.undefinedColumn, SqlState.undefinedTable]);

/** t.* where no list of columns can stand is t's whole row. */
function starAsRow(
  parts: readonly string[],
  scope: Scope,
  position: number | undefined,
): Expression {
  if (parts.length === 0) {
    throw databaseError('syntaxError', 'row expansion via "*" is not supported here', at(position));
  }
  const item = findItem(relationName(parts, scope, position), scope, position);
  if (item !== undefined) return wholeRow(item, position);
  const variable = variableReference(parts, scope, position);
  if (variable !== undefined && 'expression' in variable) return variable.expression;
  throw missingFrom(parts.at(-1)!, scope, position);
}

/** A column or, failing that, a relation's whole row. */
function unqualified(name: string, scope: Scope, position: number | undefined): Expression {
  const column = findColumn(name, scope, position);
  if (column !== undefined) return located(column.expression(), position);
  const item = findItem([name], scope, position);
  if (item !== undefined) return wholeRow(item, position);
  throw undefinedColumn(`"${name}"`, {
    ...at(position),
    ...missingColumnHint(undefined, name, scope),
  });
}

function qualified(
  parts: readonly string[],
  scope: Scope,
  position: number | undefined,
): Expression {
  const relation = parts.slice(0, -1);
  const name = parts.at(-1)!;
  if (parts.length > 4) {
    throw databaseError(
      'syntaxError',
      `improper qualified name (too many dotted names): ${parts.join('.')}`,
      at(position),
    );
  }
  const item = findItem(relationName(relation, scope, position), scope, position);
  if (item === undefined) {
    const row = parts.length === 2 ? findColumn(parts[0], scope, position) : undefined;
    if (row !== undefined) throw missingFrom(parts[0], scope, position);
    throw missingFrom(relation.at(-1)!, scope, position);
  }
  const column = columnOfItem(item, name, position);
  if (column !== undefined) return located(column.expression(), position);
  const whole = wholeRow(item, position);
  const field =
    item.relation === undefined ? undefined : fieldSelection(whole, name, scope, position, false);
  if (field !== undefined) return field;
  throw undefinedColumn(`${relation.at(-1)}.${name}`, {
    ...at(position),
    ...missingColumnHint(relation.at(-1), name, scope),
  });
}

/** Drops the database from db.schema.table. */
function relationName(
  parts: readonly string[],
  scope: Scope,
  position: number | undefined,
): readonly string[] {
  if (parts.length < 3) return parts;
  if (parts[0] !== scope.binder.context.catalog.database.name) {
    throw databaseError(
      'featureNotSupported',
      `cross-database references are not implemented: ${parts.join('.')}`,
      at(position),
    );
  }
  return parts.slice(1);
}

/** The column that an unqualified name means, searching outwards. */
export function findColumn(
  name: string,
  scope: Scope,
  position: number | undefined,
): NamespaceColumn | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    let found: NamespaceColumn | undefined;
    let foundIn: NamespaceItem | undefined;
    for (const item of level.items) {
      if (!item.columnsVisible || (item.lateralOnly && !level.lateralActive)) continue;
      const column = columnOfItem(item, name, position);
      if (column === undefined) continue;
      if (found !== undefined) throw ambiguousColumn(name, position);
      found = column;
      foundIn = item;
    }
    if (found !== undefined && foundIn !== undefined) {
      checkLateral(foundIn, level, position);
      return found;
    }
  }
  return undefined;
}

/** A column of one item, pseudo-columns last. */
export function columnOfItem(
  item: NamespaceItem,
  name: string,
  position: number | undefined,
): NamespaceColumn | undefined {
  let found: NamespaceColumn | undefined;
  for (const column of item.columns) {
    if (column.name !== name) continue;
    if (found !== undefined) throw ambiguousColumn(name, position);
    found = column;
  }
  return found ?? item.pseudoColumn(name);
}

/** The item that a relation name (table, or schema and table) means, searching outwards. */
export function findItem(
  parts: readonly string[],
  scope: Scope,
  position: number | undefined,
): NamespaceItem | undefined {
  const name = parts.at(-1)!;
  const schema = parts.length > 1 ? parts[0] : undefined;
  const catalog = scope.binder.context.catalog;
  const schemaOid = schema === undefined ? undefined : catalog.findSchema(schema)?.oid;
  if (schema !== undefined && schemaOid === undefined) return undefined;
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    let found: NamespaceItem | undefined;
    for (const item of level.items) {
      if (!item.relationVisible || (item.lateralOnly && !level.lateralActive)) continue;
      if (item.name !== name) continue;
      if (schemaOid !== undefined && item.relation?.schemaOid !== schemaOid) continue;
      if (found !== undefined) {
        throw databaseError(
          'ambiguousAlias',
          `table reference "${name}" is ambiguous`,
          at(position),
        );
      }
      found = item;
    }
    if (found !== undefined) {
      checkLateral(found, level, position);
      return found;
    }
  }
  return undefined;
}

function checkLateral(item: NamespaceItem, level: Scope, position: number | undefined): void {
  if (!item.lateralOnly) return;
  if (!item.lateralAllowed) {
    throw databaseError(
      'invalidColumnReference',
      `invalid reference to FROM-clause entry for table "${item.name}"`,
      {
        ...at(position),
        detail: 'The combining JOIN type must be INNER or LEFT for a LATERAL reference.',
      },
    );
  }
  level.lateralReads.add(item);
}

/** "missing FROM-clause entry", or what hides the entry that exists. */
export function missingFrom(name: string, scope: Scope, position: number | undefined): Error {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    for (const item of level.items) {
      if (item.name === name) {
        return invalidFromReference(name, {
          ...at(position),
          hint: `There is an entry for table "${name}", but it cannot be referenced from this part of the query.`,
        });
      }
      const table = item.table;
      if (
        table !== undefined &&
        table.name === name &&
        item.name !== name &&
        item.relationVisible
      ) {
        return invalidFromReference(name, {
          ...at(position),
          hint: `Perhaps you meant to reference the table alias "${item.name}".`,
        });
      }
    }
  }
  return missingFromClause(name, at(position));
}
