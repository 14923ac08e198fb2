// RowDescription or NoData for a statement's result columns.

import { type ByteWriter, type SqlType, typeByOid } from '#common';
import type { ResultColumn } from '#planner';
import { Backend } from './message-types.ts';
import { writeEmptyMessage, writeRowDescription, type FieldDescription } from './messages.ts';

/** `fields` undefined: the statement returns no rows. */
export function describeFields(
  writer: ByteWriter,
  fields: readonly FieldDescription[] | undefined,
  formats: readonly number[],
): void {
  if (fields === undefined) writeEmptyMessage(writer, Backend.noData);
  else writeRowDescription(writer, fields, formats);
}

export function fieldOf(column: ResultColumn): FieldDescription {
  return {
    name: column.name,
    tableOid: column.tableOid,
    attributeNumber: column.attributeNumber,
    ...wireType(column.type),
  };
}

/** Clients see a domain as what it is over. */
function wireType({
  oid,
  typmod,
}: SqlType): Pick<FieldDescription, 'typeOid' | 'typeLength' | 'typmod'> {
  const type = typeByOid(oid);
  if (type?.kind === 'domain') {
    return wireType({ oid: type.facts.base, typmod: type.facts.baseModifier });
  }
  return { typeOid: oid, typeLength: type?.length ?? -1, typmod };
}

/** A column that a command makes up (SHOW, EXPLAIN). */
export function plainField(name: string, typeOid: number): FieldDescription {
  return {
    name,
    tableOid: 0,
    attributeNumber: 0,
    typeOid,
    typeLength: typeByOid(typeOid)?.length ?? -1,
    typmod: -1,
  };
}
