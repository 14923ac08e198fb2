// SQL text of objects as PostgreSQL prints it: pg_get_indexdef(), pg_get_constraintdef(),
// pg_get_expr() (ruleutils.c).

import {
  type ConstraintDescriptor,
  type IndexColumn,
  type IndexDescriptor,
  quoteIdentifier,
  quoteLiteral,
  type TableDescriptor,
} from '#common';
import { functionRegistry } from '#functions';
import { withoutParentheses } from '#planner';
import { entryName } from './entry-names.ts';
import { shownExpression } from './pretty-expression.ts';
import type { CatalogNames } from './names.ts';
import { expressionText } from './expression-text.ts';

function columnName(table: TableDescriptor, attributeNumber: number): string {
  return quoteIdentifier(table.columns[attributeNumber - 1]?.name ?? '');
}

function columnList(table: TableDescriptor, attributes: readonly number[]): string {
  return attributes.map((attribute) => columnName(table, attribute)).join(', ');
}

const callText = /^(?:[a-z_][\w.]*|NULLIF|COALESCE|GREATEST|LEAST)\(.*\)$/s;

/** One key of an index: a column, or an expression in the parentheses that it needs. */
export function indexKeyText(
  names: CatalogNames,
  table: TableDescriptor,
  column: IndexColumn,
  pretty: boolean,
): string {
  if (column.expression === undefined) return columnName(table, column.attributeNumber);
  const { sql } = column.expression;
  const text = expressionText(names, sql);
  const shown = shownExpression(names, sql, { place: 'indexExpression', table, pretty });
  const isCall = withoutParentheses(text) === text && callText.test(text);
  return isCall ? shown : `(${shown})`;
}

export function indexDefinition(
  names: CatalogNames,
  index: IndexDescriptor,
  pretty: boolean,
): string {
  const table = names.catalog.tableByOid(index.tableOid)!;
  const keys = index.columns.map((column) => {
    let text = indexKeyText(names, table, column, pretty);
    if (column.collation !== undefined) {
      const collation = names.catalog.collationByOid(column.collation)?.name ?? '';
      text += ` COLLATE ${quoteIdentifier(collation)}`;
    }
    if (column.operatorClass !== undefined) {
      const brought = names.catalog.entryByOid('operatorClass', column.operatorClassOid ?? 0);
      const name =
        brought === undefined ? quoteIdentifier(column.operatorClass) : entryName(names, brought);
      text += ` ${name}`;
    }
    if (column.descending) text += column.nullsFirst ? ' DESC' : ' DESC NULLS LAST';
    else if (column.nullsFirst) text += ' NULLS FIRST';
    return text;
  });
  const parts = [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quoteIdentifier(index.name)} ON${table.partitioning === undefined ? '' : ' ONLY'}`,
    pretty ? names.relationName(table) : names.qualifiedName(table),
    `USING ${index.method} (${keys.join(', ')})`,
  ];
  if (index.included.length > 0) parts.push(`INCLUDE (${columnList(table, index.included)})`);
  if (index.unique && index.nullsNotDistinct) parts.push('NULLS NOT DISTINCT');
  const options = Object.entries(index.options ?? {}).map(
    ([name, value]) => `${name}=${quoteIdentifier(value) === value ? value : quoteLiteral(value)}`,
  );
  if (options.length > 0) parts.push(`WITH (${options.join(', ')})`);
  if (index.predicate !== undefined) {
    const place = { place: 'indexPredicate', table, pretty } as const;
    parts.push(`WHERE ${shownExpression(names, index.predicate.sql, place)}`);
  }
  return parts.join(' ');
}

export function constraintDefinition(
  names: CatalogNames,
  constraint: ConstraintDescriptor,
  pretty: boolean,
): string {
  const table = names.catalog.tableByOid(constraint.tableOid)!;
  let text = constraintBody(names, table, constraint, pretty);
  if (constraint.deferrable) text += ' DEFERRABLE';
  if (constraint.initiallyDeferred) text += ' INITIALLY DEFERRED';
  if (!constraint.validated) text += ' NOT VALID';
  return text;
}

function constraintBody(
  names: CatalogNames,
  table: TableDescriptor,
  constraint: ConstraintDescriptor,
  pretty: boolean,
): string {
  switch (constraint.type) {
    case 'check': {
      const place = { place: 'check', table, pretty } as const;
      const noInherit = constraint.noInherit ? ' NO INHERIT' : '';
      return `CHECK (${shownExpression(names, constraint.expression.sql, place)})${noInherit}`;
    }
    case 'foreign':
      return foreignKeyBody(names, table, constraint);
    case 'exclude':
      return exclusionBody(names, table, constraint, pretty);
    case 'primary':
    case 'unique': {
      const index = table.indexes.find((candidate) => candidate.oid === constraint.indexOid);
      const nulls = index?.nullsNotDistinct === true ? ' NULLS NOT DISTINCT' : '';
      const included = index?.included ?? [];
      const word = constraint.type === 'primary' ? 'PRIMARY KEY' : `UNIQUE${nulls}`;
      const include = included.length === 0 ? '' : ` INCLUDE (${columnList(table, included)})`;
      return `${word} (${columnList(table, constraint.columns)})${include}`;
    }
  }
}

function exclusionBody(
  names: CatalogNames,
  table: TableDescriptor,
  constraint: Extract<ConstraintDescriptor, { readonly type: 'exclude' }>,
  pretty: boolean,
): string {
  const index = table.indexes.find(({ oid }) => oid === constraint.indexOid)!;
  const keys = index.columns.map((column, at) => {
    const operator = functionRegistry.operatorByOid(constraint.operators[at])?.name ?? '=';
    return `${indexKeyText(names, table, column, pretty)} WITH ${operator}`;
  });
  const text = `EXCLUDE USING ${index.method} (${keys.join(', ')})`;
  if (index.predicate === undefined) return text;
  const place = { place: 'indexPredicate', table, pretty } as const;
  return `${text} WHERE (${shownExpression(names, index.predicate.sql, place)})`;
}

function foreignKeyBody(
  names: CatalogNames,
  table: TableDescriptor,
  constraint: Extract<ConstraintDescriptor, { readonly type: 'foreign' }>,
): string {
  const referenced = names.catalog.tableByOid(constraint.referencedTable)!;
  let text =
    `FOREIGN KEY (${columnList(table, constraint.columns)}) REFERENCES ${names.relationName(referenced)}` +
    `(${columnList(referenced, constraint.referencedColumns)})`;
  if (constraint.match === 'full') text += ' MATCH FULL';
  if (constraint.onUpdate !== 'no action')
    text += ` ON UPDATE ${constraint.onUpdate.toUpperCase()}`;
  if (constraint.onDelete !== 'no action')
    text += ` ON DELETE ${constraint.onDelete.toUpperCase()}`;
  if (constraint.onDeleteColumns !== undefined)
    text += ` (${columnList(table, constraint.onDeleteColumns)})`;
  return text;
}
