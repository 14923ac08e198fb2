// ALTER TABLE … ALTER COLUMN … TYPE: what is stored, what is indexed and what the table says of the column follow.

import type { AlterTableCmd, ColumnDef } from '@pgsql/types';
import {
  type ColumnDescriptor,
  databaseError,
  type Datum,
  queryOf,
  quoteIdentifier,
  type SqlType,
  type TableDescriptor,
} from '#common';
import { bodyOf, resolveType } from '#planner';
import { containsNulls, requireColumn } from './alter-columns.ts';
import { checkReferences, checkRows } from './constraint-rows.ts';
import type { AlterWork } from './alter-table.ts';
import { typeWithCollation } from './collations.ts';
import { tupleVersion } from './create-table.ts';
import { findDependents } from './dependencies.ts';
import { checkForeignKeyTypes, foreignKeysOver } from './foreign-keys.ts';
import { columnOfType } from './operator-classes.ts';
import { compileRowExpression } from './row-expression.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored, bindStoredText, type StoredBinding } from './stored-expression.ts';
import { checkColumnType, checkIdentityType, isSystemColumn } from './table-elements.ts';
import { RewriteReason, rewriteTable } from './table-rewrite.ts';
import { requireOther } from './type-users.ts';
import { withNewTrees } from './table-trees.ts';

export function* alterColumnType(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  const name = command.name ?? '';
  if (isSystemColumn(name))
    throw databaseError('featureNotSupported', `cannot alter system column "${name}"`);
  const column = requireColumn(table, name);
  const definition = bodyOf(command.def, 'ColumnDef') as ColumnDef;
  if (column.generated !== undefined && definition.raw_default !== undefined) {
    throw databaseError(
      'invalidColumnDefinition',
      'cannot specify USING when altering type of generated column',
      { detail: `Column "${column.name}" is a generated column.` },
    );
  }
  const given = resolveType(definition.typeName!, ddl.bindContext, ddl.parsed);
  const type = typeWithCollation(ddl, given, definition.collClause);
  checkColumnType(column.name, type.oid);
  requireOther(ddl, table.rowTypeOid, type.oid);
  const conversion = conversionOf(ddl, table, { ...column, type }, definition);
  if (column.identity !== undefined) checkIdentityType(type.oid);
  refuseDependents(ddl, table, column);
  const changed = withColumnType(ddl, table, column, type);
  rebindExpressions(ddl, changed, column.attributeNumber);
  checkForeignKeyTypes(ddl, changed, column.attributeNumber);
  if (isSameStorage(column.type, type) && definition.raw_default === undefined) {
    ddl.put(changed);
    return;
  }
  const target = withNewTrees(ddl, changed);
  const position = column.attributeNumber - 1;
  const evaluate = compileRowExpression(
    conversion.expression,
    table.columns.length,
    ddl.context.functions,
  );
  const convert = (row: Datum[]): Datum[] => {
    const converted = row.slice();
    converted[position] = evaluate(row);
    if (column.notNull && converted[position] === null) throw containsNulls(table, column);
    return converted;
  };
  const reason = RewriteReason.columnType;
  yield* rewriteTable(ddl, { from: table, to: target, convert, reason });
  ddl.put(target);
  for (const constraint of target.constraints) {
    if (constraint.columns.includes(column.attributeNumber))
      yield* checkRows(ddl, target, constraint);
  }
  for (const key of foreignKeysOver(ddl, target, column.attributeNumber)) {
    if (key.validated) yield* checkReferences(ddl, ddl.table(key.tableOid), key);
  }
}

/** What the table says about the column must hold for the new type as well. 42883 and the like. */
function rebindExpressions(
  ddl: DdlStatement,
  table: TableDescriptor,
  attributeNumber: number,
): void {
  for (const constraint of table.constraints) {
    if (constraint.type !== 'check' || !constraint.columns.includes(attributeNumber)) continue;
    bindStoredText(ddl, constraint.expression.sql, { place: 'check', table });
  }
  for (const index of table.indexes) {
    if (index.predicate !== undefined)
      bindStoredText(ddl, index.predicate.sql, { place: 'indexPredicate', table });
    for (const { expression } of index.columns) {
      if (expression !== undefined)
        bindStoredText(ddl, expression.sql, { place: 'indexExpression', table });
    }
  }
}

/** USING, or an assignment cast of the old value. 42804. */
function conversionOf(
  ddl: DdlStatement,
  table: TableDescriptor,
  column: ColumnDescriptor,
  definition: ColumnDef,
): StoredBinding {
  if (definition.raw_default !== undefined) {
    return bindStored(ddl, definition.raw_default, { place: 'alterColumn', table, column });
  }
  try {
    return bindStoredText(ddl, quoteIdentifier(column.name), {
      place: 'alterColumn',
      table,
      column,
    });
  } catch (error) {
    if (!(error instanceof Error) || !('sqlState' in error) || error.sqlState !== '42804')
      throw error;
    const typeText = ddl.typeText(column.type);
    throw databaseError(
      'datatypeMismatch',
      `column "${column.name}" cannot be cast automatically to type ${typeText}`,
      column.generated === undefined
        ? {
            hint: `You might need to specify "USING ${quoteIdentifier(column.name)}::${typeText}".`,
          }
        : {},
    );
  }
}

/** varchar(10) to varchar(20) or text: the stored bytes, and the order of indexes, are the same. */
function isSameStorage(from: SqlType, to: SqlType): boolean {
  if (from.collation !== to.collation) return false;
  if (from.oid === to.oid && (from.typmod === to.typmod || to.typmod < 0)) return true;
  const [varchar, text] = [1043, 25];
  if (from.oid === varchar && to.oid === text) return true;
  if (from.oid === text && to.oid === varchar && to.typmod < 0) return true;
  return from.oid === varchar && to.oid === varchar && from.typmod >= 0 && to.typmod >= from.typmod;
}

function withColumnType(
  ddl: DdlStatement,
  table: TableDescriptor,
  column: ColumnDescriptor,
  type: SqlType,
): TableDescriptor {
  const { missingValue: _missing, ...plain } = column;
  let changed: ColumnDescriptor = { ...plain, type };
  if (column.default !== undefined)
    changed = { ...changed, default: convertedDefault(ddl, column, type) };
  const indexes = table.indexes.map((index) => ({
    ...index,
    columns: index.columns.map((key) =>
      key.attributeNumber === column.attributeNumber
        ? columnOfType(ddl, index.method, key, type)
        : key,
    ),
  }));
  const columns = table.columns.map((each) => (each === column ? changed : each));
  const kept = isSameStorage(column.type, type);
  return {
    ...table,
    indexes,
    columns: kept
      ? columns.map((each) =>
          each === changed && column.missingValue !== undefined
            ? { ...each, missingValue: column.missingValue }
            : each,
        )
      : columns,
    tupleVersions: [...table.tupleVersions, tupleVersion(table.tupleVersions.length, columns)],
  };
}

function convertedDefault(
  ddl: DdlStatement,
  column: ColumnDescriptor,
  type: SqlType,
): NonNullable<ColumnDescriptor['default']> {
  try {
    bindStoredText(ddl, column.default!.sql, {
      place: 'columnDefault',
      column: { name: column.name, type },
    });
    return column.default!;
  } catch (error) {
    if (!(error instanceof Error) || !('sqlState' in error) || error.sqlState !== '42804')
      throw error;
    throw databaseError(
      'datatypeMismatch',
      `default for column "${column.name}" cannot be cast automatically to type ${ddl.typeText(type)}`,
    );
  }
}

/** Views and generated columns are bound to the old type. */
function refuseDependents(
  ddl: DdlStatement,
  table: TableDescriptor,
  column: ColumnDescriptor,
): void {
  const { attributeNumber } = column;
  for (const { target, message } of findDependents(ddl, [
    { kind: 'column', tableOid: table.oid, attributeNumber },
  ])) {
    if (target.kind !== 'relation') continue;
    if (queryOf(ddl.catalog.relationByOid(target.oid)) === undefined) continue;
    throw databaseError(
      'featureNotSupported',
      'cannot alter type of a column used by a view or rule',
      {
        detail: `rule _RETURN on ${message.slice(0, message.indexOf(' depends on '))} depends on column "${column.name}"`,
      },
    );
  }
  for (const each of table.columns) {
    if (each.generated === undefined || each.dropped) continue;
    const { attributes } = bindStoredText(ddl, each.generated.sql, {
      place: 'generated',
      table,
      column: each,
    });
    if (!attributes.includes(attributeNumber)) continue;
    throw databaseError(
      'featureNotSupported',
      'cannot alter type of a column used by a generated column',
      {
        detail: `Column "${column.name}" is used by generated column "${each.name}".`,
      },
    );
  }
}
