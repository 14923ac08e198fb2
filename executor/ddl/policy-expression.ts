// The conditions of row policies as the catalog keeps them: like other expressions of a table where they
// have no subquery, otherwise as the text that was written, with the names in it qualified.

import type { Node } from '@pgsql/types';
import { notSupported, type StoredExpression, type TableDescriptor } from '#common';
import { clauseInside, editText, hasSubquery, type ParsedStatement } from '#planner';
import { droppableFunctions } from '../routine-use.ts';
import { qualifyingEdits } from './qualified-text.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored, bindStoredText, expressionSql } from './stored-expression.ts';

export function bindPolicyClause(
  ddl: DdlStatement,
  node: Node,
  table: TableDescriptor,
): StoredExpression {
  const { stored, expression } = bindStored(ddl, node, { place: 'policy', table });
  if (!hasSubquery(expression)) return stored;
  const { parsed } = ddl;
  const place = clausePlaces(parsed).find(({ start, end }) => isWithin(parsed, node, start, end));
  if (place === undefined) throw notSupported('a policy without the text of its condition');
  const query: ParsedStatement = { ...parsed, statement: node };
  const { edits, dependencies } = qualifyingEdits(ddl, query, droppableFunctions([expression]));
  const shifted = edits.map((edit) => ({
    ...edit,
    start: edit.start - place.start,
    end: edit.end - place.start,
  }));
  const sql = editText(parsed.sql.slice(place.start, place.end), shifted).trim();
  const own = dependencies.filter((oid) => oid !== table.oid);
  return { sql: `(${sql})`, dependencies: [...new Set([...stored.dependencies, ...own])] };
}

function clausePlaces(parsed: ParsedStatement): { readonly start: number; readonly end: number }[] {
  const { sql, start } = parsed;
  return [clauseInside(sql, start, ['using']), clauseInside(sql, start, ['with', 'check'])].filter(
    (place) => place !== undefined,
  );
}

function isWithin(parsed: ParsedStatement, node: Node, start: number, end: number): boolean {
  const pending: unknown[] = [node];
  while (pending.length > 0) {
    const each = pending.pop();
    if (typeof each !== 'object' || each === null) continue;
    if ('location' in each && typeof each.location === 'number') {
      const position = parsed.positionOf(each.location);
      if (position !== undefined) return position >= start && position < end;
    }
    pending.push(...Object.values(each));
  }
  return false;
}

/** Attributes of the table that a stored condition reads, in its subqueries as well. */
export function policyAttributes(
  ddl: DdlStatement,
  sql: string,
  table: TableDescriptor,
): readonly number[] {
  const found = new Set<number>();
  const pending: unknown[] = [bindStoredText(ddl, sql, { place: 'policy', table }).expression];
  while (pending.length > 0) {
    const each = pending.pop();
    if (typeof each !== 'object' || each === null) continue;
    if ('kind' in each && each.kind === 'input' && 'ordinal' in each)
      found.add((each.ordinal as number) + 1);
    for (const [name, value] of Object.entries(each)) if (name !== 'table') pending.push(value);
  }
  return [...found];
}

/** The condition under the new names of the table's columns. 0A000 where its text has to be followed. */
export function renamedPolicyClause(
  ddl: DdlStatement,
  stored: StoredExpression,
  { before, after }: { readonly before: TableDescriptor; readonly after: TableDescriptor },
): StoredExpression {
  const { expression } = bindStoredText(ddl, stored.sql, { place: 'policy', table: before });
  if (!hasSubquery(expression)) return { ...stored, sql: expressionSql(expression, after) };
  const changed = after.columns.filter(
    ({ name }, at) => before.columns[at] !== undefined && before.columns[at].name !== name,
  );
  const reads = policyAttributes(ddl, stored.sql, before);
  if (changed.every(({ attributeNumber }) => !reads.includes(attributeNumber))) return stored;
  throw notSupported('renaming a column that the subquery of a policy uses');
}
