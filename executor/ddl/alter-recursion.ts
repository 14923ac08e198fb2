// ALTER TABLE on a table that others inherit from: which commands its children follow, and what a child
// may not change of what it has inherited (tablecmds.c's ATSimpleRecursion and its kin).

import type { AlterTableCmd } from '@pgsql/types';
import {
  type ColumnDescriptor,
  type ConstraintDescriptor,
  databaseError,
  type TableDescriptor,
} from '#common';
import { bodyOf } from '#planner';
import { TableLock } from '#storage';
import type { AlterWork } from './alter-table.ts';
import { alterLock } from './alter-lock.ts';
import { adoptIndex } from './inheritance.ts';
import { adoptForeignKey } from './partition-foreign-keys.ts';
import { liveColumn } from './index-definition.ts';
import type { DdlStatement } from './statement.ts';

export type RunCommand = (ddl: DdlStatement, oid: number, command: AlterTableCmd) => AlterWork;

/** Commands that children follow as they are. */
const followed: ReadonlySet<string> = new Set([
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_AlterColumnType',
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_DropExpression',
  'AT_AddConstraint',
  'AT_DropConstraint',
  'AT_ValidateConstraint',
]);

export function hasChildren(table: TableDescriptor): boolean {
  return (table.children ?? []).length > 0;
}

/** Before the command runs on a table that was named itself. 42P16. */
export function checkInherited(
  table: TableDescriptor,
  command: AlterTableCmd,
  recurses: boolean,
): void {
  const name = command.name ?? '';
  const refuse = (message: string): Error => databaseError('invalidTableDefinition', message);
  const column = liveColumn(table, name);
  const isInherited = (column?.inheritCount ?? 0) > 0;
  switch (command.subtype) {
    case 'AT_DropColumn':
      if (table.ofTypeOid !== undefined)
        throw databaseError('wrongObjectType', 'cannot drop column from typed table');
      if (isInherited) throw refuse(`cannot drop inherited column "${name}"`);
      refuseKeyColumn(table, column, 'drop');
      return;
    case 'AT_AlterColumnType':
      if (isInherited) throw refuse(`cannot alter inherited column "${name}"`);
      refuseKeyColumn(table, column, 'alter');
      if (!recurses && hasChildren(table))
        throw refuse(`type of inherited column "${name}" must be changed in child tables too`);
      return;
    case 'AT_DropConstraint': {
      const constraint = table.constraints.find((each) => each.name === name);
      if (constraint !== undefined && (constraint.parentOid ?? constraint.inheritCount ?? 0) > 0) {
        throw refuse(`cannot drop inherited constraint "${name}" of relation "${table.name}"`);
      }
      return;
    }
    case 'AT_AddColumn':
      if (table.ofTypeOid !== undefined)
        throw databaseError('wrongObjectType', 'cannot add column to typed table');
      if (table.partitionBound !== undefined) {
        throw databaseError('wrongObjectType', 'cannot add column to a partition');
      }
      if (!recurses && hasChildren(table)) throw refuse('column must be added to child tables too');
      return;
    case 'AT_AddConstraint':
      if (!recurses && hasChildren(table) && isInheritableCheck(command)) {
        throw refuse('constraint must be added to child tables too');
      }
      return;
    case 'AT_ValidateConstraint': {
      const constraint = table.constraints.find((each) => each.name === name);
      const isKept = constraint?.type === 'check' && !constraint.validated;
      if (!recurses && hasChildren(table) && isKept && !constraint.noInherit)
        throw refuse('constraint must be validated on child tables too');
      return;
    }
    case 'AT_DropNotNull':
      if (table.partitionBound !== undefined && isInherited && column?.notNull === true) {
        throw refuse(`column "${name}" is marked NOT NULL in parent table`);
      }
      return;
    default:
  }
}

/** A partition's place depends on its key. */
function refuseKeyColumn(
  table: TableDescriptor,
  column: ColumnDescriptor | undefined,
  verb: 'drop' | 'alter',
): void {
  const keys = table.partitioning?.keys ?? [];
  if (!keys.some(({ attributeNumber }) => attributeNumber === column?.attributeNumber)) return;
  throw databaseError(
    'invalidTableDefinition',
    `cannot ${verb} column "${column!.name}" because it is part of the partition key of relation "${table.name}"`,
  );
}

function isInheritableCheck(command: AlterTableCmd): boolean {
  const constraint = bodyOf(command.def, 'Constraint');
  return constraint?.contype === 'CONSTR_CHECK' && constraint.is_no_inherit !== true;
}

/** ALTER TABLE ONLY … DROP COLUMN: those below keep the column as their own. */
export function releaseInChildren(
  ddl: DdlStatement,
  before: TableDescriptor,
  command: AlterTableCmd,
): void {
  if (command.subtype !== 'AT_DropColumn' || !hasChildren(before)) return;
  if (before.partitioning !== undefined) {
    throw databaseError(
      'invalidTableDefinition',
      'cannot drop column from only the partitioned table when partitions exist',
      { hint: 'Do not specify the ONLY keyword.' },
    );
  }
  for (const oid of before.children ?? []) {
    const child = ddl.lockTable(oid, TableLock.accessExclusive);
    const column = liveColumn(child, command.name ?? '');
    if (column === undefined) continue;
    const { inheritCount = 1, ...rest } = column;
    const kept = { ...rest, isLocal: true };
    putColumn(ddl, oid, inheritCount > 1 ? { ...kept, inheritCount: inheritCount - 1 } : kept);
  }
}

/** After the command has run on the table: the same below it. `before` is the table as it was. */
export function* followInChildren(
  ddl: DdlStatement,
  before: TableDescriptor,
  command: AlterTableCmd,
  run: RunCommand,
): AlterWork {
  if (!hasChildren(before) || !followed.has(command.subtype ?? '')) return;
  for (const oid of before.children ?? []) {
    const child = ddl.lockTable(oid, alterLock([command]));
    switch (command.subtype) {
      case 'AT_AddColumn':
        yield* addColumnBelow(ddl, child, command, run);
        break;
      case 'AT_DropColumn':
        yield* dropColumnBelow(ddl, child, command, run);
        break;
      case 'AT_AddConstraint':
        yield* addConstraintBelow(ddl, before, child, command, run);
        break;
      case 'AT_DropConstraint':
        yield* dropConstraintBelow(ddl, before, child, command, run);
        break;
      case 'AT_ValidateConstraint':
        if (child.constraints.some(({ name }) => name === command.name))
          yield* run(ddl, oid, command);
        break;
      default:
        yield* run(ddl, oid, command);
    }
  }
}

function putColumn(ddl: DdlStatement, oid: number, changed: ColumnDescriptor): void {
  const table = ddl.table(oid);
  ddl.put({
    ...table,
    columns: table.columns.map((column) =>
      column.attributeNumber === changed.attributeNumber ? changed : column,
    ),
  });
}

function* addColumnBelow(
  ddl: DdlStatement,
  child: TableDescriptor,
  command: AlterTableCmd,
  run: RunCommand,
): AlterWork {
  const name = bodyOf(command.def, 'ColumnDef')?.colname ?? '';
  const known = liveColumn(child, name);
  if (known !== undefined) {
    ddl.notice(`merging definition of column "${name}" for child "${child.name}"`);
    putColumn(ddl, child.oid, { ...known, inheritCount: (known.inheritCount ?? 0) + 1 });
    return;
  }
  yield* run(ddl, child.oid, command);
  const added = liveColumn(ddl.table(child.oid), name)!;
  putColumn(ddl, child.oid, { ...added, isLocal: false, inheritCount: 1 });
}

function* dropColumnBelow(
  ddl: DdlStatement,
  child: TableDescriptor,
  command: AlterTableCmd,
  run: RunCommand,
): AlterWork {
  const column = liveColumn(child, command.name ?? '');
  if (column === undefined) return;
  const inheritCount = (column.inheritCount ?? 1) - 1;
  if (inheritCount === 0 && column.isLocal === false) {
    yield* run(ddl, child.oid, command);
    return;
  }
  const { inheritCount: _count, ...rest } = column;
  putColumn(ddl, child.oid, inheritCount === 0 ? rest : { ...rest, inheritCount });
}

function* addConstraintBelow(
  ddl: DdlStatement,
  before: TableDescriptor,
  child: TableDescriptor,
  command: AlterTableCmd,
  run: RunCommand,
): AlterWork {
  const old = new Set(before.constraints.map(({ oid }) => oid));
  const added = ddl.table(before.oid).constraints.filter(({ oid }) => !old.has(oid));
  for (const constraint of added) {
    if (constraint.type === 'check') {
      if (!constraint.noInherit) yield* addCheckBelow(ddl, child, constraint, command, run);
    } else if (before.partitioning === undefined) continue;
    else if (constraint.type === 'foreign') {
      const own = child.constraints.some(({ parentOid }) => parentOid === constraint.oid);
      if (!own)
        yield* adoptForeignKey(ddl, { parentOid: before.oid, constraint, childOid: child.oid });
    } else {
      const index = ddl.table(before.oid).indexes.find(({ oid }) => oid === constraint.indexOid)!;
      if (!child.indexes.some(({ parentOid }) => parentOid === index.oid))
        yield* adoptIndex(ddl, index, child.oid);
    }
  }
}

function* addCheckBelow(
  ddl: DdlStatement,
  child: TableDescriptor,
  constraint: ConstraintDescriptor,
  command: AlterTableCmd,
  run: RunCommand,
): AlterWork {
  const known = child.constraints.find(({ name }) => name === constraint.name);
  const count = (each: ConstraintDescriptor): ConstraintDescriptor => ({
    ...each,
    inheritCount: (each.inheritCount ?? 0) + 1,
  });
  if (known !== undefined) {
    ddl.notice(`merging constraint "${constraint.name}" with inherited definition`);
    replace(ddl, child.oid, count(known));
    return;
  }
  const node = bodyOf(command.def, 'Constraint')!;
  const def = { Constraint: { ...node, conname: constraint.name } };
  yield* run(ddl, child.oid, { ...command, def });
  const own = ddl.table(child.oid).constraints.find(({ name }) => name === constraint.name);
  if (own !== undefined) replace(ddl, child.oid, { ...own, isLocal: false, inheritCount: 1 });
}

function replace(ddl: DdlStatement, oid: number, changed: ConstraintDescriptor): void {
  const table = ddl.table(oid);
  ddl.put({
    ...table,
    constraints: table.constraints.map((each) => (each.oid === changed.oid ? changed : each)),
  });
}

function* dropConstraintBelow(
  ddl: DdlStatement,
  before: TableDescriptor,
  child: TableDescriptor,
  command: AlterTableCmd,
  run: RunCommand,
): AlterWork {
  const dropped = before.constraints.find(({ name }) => name === command.name);
  if (dropped === undefined || (dropped.type === 'check' && dropped.noInherit)) return;
  const own =
    dropped.type === 'check'
      ? child.constraints.find((each) => each.name === dropped.name && each.type === 'check')
      : child.constraints.find((each) => each.parentOid === dropped.oid);
  if (own === undefined) return;
  const inheritCount = (own.inheritCount ?? 1) - 1;
  if (dropped.type === 'check' && (inheritCount > 0 || own.isLocal !== false)) {
    const { inheritCount: _count, ...rest } = own;
    replace(ddl, child.oid, inheritCount === 0 ? rest : { ...rest, inheritCount });
    return;
  }
  yield* run(ddl, child.oid, { ...command, name: own.name });
}
