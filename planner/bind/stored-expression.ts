// Expressions of tables as they are bound: defaults, checks, generation and index expressions. They
// see one row of the table, as `input` ordinals (attribute number - 1), and nothing else.

import type { Node } from '@pgsql/types';
import {
  BuiltinOid,
  databaseError,
  sqlType,
  TypeOid,
  type ColumnDescriptor,
  type Expression,
  type SqlType,
  type TableDescriptor,
} from '#common';
import { identityValueOid } from '#functions';
import { at, wrongArgumentType } from '../errors.ts';
import { mapChildren } from '../optimize/expression-tree.ts';
import { coerceToTarget } from './coercion.ts';
import { domainDefault } from './domain.ts';
import { storedSource, type Binder } from './context.ts';
import { int8Type } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { bodyOf } from './node.ts';
import { visibleItem } from './relation-item.ts';
import { Scope, type NamespaceItem } from './scope.ts';
import { textIfUnknown } from './sort-key.ts';
import { typeName } from './type-name.ts';
import { parseStored } from './view.ts';
import { startOf } from './located.ts';

export type TableExpressionPlace =
  | 'columnDefault'
  | 'check'
  | 'generated'
  | 'indexExpression'
  | 'indexPredicate'
  | 'partitionKey'
  | 'partitionBound'
  | 'alterColumn'
  | 'policy'
  | 'copyWhere'
  | 'publicationWhere';

export interface TableExpressionTarget {
  readonly place: TableExpressionPlace;
  /** Columns that the expression may name; absent: none. */
  readonly table?: TableDescriptor;
  /** The type of VALUE, which a domain's constraint names. */
  readonly value?: SqlType;
  /** What the value is converted to by assignment; its name is for messages. */
  readonly column?: { readonly name: string; readonly type: SqlType };
}

/** Stored texts have no place in the statement. */
export const noSource = storedSource(new Map());

/** The default of a column within a statement that is being bound; undefined when it has none. */
export function columnDefault(
  table: TableDescriptor,
  column: ColumnDescriptor,
  binder: Binder,
): Expression | undefined {
  if (column.identity !== undefined && column.sequenceOid !== undefined) {
    return sequenceValue(column.sequenceOid, column, binder);
  }
  if (column.default === undefined) {
    return column.type.oid < BuiltinOid.firstUserOid
      ? undefined
      : domainDefault(column.type, binder);
  }
  const request: TableExpressionTarget = { place: 'columnDefault', column };
  return bindStoredText(binder, column.default.sql, request);
}

function sequenceValue(sequence: number, column: ColumnDescriptor, binder: Binder): Expression {
  const call: Expression = {
    kind: 'call',
    functionOid: identityValueOid,
    arguments: [{ kind: 'constant', value: sequence, type: sqlType(TypeOid.regclass) }],
    type: int8Type,
  };
  return coerceToTarget(call, column.type, 'assignment', binder) ?? call;
}

/** The value of a generated column over the row's other values, given by attribute number. */
export function generatedValue(
  table: TableDescriptor,
  column: ColumnDescriptor,
  values: (attributeNumber: number) => Expression,
  binder: Binder,
): Expression {
  const request: TableExpressionTarget = { place: 'generated', table, column };
  const bound = bindStoredText(binder, column.generated!.sql, request);
  const replace = (expression: Expression): Expression =>
    expression.kind === 'input' ? values(expression.ordinal + 1) : mapChildren(expression, replace);
  return replace(bound);
}

/** Binds the text of a StoredExpression. */
export function bindStoredText(
  binder: Binder,
  sql: string,
  request: TableExpressionTarget,
): Expression {
  const { statement } = parseStored(`SELECT ${sql}`);
  const target = bodyOf(bodyOf(statement, 'SelectStmt')?.targetList?.[0], 'ResTarget');
  if (target?.val === undefined) {
    throw databaseError('invalidObjectDefinition', 'a stored expression is empty');
  }
  const node = target.val;
  return binder.withSource(noSource, () => bindTableNode(binder, node, request));
}

export function bindTableNode(
  binder: Binder,
  node: Node,
  request: TableExpressionTarget,
): Expression {
  const kind = ExpressionKinds[request.place];
  const scope = new Scope(binder, undefined);
  if (request.table !== undefined) scope.items.push(rowItem(request.table));
  else if (request.value !== undefined) scope.items.push(valueItem(request.value));
  else if (request.place === 'columnDefault') refuseColumns(node, scope);
  const value = scope.bindAs(kind, node);
  if (
    request.place === 'check' ||
    request.place === 'indexPredicate' ||
    request.place === 'policy' ||
    request.place === 'copyWhere' ||
    request.place === 'publicationWhere'
  ) {
    return asBoolean(value, kind.name, binder);
  }
  if (request.column === undefined) return textIfUnknown(value, binder);
  return asColumn(value, request, request.column, binder);
}

function asBoolean(value: Expression, construct: string, binder: Binder): Expression {
  const boolean = coerceToTarget(value, sqlType(TypeOid.bool), 'assignment', binder);
  if (boolean !== undefined) return boolean;
  throw wrongArgumentType(construct, 'boolean', typeName(value.type, binder), startOf(value));
}

function asColumn(
  value: Expression,
  request: TableExpressionTarget,
  column: { readonly name: string; readonly type: SqlType },
  binder: Binder,
): Expression {
  const converted = coerceToTarget(value, column.type, 'assignment', binder);
  if (converted !== undefined) return converted;
  const expected = typeName(column.type, binder);
  const actual = typeName(value.type, binder);
  if (request.place === 'alterColumn') {
    throw databaseError(
      'datatypeMismatch',
      `result of USING clause for column "${column.name}" cannot be cast automatically to type ${expected}`,
      { hint: 'You might need to add an explicit cast.' },
    );
  }
  throw databaseError(
    'datatypeMismatch',
    `column "${column.name}" is of type ${expected} but ${request.place === 'generated' ? 'generation' : 'default'} expression is of type ${actual}`,
    { hint: 'You will need to rewrite or cast the expression.' },
  );
}

/** A default has no row to look at. */
function refuseColumns(node: Node, scope: Scope): void {
  const pending: unknown[] = [node];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('ColumnRef' in value) {
      const reference = value.ColumnRef as { readonly location?: number };
      throw databaseError(
        'featureNotSupported',
        'cannot use column reference in DEFAULT expression',
        at(scope.position(reference.location)),
      );
    }
    for (const item of Object.values(value)) pending.push(item);
  }
}

/** VALUE as `input` 0, under the collation of the base type (PostgreSQL does not ask the domain's). */
function valueItem({ oid, typmod }: SqlType): NamespaceItem {
  const type = sqlType(oid, typmod);
  return {
    ...visibleItem,
    name: '',
    relation: undefined,
    table: undefined,
    columns: [{ name: 'value', type, expression: () => ({ kind: 'input', ordinal: 0, type }) }],
    pseudoColumn: () => undefined,
    rowKey: () => undefined,
    rowType: sqlType(TypeOid.record),
  };
}

/** The table's row as `input` ordinals. */
function rowItem(table: TableDescriptor): NamespaceItem {
  return {
    ...visibleItem,
    name: table.name,
    relation: { schemaOid: table.schemaOid, oid: table.oid },
    table,
    columns: table.columns
      .filter((column) => !column.dropped)
      .map((column) => ({
        name: column.name,
        type: column.type,
        expression: () => ({
          kind: 'input',
          ordinal: column.attributeNumber - 1,
          type: column.type,
        }),
      })),
    pseudoColumn: () => undefined,
    rowKey: () => undefined,
    rowType: sqlType(table.rowTypeOid),
  };
}
