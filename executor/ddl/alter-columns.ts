// ALTER TABLE over columns: ADD, DROP, DEFAULT, NOT NULL. TYPE: alter-column-type.ts.

import type { AlterTableCmd, ColumnDef } from '@pgsql/types';
import {
  type ColumnDescriptor,
  databaseError,
  type Datum,
  type Expression,
  type TableDescriptor,
  typeByOid,
  typeOutput,
} from '#common';
import { bindColumnDefault, bodyOf } from '#planner';
import { addConstraintElement } from './alter-constraints.ts';
import { requireNoNulls } from './constraint-rows.ts';
import type { AlterWork } from './alter-table.ts';
import { columnWithDefault, plainColumn, tupleVersion } from './create-table.ts';
import { dropTargets } from './drop-targets.ts';
import { columnOfRelationDoesNotExist } from './errors.ts';
import { liveColumn } from './index-definition.ts';
import { isVolatile } from '../expression/volatility.ts';
import { compileRowExpression } from './row-expression.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored, bindStoredText, isNullConstant } from './stored-expression.ts';
import { type ConstraintElement, isSystemColumn, readColumn } from './table-elements.ts';
import { RewriteReason, rewriteTable } from './table-rewrite.ts';
import { requireOther } from './type-users.ts';
import { withNewTrees } from './table-trees.ts';

export function requireColumn(table: TableDescriptor, name: string): ColumnDescriptor {
  const column = liveColumn(table, name);
  if (column === undefined) throw columnOfRelationDoesNotExist(name, table.name);
  return column;
}

export function putColumn(ddl: DdlStatement, tableOid: number, changed: ColumnDescriptor): void {
  const table = ddl.table(tableOid);
  ddl.put({
    ...table,
    columns: table.columns.map((column) =>
      column.attributeNumber === changed.attributeNumber ? changed : column,
    ),
  });
}

export function* addColumn(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  const definition = bodyOf(command.def, 'ColumnDef') as ColumnDef;
  const constraints: ConstraintElement[] = [];
  const element = readColumn(ddl, definition, table.name, constraints);
  if (liveColumn(table, element.name) !== undefined) {
    const message = `column "${element.name}" of relation "${table.name}" already exists`;
    if (command.missing_ok !== true) throw databaseError('duplicateColumn', message);
    ddl.notice(`${message}, skipping`, '42701');
    return;
  }
  requireOther(ddl, table.rowTypeOid, element.type.oid);
  const attributeNumber = table.columns.length + 1;
  const provisional = {
    ...table,
    columns: [...table.columns, plainColumn(element, attributeNumber)],
  };
  const column = columnWithDefault(ddl, provisional, element, attributeNumber);
  const columns = [...table.columns, column];
  const versions = [...table.tupleVersions, tupleVersion(table.tupleVersions.length, columns)];
  const extended: TableDescriptor = { ...table, columns, tupleVersions: versions };
  const value = newColumnValue(ddl, extended, column);
  if (value === undefined || (value.constant !== undefined && value.constant === null)) {
    ddl.put(extended);
    if (column.notNull) yield* requireNoNulls(ddl, extended, column.name);
  } else if (value.constant !== undefined) {
    const missingValue = typeOutput(column.type.oid)(value.constant, ddl.context.functions);
    ddl.put({ ...extended, columns: [...table.columns, { ...column, missingValue }] });
  } else {
    const target = withNewTrees(ddl, extended);
    const width = table.columns.length;
    const evaluate = compileRowExpression(value.expression, width, ddl.context.functions);
    const convert = (row: Datum[]): Datum[] => {
      const extendedRow = row.slice(0, width);
      extendedRow.push(evaluate(row));
      if (column.notNull && extendedRow[width] === null) throw containsNulls(table, column);
      return extendedRow;
    };
    const reason = RewriteReason.defaultValue;
    yield* rewriteTable(ddl, { from: table, to: target, convert, reason });
    ddl.put(target);
  }
  for (const constraint of constraints) yield* addConstraintElement(ddl, table.oid, constraint);
}

export function containsNulls(table: TableDescriptor, column: ColumnDescriptor): Error {
  return databaseError(
    'notNullViolation',
    `column "${column.name}" of relation "${table.name}" contains null values`,
    { table: table.name, column: column.name },
  );
}

interface NewValue {
  readonly expression: Expression;
  /** The value when it is the same for all rows. */
  readonly constant?: Datum;
}

/** What rows that are there get in a new column; undefined: nothing. */
function newColumnValue(
  ddl: DdlStatement,
  table: TableDescriptor,
  column: ColumnDescriptor,
): NewValue | undefined {
  const sequence =
    column.identity !== undefined ? `nextval('${column.sequenceOid}'::regclass)` : undefined;
  const sql = sequence ?? column.generated?.sql ?? column.default?.sql;
  if (sql === undefined) return domainValue(ddl, table, column);
  const place = column.generated === undefined ? 'columnDefault' : 'generated';
  const { expression, attributes } = bindStoredText(ddl, sql, {
    place,
    column,
    ...(place === 'generated' ? { table } : {}),
  });
  if (attributes.length > 0 || isVolatile(expression)) return { expression };
  return { expression, constant: compileRowExpression(expression, 0, ddl.context.functions)([]) };
}

/** The default of a column's domain; null has to pass its constraints when there are rows. */
function domainValue(
  ddl: DdlStatement,
  table: TableDescriptor,
  column: ColumnDescriptor,
): NewValue | undefined {
  if (typeByOid(column.type.oid)?.kind !== 'domain') return undefined;
  const expression = bindColumnDefault(table, column.attributeNumber, ddl.bindContext);
  if (expression === undefined) return undefined;
  // Evaluated once a row, so that an empty table takes what its rows would not.
  return isVolatile(expression) || !ddl.context.storage.estimate(table.treeId).rows
    ? { expression }
    : { expression, constant: compileRowExpression(expression, 0, ddl.context.functions)([]) };
}

export function* dropColumn(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  const name = command.name ?? '';
  if (isSystemColumn(name))
    throw databaseError('featureNotSupported', `cannot drop system column "${name}"`);
  const column = liveColumn(table, name);
  if (column === undefined) {
    if (command.missing_ok !== true) throw columnOfRelationDoesNotExist(name, table.name);
    ddl.notice(`column "${name}" of relation "${table.name}" does not exist, skipping`);
    return;
  }
  const { attributeNumber } = column;
  const wasKey = table.keyColumns.includes(attributeNumber);
  dropTargets(ddl, [{ kind: 'column', tableOid: table.oid, attributeNumber }], {
    cascade: command.behavior === 'DROP_CASCADE',
  });
  const dropped = ddl.table(table.oid);
  const tupleVersions = [
    ...dropped.tupleVersions,
    tupleVersion(dropped.tupleVersions.length, dropped.columns),
  ];
  if (!wasKey) {
    ddl.put({ ...dropped, tupleVersions });
    return;
  }
  const target = withNewTrees(ddl, { ...dropped, tupleVersions, keyColumns: [] });
  yield* rewriteTable(ddl, { from: table, to: target });
  ddl.put(target);
}

export function setColumnDefault(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const column = requireColumn(table, command.name ?? '');
  if (column.identity !== undefined) {
    throw databaseError(
      'syntaxError',
      `column "${column.name}" of relation "${table.name}" is an identity column`,
      {
        ...(command.def === undefined
          ? { hint: 'Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.' }
          : {}),
      },
    );
  }
  if (column.generated !== undefined) {
    throw databaseError(
      'syntaxError',
      `column "${column.name}" of relation "${table.name}" is a generated column`,
      command.def === undefined
        ? { hint: 'Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.' }
        : {},
    );
  }
  const { default: _default, ...plain } = column;
  if (command.def === undefined || isNullConstant(command.def)) {
    putColumn(ddl, table.oid, plain);
    return;
  }
  const { stored } = bindStored(ddl, command.def, { place: 'columnDefault', column });
  putColumn(ddl, table.oid, { ...plain, default: stored });
}

/** A generated column becomes a plain one; its values stay. */
export function dropExpression(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const column = requireColumn(table, command.name ?? '');
  if (column.generated === undefined) {
    const message = `column "${column.name}" of relation "${table.name}" is not a stored generated column`;
    if (command.missing_ok !== true) throw databaseError('objectNotInPrerequisiteState', message);
    ddl.notice(`${message}, skipping`);
    return;
  }
  const { generated: _generated, ...plain } = column;
  putColumn(ddl, table.oid, plain);
}

/** SET NOT NULL and DROP NOT NULL. */
export function* setNotNull(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  const column = requireColumn(table, command.name ?? '');
  if (command.subtype === 'AT_SetNotNull') {
    if (column.notNull) return;
    yield* requireNoNulls(ddl, table, column.name);
    putColumn(ddl, table.oid, { ...column, notNull: true });
    return;
  }
  if (column.identity !== undefined) {
    throw databaseError(
      'syntaxError',
      `column "${column.name}" of relation "${table.name}" is an identity column`,
    );
  }
  if (table.keyColumns.includes(column.attributeNumber)) {
    throw databaseError('invalidTableDefinition', `column "${column.name}" is in a primary key`);
  }
  putColumn(ddl, table.oid, { ...column, notNull: false });
}
