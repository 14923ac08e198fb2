// Follows a renamed enum label into the texts that the catalog keeps: stored expressions and the values
// of partition bounds and of columns' missing values. Each is read under the old name and printed under
// the new one. Queries of views are kept as written, so a view that names the label is refused.

import {
  DatabaseError,
  type Datum,
  type Expression,
  notSupported,
  type PartitionBound,
  queryOf,
  type RangeDatum,
  type StoredExpression,
  type TableDescriptor,
  typeInput,
  typeOutput,
  type UserTypeDescriptor,
} from '#common';
import { mapExpressions } from './rename-references.ts';
import type { DdlStatement } from './statement.ts';
import { bindStoredText, type ExpressionTarget, expressionSql } from './stored-expression.ts';
import { bindViewText } from './views.ts';

/** Makes the change that renames the label. 0A000 when the query of a view cannot follow. */
export function renameLabelInTexts(ddl: DdlStatement, label: string, change: () => void): void {
  const mention = unquoted(label);
  const names = (text: string): boolean => unquoted(text).includes(mention);
  const restated: (() => void)[] = [];
  for (const relation of ddl.catalog.userRelations()) {
    const query = queryOf(relation);
    if (query !== undefined) {
      if (names(query.sql)) restated.push(() => requireBound(ddl, query.sql, relation.name));
    } else if (relation.kind === 'table' && mentions(relation, names)) {
      restated.push(readTable(ddl, ddl.lockTable(relation.oid), names));
    }
  }
  for (const type of ddl.catalog.types()) {
    if (type.definition.type === 'domain') restated.push(readDomain(ddl, type, names));
  }
  change();
  for (const restate of restated) restate();
}

/** Without what literals, arrays and JSON.stringify() put around or before characters. */
function unquoted(text: string): string {
  return text.replaceAll(/['"\\]/gu, '');
}

function requireBound(ddl: DdlStatement, sql: string, view: string): void {
  try {
    bindViewText(ddl, sql);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.sqlState !== '22P02') throw error;
    throw notSupported(`renaming an enum label that the query of view "${view}" names`);
  }
}

type Names = (text: string) => boolean;

function mentions(table: TableDescriptor, names: Names): boolean {
  return names(JSON.stringify(table));
}

/** Reads a table's texts; the function that is returned prints them and puts the table. */
function readTable(ddl: DdlStatement, table: TableDescriptor, names: Names): () => void {
  const expressions = new Map<StoredExpression, Expression>();
  mapExpressions(table, (stored, place) => {
    if (names(stored.sql)) {
      expressions.set(stored, bindStoredText(ddl, stored.sql, { place, table }).expression);
    }
    return stored;
  });
  const missing = table.columns.map(({ type, missingValue }) =>
    missingValue === undefined ? undefined : printer(ddl, type.oid, missingValue),
  );
  const bound = readBound(ddl, table);
  return () => {
    const mapped = mapExpressions(table, (stored) => {
      const expression = expressions.get(stored);
      return expression === undefined
        ? stored
        : { ...stored, sql: expressionSql(expression, table) };
    });
    const columns = mapped.columns.map((column, position) => {
      const print = missing[position];
      return print === undefined ? column : { ...column, missingValue: print() };
    });
    ddl.put({ ...mapped, columns, ...(bound && { partitionBound: bound() }) });
  };
}

/** The value now; its text when called. */
function printer(ddl: DdlStatement, typeOid: number, text: string): () => string {
  const value: Datum = typeInput(typeOid)(text, -1, ddl.context.functions);
  return () => (value === null ? text : typeOutput(typeOid)(value, ddl.context.functions));
}

function readBound(ddl: DdlStatement, table: TableDescriptor): (() => PartitionBound) | undefined {
  const bound = table.partitionBound;
  const keys = ddl.catalog.tableByOid(table.parents?.[0] ?? 0)?.partitioning?.keys;
  if (keys === undefined) return undefined;
  if (bound?.kind === 'list') {
    const values = bound.values.map((value) =>
      value === null ? () => null : printer(ddl, keys[0].type.oid, value),
    );
    return () => ({ ...bound, values: values.map((print) => print()) });
  }
  if (bound?.kind !== 'range') return undefined;
  const readEnd = (end: readonly RangeDatum[]): (() => RangeDatum[]) => {
    const prints = end.map((datum, position) => {
      if (typeof datum === 'string') return () => datum;
      const print = printer(ddl, keys[position].type.oid, datum.value);
      return () => ({ value: print() });
    });
    return () => prints.map((print) => print());
  };
  const lower = readEnd(bound.lower);
  const upper = readEnd(bound.upper);
  return () => ({ ...bound, lower: lower(), upper: upper() });
}

/** Reads a domain's default and checks; the function that is returned prints them and puts it. */
function readDomain(ddl: DdlStatement, type: UserTypeDescriptor, names: Names): () => void {
  const { definition } = type;
  if (definition.type !== 'domain') return () => undefined;
  const read = (stored: StoredExpression, target: ExpressionTarget): (() => StoredExpression) => {
    if (!names(stored.sql)) return () => stored;
    const { expression } = bindStoredText(ddl, stored.sql, target);
    return () => ({ ...stored, sql: expressionSql(expression, undefined) });
  };
  const byDefault = definition.default && read(definition.default, { place: 'columnDefault' });
  const checks = definition.constraints.map(({ expression }) =>
    read(expression, { place: 'check', value: definition.base }),
  );
  return () => {
    const constraints = definition.constraints.map((each, position) => ({
      ...each,
      expression: checks[position](),
    }));
    const changed = { ...definition, constraints, ...(byDefault && { default: byDefault() }) };
    ddl.put({ ...type, definition: changed });
  };
}
