// Names of an index's columns as pg_attribute shows them and as names of indexes are made of them:
// the table's for columns, a function's for calls, "expr" for other expressions (ChooseIndexColumnNames).

import type { IndexColumn, TableDescriptor } from '#common';

export function indexColumnNames(
  table: TableDescriptor,
  columns: readonly IndexColumn[],
  included: readonly number[] = [],
): string[] {
  const names: string[] = [];
  const attributeName = (number: number): string => table.columns[number - 1]?.name ?? 'expr';
  const wanted = columns.map(({ attributeNumber, expression }) =>
    attributeNumber === 0 ? expressionName(expression?.sql ?? '') : attributeName(attributeNumber),
  );
  for (const base of [...wanted, ...included.map(attributeName)]) {
    let name = base;
    for (let suffix = 1; names.includes(name); suffix++) name = base + String(suffix);
    names.push(name);
  }
  return names;
}

/** A call is named for its function, a converted column for the column (FigureIndexColname). */
function expressionName(sql: string): string {
  const match = /^(?:([a-z_][a-z0-9_]*|NULLIF|COALESCE|GREATEST|LEAST)\(|\(([a-z_][a-z0-9_]*)\)::)/;
  const [, call, column] = match.exec(sql) ?? [];
  return (call ?? column)?.toLowerCase() ?? 'expr';
}
