// Renaming what stored texts name. Expressions of a table are bound under the old names and printed
// under the new ones. Views keep the text of their query, so a relation that views use is renamed in
// their texts as well.

import { isDeepStrictEqual } from 'node:util';
import {
  type Expression,
  queryOf,
  quoteIdentifier,
  type StoredExpression,
  type TableDescriptor,
  type UserTypeDescriptor,
} from '#common';
import { rewriteExpression } from '#planner';
import { renamedPolicyClause } from './policy-expression.ts';
import { bindStoredText, type ExpressionTarget, expressionSql } from './stored-expression.ts';
import type { DdlStatement } from './statement.ts';
import {
  putViewText,
  rewriteViewReferences,
  type StoredView,
  viewCannotFollow,
} from './view-references.ts';
import { bindViewText } from './views.ts';

type Place = ExpressionTarget['place'];

/** Texts of checks, generation expressions, partition keys and indexes with the new names of columns. */
export function renameInExpressions(
  ddl: DdlStatement,
  before: TableDescriptor,
  after: TableDescriptor,
): TableDescriptor {
  return mapExpressions(after, (stored, place) => {
    // A default names no column.
    if (place === 'columnDefault') return stored;
    if (place === 'policy') return renamedPolicyClause(ddl, stored, { before, after });
    const { expression } = bindStoredText(ddl, stored.sql, { place, table: before });
    return { ...stored, sql: expressionSql(expression, after) };
  });
}

/** The table with each of its stored expressions replaced. */
export function mapExpressions(
  table: TableDescriptor,
  change: (stored: StoredExpression, place: Place) => StoredExpression,
): TableDescriptor {
  const { partitioning } = table;
  return {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      ...(column.default && { default: change(column.default, 'columnDefault') }),
      ...(column.generated && { generated: change(column.generated, 'generated') }),
    })),
    constraints: table.constraints.map((constraint) =>
      constraint.type === 'check'
        ? { ...constraint, expression: change(constraint.expression, 'check') }
        : constraint,
    ),
    indexes: table.indexes.map((index) => ({
      ...index,
      columns: index.columns.map((column) => withExpression(column, 'indexExpression', change)),
      ...(index.predicate && { predicate: change(index.predicate, 'indexPredicate') }),
    })),
    ...(table.policies && {
      policies: table.policies.map((policy) => ({
        ...policy,
        ...(policy.using && { using: change(policy.using, 'policy') }),
        ...(policy.check && { check: change(policy.check, 'policy') }),
      })),
    }),
    ...(partitioning && {
      partitioning: {
        ...partitioning,
        keys: partitioning.keys.map((key) => withExpression(key, 'partitionKey', change)),
      },
    }),
  };
}

function withExpression<Holder extends { readonly expression?: StoredExpression }>(
  holder: Holder,
  place: Place,
  change: (stored: StoredExpression, place: Place) => StoredExpression,
): Holder {
  const { expression } = holder;
  return expression === undefined ? holder : { ...holder, expression: change(expression, place) };
}

interface Field {
  readonly type: UserTypeDescriptor;
  readonly from: string;
  readonly to: string;
}

/**
 * Makes the change of an attribute's name, with the texts of expressions and views rewritten that select
 * it. 0A000 when a view cannot follow.
 */
export function renameField(ddl: DdlStatement, field: Field, change: () => void): void {
  const changed: TableDescriptor[] = [];
  const views: StoredView[] = [];
  for (const relation of ddl.catalog.userRelations()) {
    const query = queryOf(relation);
    if (query !== undefined && isBound(ddl, query.sql)) views.push(relation as StoredView);
    if (relation.kind !== 'table') continue;
    const after = mapExpressions(relation, (stored, place) => {
      if (place === 'columnDefault' || place === 'policy') return stored;
      if (!stored.sql.includes(quoteIdentifier(field.from))) return stored;
      const { expression } = bindStoredText(ddl, stored.sql, { place, table: relation });
      const sql = expressionSql(withFieldNamed(expression, field), relation);
      return sql === stored.sql ? stored : { ...stored, sql };
    });
    if (isDeepStrictEqual(after, relation)) continue;
    changed.push(after);
  }
  change();
  for (const table of changed) ddl.put(table);
  for (const view of views) renameFieldInView(ddl, view, field);
}

/** Only a query that no longer means anything has named the attribute. */
function renameFieldInView(ddl: DdlStatement, view: StoredView, { from, to }: Field): void {
  const { sql } = queryOf(view)!;
  if (isBound(ddl, sql)) return;
  const old = quoteIdentifier(from).replace(/[$.*+?^()[\]{}|\\]/g, String.raw`\$&`);
  const selection = new RegExp(`'(?:[^']|'')*'|(\\)\\s*\\.\\s*)${old}(?![\\w$])`, 'g');
  const renamed = sql.replace(selection, (whole, before: string | undefined) =>
    before === undefined ? whole : before + quoteIdentifier(to),
  );
  if (!isBound(ddl, renamed)) throw viewCannotFollow(view.name);
  putViewText(ddl, view, renamed);
}

function withFieldNamed(expression: Expression, { type, from, to }: Field): Expression {
  return rewriteExpression(expression, (node) =>
    node.kind === 'field' && node.argument.type.oid === type.oid && node.name === from
      ? { ...node, name: to }
      : node,
  );
}

function isBound(ddl: DdlStatement, sql: string): boolean {
  try {
    bindViewText(ddl, sql);
    return true;
  } catch {
    return false;
  }
}

/** Makes the change, with the texts of the views that use the object rewritten to fit. */
export function renameInViews(ddl: DdlStatement, oid: number, change: () => void): void {
  const rewrite = rewriteViewReferences(ddl, oid);
  change();
  rewrite();
}
