// A value into a variable or into a field of a row variable.

import { databaseError, type Datum, RecordValue, sqlType, type SqlType } from '#common';
import { type Frame, notAssigned } from './frame.ts';
import type { FoundVariable, VariableInfo } from './names.ts';
import { compositeColumns } from './row-columns.ts';

/** Assigns to a variable or to a field of one. */
export function assignTo(frame: Frame, target: FoundVariable, value: Datum, type: SqlType): void {
  const { variable, rest } = target;
  if (rest.length === 0) frame.assign(variable, value, type);
  else assignField(frame, variable, rest[0], { value, type });
}

function assignField(
  frame: Frame,
  variable: VariableInfo,
  field: string,
  given: { readonly value: Datum; readonly type: SqlType },
): void {
  const record = currentRecord(frame, variable);
  const position = fieldPosition(record, variable, field);
  const type = fieldType(frame, variable, record, position);
  const fields = record.fields.slice();
  fields[position] = frame.casts.convert(given.value, given.type, type);
  frame.values[variable.index] = new RecordValue(record.types, fields, record.names);
}

/** The row that a variable holds; one of a named type begins as a row of nulls. */
export function currentRecord(frame: Frame, variable: VariableInfo): RecordValue {
  const value = frame.values[variable.index];
  if (value instanceof RecordValue) {
    if (value.names !== undefined) return value;
    const columns = compositeColumns(frame, frame.types[variable.index].oid);
    const names = columns?.map((column) => column.name);
    return new RecordValue(
      value.types,
      value.fields,
      names ?? value.types.map((_t, i) => `f${i + 1}`),
    );
  }
  const columns = compositeColumns(frame, variable.type.oid);
  if (columns === undefined) throw notAssigned(variable.name);
  return new RecordValue(
    columns.map((column) => column.type.oid),
    columns.map(() => null),
    columns.map((column) => column.name),
  );
}

export function fieldPosition(record: RecordValue, variable: VariableInfo, field: string): number {
  const position = record.names?.indexOf(field) ?? -1;
  if (position >= 0) return position;
  throw databaseError('undefinedColumn', `record "${variable.name}" has no field "${field}"`);
}

export function fieldType(
  frame: Frame,
  variable: VariableInfo,
  record: RecordValue,
  position: number,
): SqlType {
  const columns = compositeColumns(frame, frame.types[variable.index].oid);
  return columns?.[position]?.type ?? sqlType(record.types[position]);
}
