// Renaming what stored texts name. Expressions of a table are bound under the old names and printed
// under the new ones. Views keep the text of their query, so a relation that views use is renamed in
// their texts as well.

import type { StoredExpression, TableDescriptor } from '#common';
import { bindStoredText, type ExpressionTarget, expressionSql } from './stored-expression.ts';
import type { DdlStatement } from './statement.ts';
import { rewriteViewReferences } from './view-references.ts';

/** Texts of checks, generation expressions and indexes with the new names of columns. */
export function renameInExpressions(
  ddl: DdlStatement,
  before: TableDescriptor,
  after: TableDescriptor,
): TableDescriptor {
  const renamed = (
    stored: StoredExpression,
    place: ExpressionTarget['place'],
  ): StoredExpression => {
    const { expression } = bindStoredText(ddl, stored.sql, { place, table: before });
    return { ...stored, sql: expressionSql(expression, after) };
  };
  return {
    ...after,
    columns: after.columns.map((column) =>
      column.generated === undefined
        ? column
        : { ...column, generated: renamed(column.generated, 'generated') },
    ),
    constraints: after.constraints.map((constraint) =>
      constraint.type === 'check'
        ? { ...constraint, expression: renamed(constraint.expression, 'check') }
        : constraint,
    ),
    indexes: after.indexes.map((index) => ({
      ...index,
      columns: index.columns.map((column) =>
        column.expression === undefined
          ? column
          : { ...column, expression: renamed(column.expression, 'indexExpression') },
      ),
      ...(index.predicate === undefined
        ? {}
        : { predicate: renamed(index.predicate, 'indexPredicate') }),
    })),
  };
}

/** Makes the change, with the texts of the views that use the object rewritten to fit. */
export function renameInViews(ddl: DdlStatement, oid: number, change: () => void): void {
  const rewrite = rewriteViewReferences(ddl, oid);
  change();
  rewrite();
}
