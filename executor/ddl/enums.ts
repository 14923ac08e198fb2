// CREATE TYPE … AS ENUM, ALTER TYPE … ADD VALUE and RENAME VALUE. A value is its label's place, so a
// label between two others gets a place between theirs, and no stored row changes.

import type { AlterEnumStmt, CreateEnumStmt } from '@pgsql/types';
import { databaseError, type EnumLabel, type UserTypeDescriptor } from '#common';
import { stringsOf } from '#planner';
import { renameLabelInTexts } from './enum-references.ts';
import type { DdlStatement } from './statement.ts';
import { addType, claimTypeName, requireType, typePlace } from './user-types.ts';

const labelBytesMax = 63;

export function createEnum(ddl: DdlStatement, statement: CreateEnumStmt): string {
  const place = typePlace(ddl, stringsOf(statement.typeName));
  claimTypeName(ddl, place);
  const texts = stringsOf(statement.vals);
  texts.forEach((text, position) => {
    checkLabel(text);
    if (texts.indexOf(text) !== position) {
      throw databaseError(
        'uniqueViolation',
        'duplicate key value violates unique constraint "pg_enum_typid_label_index"',
        { detail: `Key (enumtypid, enumlabel)=(?, ${text}) already exists.` },
      );
    }
  });
  const labels = texts.map((label, position) => ({
    oid: ddl.allocateOid(),
    label,
    order: position + 1,
  }));
  addType(ddl, { place, definition: { type: 'enum', labels } });
  return 'CREATE TYPE';
}

function checkLabel(text: string): void {
  if (Buffer.byteLength(text) <= labelBytesMax) return;
  throw databaseError('invalidName', `invalid enum label "${text}"`, {
    detail: `Labels must be ${labelBytesMax} bytes or less.`,
  });
}

export function alterEnum(ddl: DdlStatement, statement: AlterEnumStmt): string {
  const parts = stringsOf(statement.typeName);
  const type = requireType(ddl, parts);
  if (type.definition.type !== 'enum') {
    throw databaseError('wrongObjectType', `${parts.join('.')} is not an enum`);
  }
  const { labels } = type.definition;
  if (statement.oldVal !== undefined && statement.oldVal !== '') {
    const changed = renamed(labels, statement.oldVal, statement.newVal ?? '');
    renameLabelInTexts(ddl, statement.oldVal, () => putLabels(ddl, type, changed));
    return 'ALTER TYPE';
  }
  const label = statement.newVal ?? '';
  checkLabel(label);
  if (labels.some((known) => known.label === label)) {
    if (statement.skipIfNewValExists !== true) throw labelExists(label);
    ddl.notice(`enum label "${label}" already exists, skipping`, '42710');
    return 'ALTER TYPE';
  }
  const position = placeFor(labels, statement);
  const added = { oid: ddl.allocateOid(), label, order: orderBetween(labels, position) };
  putLabels(ddl, type, labels.toSpliced(position, 0, added));
  return 'ALTER TYPE';
}

function putLabels(
  ddl: DdlStatement,
  type: UserTypeDescriptor,
  labels: readonly EnumLabel[],
): void {
  ddl.put({ ...type, definition: { type: 'enum', labels } });
}

function labelExists(label: string): Error {
  return databaseError('duplicateObject', `enum label "${label}" already exists`);
}

function renamed(labels: readonly EnumLabel[], from: string, to: string): EnumLabel[] {
  checkLabel(to);
  if (!labels.some(({ label }) => label === from)) {
    throw databaseError('invalidParameterValue', `"${from}" is not an existing enum label`);
  }
  if (labels.some(({ label }) => label === to)) throw labelExists(to);
  return labels.map((each) => (each.label === from ? { ...each, label: to } : each));
}

/** Where among the labels the new one goes. 22023. */
function placeFor(labels: readonly EnumLabel[], statement: AlterEnumStmt): number {
  const { newValNeighbor } = statement;
  if (newValNeighbor === undefined || newValNeighbor === '') return labels.length;
  const neighbor = labels.findIndex(({ label }) => label === newValNeighbor);
  if (neighbor < 0) {
    throw databaseError(
      'invalidParameterValue',
      `"${newValNeighbor}" is not an existing enum label`,
    );
  }
  return statement.newValIsAfter === true ? neighbor + 1 : neighbor;
}

/** 54000 when there is no number left between the neighbours: after some fifty in one place. */
function orderBetween(labels: readonly EnumLabel[], position: number): number {
  const before = labels[position - 1]?.order;
  const after = labels[position]?.order;
  if (after === undefined) return (before ?? 0) + 1;
  if (before === undefined) return after - 1;
  const middle = (before + after) / 2;
  if (middle > before && middle < after) return middle;
  throw databaseError(
    'programLimitExceeded',
    'too many values were added in one place of the enum',
  );
}
