// Stored expressions with only the parentheses that precedence asks for: the "pretty" form of
// pg_get_constraintdef(), pg_get_indexdef() and pg_get_expr(). The text is bound and printed anew; what
// cannot be bound alone is thinned out as text (pretty-text.ts).

import { quoteIdentifier, type SqlType, type TableDescriptor } from '#common';
import { bindStoredExpression, deparseExpression, type TableExpressionRequest } from '#planner';
import { expressionText } from './expression-text.ts';
import type { CatalogNames } from './names.ts';
import { prettyText } from './pretty-text.ts';

/** Where the expression stands, which says what it may name. */
export interface ExpressionPlace {
  readonly place: TableExpressionRequest['place'];
  readonly table?: TableDescriptor;
  /** The type of VALUE in a domain's constraint. */
  readonly value?: SqlType;
}

export function shownExpression(
  names: CatalogNames,
  sql: string,
  options: ExpressionPlace & { readonly pretty: boolean },
): string {
  if (!options.pretty) return expressionText(names, sql);
  return prettyExpression(names, sql, options) ?? prettyText(expressionText(names, sql));
}

/** The expressions of an index (pg_index.indexprs) or a single one. */
export function shownExpressions(
  names: CatalogNames,
  sql: string,
  options: ExpressionPlace & { readonly pretty: boolean },
): string {
  return splitList(sql)
    .map((each) => shownExpression(names, each, options))
    .join(', ');
}

/** At commas outside of quotes and parentheses. */
function splitList(sql: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [token] of sql.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]/gs)) {
    if (token === '(' || token === '[') depth++;
    if (token === ')' || token === ']') depth--;
    if (token === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts.map((part) => part.trim());
}

function prettyExpression(
  names: CatalogNames,
  sql: string,
  { place, table, value }: ExpressionPlace,
): string | undefined {
  const context = { catalog: names.catalog, searchPath: ['pg_catalog'], currentUser: '' };
  try {
    const { expression } = bindStoredExpression(sql, {
      place,
      context,
      ...(table && { table }),
      ...(value && { value }),
    });
    const text = deparseExpression(expression, {
      column: (id) => `column${id}`,
      input: (ordinal) =>
        table === undefined ? 'VALUE' : quoteIdentifier(table.columns[ordinal]?.name ?? ''),
      slot: (slot) => `$${slot}`,
      subplan: () => '(SubPlan)',
      userType: (oid) => `pg_catalog."${oid}"`,
      pretty: true,
    });
    return expressionText(names, text);
  } catch {
    return undefined;
  }
}
