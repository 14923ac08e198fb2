// A new routine's body is looked at when it is made: PL/pgSQL for its syntax, SQL for that and, under
// check_function_bodies, for what it names and returns. What a body uses is kept for DROP only where
// PostgreSQL knows it: types of the signature, and everything in a SQL-standard body.

import type { Node } from '@pgsql/types';
import {
  DatabaseError,
  databaseError,
  elementTypeOf,
  inputParameters,
  type RoutineDescriptor,
  sqlType,
  type SqlType,
  typeByOid,
  TypeOid,
  moduleOfType,
} from '#common';
import {
  bindStatement,
  bodyStatements,
  type BoundQuery,
  nodeTag,
  type ParsedStatement,
  parsePlpgsql,
  parseStatements,
  type VariableScope,
} from '#planner';
import { typeResolution } from '#functions';
import { droppableFunctions } from '../routine-use.ts';
import type { DdlStatement } from './statement.ts';

/** Raises what is wrong with the body; returns the oids that the routine depends on. */
export function checkRoutineBody(
  ddl: DdlStatement,
  routine: RoutineDescriptor,
  standard: Node | undefined,
): readonly number[] {
  if (routine.language !== 'internal') checkResult(ddl, routine);
  const types = [routine.resultType, ...routine.parameters.map(({ type }) => type)]
    .map((oid) => elementTypeOf(oid) || oid)
    .filter((oid) => oid >= 16384 || moduleOfType(oid) !== undefined);
  const used = new Set<number>(types);
  for (const parameter of routine.parameters) {
    for (const oid of parameter.default?.dependencies ?? []) used.add(oid);
  }
  const checks = ddl.context.functions.setting('check_function_bodies') !== 'off';
  if (routine.language === 'internal') return [...used];
  if (routine.language === 'plpgsql') {
    if (checks) checkPlpgsql(ddl, routine);
  } else if (standard !== undefined) {
    const statements = bodyStatements(standard).map((statement): ParsedStatement => ({
      ...ddl.parsed,
      statement,
    }));
    for (const oid of checkSql(ddl, routine, statements)) used.add(oid);
  } else if (checks) {
    checkSql(ddl, routine, parseBody(ddl, routine));
  }
  return [...used];
}

function checkResult(ddl: DdlStatement, routine: RoutineDescriptor): void {
  const type = typeByOid(routine.resultType);
  const refuse = (what: string): never => {
    throw databaseError('invalidFunctionDefinition', what);
  };
  const name = ddl.typeText(sqlType(routine.resultType));
  const isPseudo = type?.kind === 'pseudo' && !isPolymorphicType(routine.resultType);
  const allowed: readonly number[] =
    routine.language === 'plpgsql'
      ? [TypeOid.void, TypeOid.record, TypeOid.trigger, TypeOid.eventTrigger]
      : [TypeOid.void, TypeOid.record];
  if (isPseudo && !allowed.includes(routine.resultType)) {
    if (routine.language === 'plpgsql') {
      throw databaseError('featureNotSupported', `PL/pgSQL functions cannot return type ${name}`);
    }
    refuse(`SQL functions cannot return type ${name}`);
  }
  if (routine.resultType === TypeOid.trigger && routine.parameters.length > 0) {
    throw databaseError(
      'invalidFunctionDefinition',
      'trigger functions cannot have declared arguments',
      {
        hint: 'The arguments of the trigger can be accessed through TG_NARGS and TG_ARGV instead.',
      },
    );
  }
  if (routine.resultType === TypeOid.eventTrigger && routine.parameters.length > 0) {
    throw databaseError(
      'invalidFunctionDefinition',
      'event trigger functions cannot have declared arguments',
    );
  }
  for (const parameter of inputParameters(routine)) {
    const given = typeByOid(parameter.type);
    if (given?.kind !== 'pseudo' || isPolymorphicType(parameter.type)) continue;
    if (parameter.type === TypeOid.record && routine.language === 'plpgsql') continue;
    const text = ddl.typeText(sqlType(parameter.type));
    if (routine.language === 'plpgsql') {
      throw databaseError('featureNotSupported', `PL/pgSQL functions cannot accept type ${text}`);
    }
    refuse(`SQL functions cannot have arguments of type ${text}`);
  }
}

export function isPolymorphicType(oid: number): boolean {
  const name = typeByOid(oid)?.name ?? '';
  return name.startsWith('any') && name !== 'any';
}

/** Positions in the body become positions in the statement, where the body stands in it as it is. */
function checkPlpgsql(ddl: DdlStatement, routine: RoutineDescriptor): void {
  try {
    const { routines } = ddl.context.functions;
    if (routines === undefined) parsePlpgsql(routine.body);
    else routines.check(routine);
  } catch (error) {
    if (error instanceof DatabaseError) transpose(ddl, routine, error);
    throw error;
  }
}

function transpose(ddl: DdlStatement, routine: RoutineDescriptor, error: DatabaseError): void {
  const { sql, start } = ddl.parsed;
  const body = sql.indexOf(routine.body, start);
  if (error.position === undefined) return;
  if (body < 0) {
    error.internalPosition = error.position;
    error.internalQuery = routine.body;
    error.position = undefined;
    return;
  }
  error.position += body;
  error.where = undefined;
}

function parseBody(ddl: DdlStatement, routine: RoutineDescriptor): readonly ParsedStatement[] {
  try {
    return parseStatements(routine.body);
  } catch (error) {
    throw inBody(ddl, error, routine);
  }
}

const queryNodes = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

function checkSql(
  ddl: DdlStatement,
  routine: RoutineDescriptor,
  statements: readonly ParsedStatement[],
): Set<number> {
  const used = new Set<number>();
  const inputs = inputParameters(routine);
  // Polymorphic bodies are judged when they are called.
  const isPolymorphicRoutine = inputs.some(({ type }) => isPolymorphicType(type));
  let last: BoundQuery | undefined;
  statements.forEach((parsed, position) => {
    const isQuery = queryNodes.has(nodeTag(parsed.statement));
    last = undefined;
    if (nodeTag(parsed.statement) === 'TransactionStmt') {
      throw databaseError(
        'featureNotSupported',
        `${parsed.sql.slice(parsed.start, parsed.end).trim().split(/\s/)[0].toUpperCase()} is not allowed in an SQL function`,
      );
    }
    if (!isQuery || isPolymorphicRoutine || isSelectInto(parsed)) return;
    try {
      last = bindStatement(parsed, {
        ...ddl.bindContext,
        allowParameters: true,
        parameterTypes: inputs.map(({ type }) => sqlType(type)),
        variables: argumentNames(routine),
      });
    } catch (error) {
      // A table that an earlier statement of the body makes is not there yet.
      throw inBody(ddl, error, routine);
    }
    for (const { oid } of last.relations) used.add(oid);
    for (const oid of droppableFunctions([last.plan])) used.add(oid);
    if (position === statements.length - 1) checkReturned(ddl, routine, last);
  });
  if (!isPolymorphicRoutine && last === undefined) checkNoResult(ddl, routine, statements);
  return used;
}

function isSelectInto(parsed: ParsedStatement): boolean {
  const { statement } = parsed;
  return 'SelectStmt' in statement && statement.SelectStmt.intoClause !== undefined;
}

function inBody(ddl: DdlStatement, error: unknown, routine: RoutineDescriptor): unknown {
  if (!(error instanceof DatabaseError)) return error;
  if (error.position !== undefined && routine.standardBody === undefined) {
    const body = ddl.parsed.sql.indexOf(routine.body, ddl.parsed.start);
    if (body >= 0) {
      error.position += body;
      return error;
    }
    error.internalPosition = error.position;
    error.internalQuery = routine.body;
    error.position = undefined;
  }
  error.where ??= `SQL function "${routine.name}"`;
  return error;
}

function argumentNames(routine: RoutineDescriptor): VariableScope {
  const inputs = inputParameters(routine);
  const variable = (index: number, rest: readonly string[]): ReturnType<VariableScope['find']> =>
    inputs[index] === undefined ? undefined : { index, type: sqlType(inputs[index].type), rest };
  return {
    conflict: 'useColumn',
    find(names) {
      const direct = inputs.findIndex((input) => input.name !== '' && input.name === names[0]);
      if (direct >= 0 && names.length <= 2) return variable(direct, names.slice(1));
      if (names[0] !== routine.name || names.length < 2) return undefined;
      const qualified = inputs.findIndex((input) => input.name === names[1]);
      return qualified < 0 ? undefined : variable(qualified, names.slice(2));
    },
    parameter: (number) => variable(number - 1, []),
    fields: () => undefined,
  };
}

function mismatch(ddl: DdlStatement, routine: RoutineDescriptor, detail: string): never {
  const type = ddl.typeText(sqlType(routine.resultType));
  throw databaseError(
    'invalidFunctionDefinition',
    `return type mismatch in function declared to return ${type}`,
    { detail, where: `SQL function "${routine.name}"` },
  );
}

function checkNoResult(
  ddl: DdlStatement,
  routine: RoutineDescriptor,
  _statements: readonly ParsedStatement[],
): void {
  if (routine.resultType === TypeOid.void || routine.routineKind === 'procedure') return;
  mismatch(
    ddl,
    routine,
    "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.",
  );
}

function checkReturned(ddl: DdlStatement, routine: RoutineDescriptor, query: BoundQuery): void {
  const { resultType } = routine;
  if (resultType === TypeOid.void) return;
  const { results } = query;
  const isSelect = query.command === 'SELECT' || query.command === 'VALUES';
  if (results.length === 0 && !isSelect) {
    if (routine.routineKind === 'procedure') return;
    checkNoResult(ddl, routine, []);
  }
  const outputs = routine.parameters.filter(({ mode }) => mode !== 'in' && mode !== 'variadic');
  const columns = ddl.catalog.rowType(resultType)?.columns.filter((column) => !column.dropped);
  const expected: readonly SqlType[] | undefined =
    columns?.map((column) => column.type) ??
    (outputs.length > 1 ? outputs.map(({ type }) => sqlType(type)) : undefined);
  if (expected === undefined) {
    if (resultType === TypeOid.record) return;
    if (results.length !== 1)
      mismatch(ddl, routine, 'Final statement must return exactly one column.');
    requireAssignable(ddl, routine, results[0].type, sqlType(resultType), undefined);
    return;
  }
  if (
    results.length === 1 &&
    (results[0].type.oid === resultType || results[0].type.oid === TypeOid.record)
  )
    return;
  if (results.length < expected.length)
    mismatch(ddl, routine, 'Final statement returns too few columns.');
  if (results.length > expected.length)
    mismatch(ddl, routine, 'Final statement returns too many columns.');
  expected.forEach((type, position) =>
    requireAssignable(ddl, routine, results[position].type, type, position + 1),
  );
}

/** The result's own type, or one that becomes it by assignment. */
function requireAssignable(
  ddl: DdlStatement,
  routine: RoutineDescriptor,
  actual: SqlType,
  expected: SqlType,
  column: number | undefined,
): void {
  if (
    actual.oid === expected.oid ||
    typeResolution.canCoerce(actual.oid, expected.oid, 'assignment')
  )
    return;
  const type = ddl.typeText(sqlType(actual.oid));
  mismatch(
    ddl,
    routine,
    column === undefined
      ? `Actual return type is ${type}.`
      : `Final statement returns ${type} instead of ${ddl.typeText(sqlType(expected.oid))} at column ${column}.`,
  );
}
