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

function expressionName(sql: string): string {
  return /^([a-z_][a-z0-9_]*)\(/.exec(sql)?.[1]?.toLowerCase() ?? 'expr';
}
