// Renaming what stored texts name. Expressions of a table are bound under the old names and printed
// under the new ones. Views keep the text of their query, so a relation that views use is renamed in
// their texts as well.

import type { StoredExpression, TableDescriptor } from '#common';
import { renamedPolicyClause } from './policy-expression.ts';
import { bindStoredText, type ExpressionTarget, expressionSql } from './stored-expression.ts';
import type { DdlStatement } from './statement.ts';
import { rewriteViewReferences } from './view-references.ts';

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

/** Makes the change, with the texts of the views that use the object rewritten to fit. */
export function renameInViews(ddl: DdlStatement, oid: number, change: () => void): void {
  const rewrite = rewriteViewReferences(ddl, oid);
  change();
  rewrite();
}
