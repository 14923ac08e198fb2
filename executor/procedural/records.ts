// Records as routines take and return them.

import {
  databaseError,
  type Datum,
  outputName,
  outputParameters,
  RecordValue,
  type RoutineDescriptor,
  sqlType,
  type SqlType,
  TypeOid,
} from '#common';
import type { CallTypes } from '#functions';
import type { RecordField } from '#planner';

/** A record must be what the column definition list of the call says. 42804 */
export function expectedRecord(
  value: Datum,
  { columns, resultType }: CallTypes,
  names: { typeName(type: SqlType): string },
): Datum {
  if (columns === undefined || resultType !== TypeOid.record || !(value instanceof RecordValue))
    return value;
  const message = 'returned record type does not match expected record type';
  if (value.types.length !== columns.length) {
    throw databaseError('datatypeMismatch', message, {
      detail: `Number of returned columns (${value.types.length}) does not match expected column count (${columns.length}).`,
    });
  }
  columns.forEach(({ type }, position) => {
    const given = value.types[position];
    const isUntyped = given === TypeOid.unknown && type.oid === TypeOid.text;
    if (given === type.oid || isUntyped) return;
    throw databaseError('datatypeMismatch', message, {
      detail: `Returned type ${names.typeName(sqlType(given))} does not match expected type ${names.typeName(type)} in column ${position + 1}.`,
    });
  });
  return value;
}

/** The output parameters of a procedure as one row; undefined: it has none. */
export function outputRecord(routine: RoutineDescriptor, value: Datum): RecordValue | undefined {
  const outputs = outputParameters(routine);
  if (outputs.length === 0) return undefined;
  if (outputs.length > 1) return value instanceof RecordValue ? value : undefined;
  return new RecordValue([outputs[0].type], [value], [outputName(outputs[0], 0)]);
}

/** The fields of a value, when it is a record. */
export function recordFields(value: Datum | undefined): readonly RecordField[] | undefined {
  if (!(value instanceof RecordValue)) return undefined;
  return value.types.map((type, position) => ({
    name: value.names?.[position] ?? `f${position + 1}`,
    type: sqlType(type),
  }));
}
