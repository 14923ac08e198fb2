// EXECUTE: a text that is computed, parsed and bound each time, with the values of USING as $1, $2 ….

import { databaseError, type Datum, sqlType, type SqlType, TypeOid } from '#common';
import type { PlSql } from '#planner';
import { InnerStatement, type StatementScope } from '../inner-statement.ts';
import { recordFields } from '../records.ts';
import type { Compiler } from './compiler.ts';
import { withStatement } from './context.ts';
import type { Frame } from './frame.ts';

export interface DynamicStatement {
  readonly statement: InnerStatement;
  readonly scope: StatementScope;
}

/** Texts that were executed last, so that a loop around EXECUTE does not plan each time. */
const keptMax = 8;

export function dynamicStatement(
  query: PlSql,
  using: readonly PlSql[],
  compiler: Compiler,
): (frame: Frame) => DynamicStatement {
  const text = compiler.converted(query, sqlType(TypeOid.text));
  const values = using.map((each) => compiler.expression(each));
  const kept = new Map<string, InnerStatement>();
  return (frame) => {
    const sql = text(frame);
    if (sql === null) {
      throw databaseError('nullValueNotAllowed', 'query string argument of EXECUTE is null');
    }
    const given = values.map((value) => value.evaluate(frame));
    const types = values.map((value) => value.type(frame));
    return {
      statement: parse(sql as string, kept),
      scope: scopeOf(frame, given, types),
    };
  };
}

function parse(text: string, kept: Map<string, InnerStatement>): InnerStatement {
  const known = kept.get(text);
  if (known !== undefined) return known;
  let statement: InnerStatement;
  try {
    statement = InnerStatement.parse(text);
  } catch (error) {
    throw withStatement(error, text);
  }
  if (kept.size >= keptMax) kept.clear();
  kept.set(text, statement);
  return statement;
}

function scopeOf(
  frame: Frame,
  values: readonly Datum[],
  types: readonly SqlType[],
): StatementScope {
  return {
    host: frame.host,
    values,
    types,
    conflict: 'useColumn',
    find: () => undefined,
    parameter: (number) =>
      number >= 1 && number <= types.length
        ? { index: number - 1, type: types[number - 1], rest: [] }
        : undefined,
    fields: (index) => recordFields(values[index]),
    readOnly: frame.readOnly,
    pace: frame.pace,
    transitions: frame.transitions,
  };
}
