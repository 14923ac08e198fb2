// ALTER TABLE … ALTER COLUMN ADD, SET and DROP IDENTITY.

import type { AlterTableCmd } from '@pgsql/types';
import { databaseError, type SequenceDescriptor, type TableDescriptor } from '#common';
import { bodyOf, definitionElements, elementInteger, listItems } from '#planner';
import { putColumn, requireColumn } from './alter-columns.ts';
import { dropTargets } from './drop-targets.ts';
import { addColumnSequence, alterSequenceOptions, readSequenceOptions } from './sequences.ts';
import type { DdlStatement } from './statement.ts';
import { checkIdentityType } from './table-elements.ts';

const always = 'a'.charCodeAt(0);

export function addIdentity(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const column = requireColumn(table, command.name ?? '');
  const of = `column "${column.name}" of relation "${table.name}"`;
  const wrongState = (message: string): Error =>
    databaseError('objectNotInPrerequisiteState', message);
  if (!column.notNull)
    throw wrongState(`${of} must be declared NOT NULL before identity can be added`);
  if (column.identity !== undefined) throw wrongState(`${of} is already an identity column`);
  if (column.default !== undefined) throw wrongState(`${of} already has a default value`);
  const { oid } = column.type;
  checkIdentityType(oid);
  const constraint = bodyOf(command.def, 'Constraint');
  const place = { name: column.name, attributeNumber: column.attributeNumber, typeOid: oid };
  const sequence = addColumnSequence(ddl, table, place, definitionElements(constraint?.options));
  const identity = constraint?.generated_when === 'a' ? 'always' : 'by default';
  putColumn(ddl, table.oid, { ...column, identity, sequenceOid: sequence.oid });
}

export function setIdentity(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const column = requireColumn(table, command.name ?? '');
  if (column.identity === undefined) throw notIdentity(table, column.name);
  const elements = definitionElements(listItems(command.def));
  const generated = elements.find((element) => element.defname === 'generated');
  if (generated !== undefined) {
    const identity = Number(elementInteger(generated)) === always ? 'always' : 'by default';
    putColumn(ddl, table.oid, { ...column, identity });
  }
  const options = elements.filter((element) => element !== generated);
  if (options.length === 0) return;
  const sequence = ddl.changes.forUpdate(column.sequenceOid!) as SequenceDescriptor;
  alterSequenceOptions(ddl, sequence, readSequenceOptions(ddl, options));
}

export function dropIdentity(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const column = requireColumn(table, command.name ?? '');
  if (column.identity === undefined) {
    if (command.missing_ok !== true) throw notIdentity(table, column.name);
    ddl.notice(
      `column "${column.name}" of relation "${table.name}" is not an identity column, skipping`,
    );
    return;
  }
  const { identity: _identity, sequenceOid, ...plain } = column;
  putColumn(ddl, table.oid, plain);
  if (sequenceOid !== undefined)
    dropTargets(ddl, [{ kind: 'relation', oid: sequenceOid }], { cascade: true, quiet: true });
}

function notIdentity(table: TableDescriptor, column: string): Error {
  return databaseError(
    'objectNotInPrerequisiteState',
    `column "${column}" of relation "${table.name}" is not an identity column`,
  );
}
