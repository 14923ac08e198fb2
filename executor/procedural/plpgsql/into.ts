// INTO and the targets of loops: a row goes into one row variable or over a list of scalars.

import { type Datum, databaseError, RecordValue, type SqlType, sqlType, TypeOid } from '#common';
import type { PlTarget } from '#planner';
import { assignTo } from './assign-value.ts';
import type { Compiler } from './compiler.ts';
import type { Frame } from './frame.ts';
import type { FoundVariable } from './names.ts';
import { compositeColumns } from './row-columns.ts';

/** Either a row variable or a list. */
export interface IntoTarget {
  readonly row: FoundVariable | undefined;
  readonly list: readonly FoundVariable[];
}

export interface GivenRow {
  /** undefined: no row, so nulls. */
  readonly values: readonly Datum[] | undefined;
  readonly names: readonly string[];
  readonly types: readonly SqlType[];
  /** A row that is one value already. */
  readonly record?: Datum;
}

export function compileTargets(targets: readonly PlTarget[], compiler: Compiler): IntoTarget {
  const found = targets.map((target) => compiler.target(target));
  const [first] = found;
  const isRow = first.rest.length === 0 && first.variable.isRow;
  if (isRow && found.length > 1) {
    throw databaseError('syntaxError', 'record variable cannot be part of multiple-item INTO list');
  }
  if (found.length > 1 && found.some((each) => each.rest.length === 0 && each.variable.isRow)) {
    const other = found.find((each) => each.rest.length === 0 && each.variable.isRow)!;
    throw databaseError('syntaxError', `"${other.variable.name}" is not a scalar variable`);
  }
  return isRow ? { row: first, list: [] } : { row: undefined, list: found };
}

export function assignRow(frame: Frame, target: IntoTarget, given: GivenRow): void {
  if (target.row === undefined) {
    assignList(frame, target.list, given);
    return;
  }
  const { variable } = target.row;
  const { values, names, types } = given;
  // A query of one column of the variable's own row type gives the row itself.
  if (types.length === 1 && isOwnType(types[0], variable.type) && values !== undefined) {
    frame.assign(variable, values[0], types[0]);
    return;
  }
  const record = recordOf(names, types, values);
  if (variable.type.oid === TypeOid.record) {
    frame.values[variable.index] = record;
    frame.setRecordType(variable, TypeOid.record);
    return;
  }
  const columns = compositeColumns(frame, variable.type.oid) ?? [];
  frame.values[variable.index] =
    values === undefined ? null : frame.casts.convertRecord(record, columns);
}

function isOwnType(type: SqlType, variable: SqlType): boolean {
  return variable.oid !== TypeOid.record && type.oid === variable.oid;
}

const shapes = new WeakMap<
  readonly SqlType[],
  { readonly types: readonly number[]; readonly nulls: readonly Datum[] }
>();

function recordOf(
  names: readonly string[],
  types: readonly SqlType[],
  values: readonly Datum[] | undefined,
): RecordValue {
  let shape = shapes.get(types);
  if (shape === undefined) {
    shape = { types: types.map((type) => type.oid), nulls: types.map(() => null) };
    shapes.set(types, shape);
  }
  return new RecordValue(shape.types, values ?? shape.nulls, names);
}

/** By position: what is missing is null, what is too much is passed over. */
function assignList(frame: Frame, list: readonly FoundVariable[], given: GivenRow): void {
  const record = given.record instanceof RecordValue ? given.record : undefined;
  const values = record?.fields ?? given.values;
  for (let at = 0; at < list.length; at++) {
    const type = record === undefined ? given.types[at] : sqlType(record.types[at]);
    const value = values?.[at] ?? null;
    assignTo(frame, list[at], value, type ?? sqlType(TypeOid.unknown));
  }
}
