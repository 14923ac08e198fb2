// Statements of SQL inside a body, PERFORM, EXECUTE, CALL and DO.

import { type DatabaseError, databaseError, type Datum, RecordValue, sqlType } from '#common';
import { type PlInto, type PlStatement } from '#planner';
import type { Work } from '../host.ts';
import type { InnerStatement, StatementScope } from '../inner-statement.ts';
import { attempt, runStatement, type StatementResult } from '../statement-run.ts';
import type { Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { withStatement } from './context.ts';
import { dynamicStatement } from './dynamic-statement.ts';
import { type Frame, Outcome } from './frame.ts';
import { assignRow, compileTargets, type IntoTarget } from './into.ts';
import { parametersText } from './parameters-text.ts';

type Statement<Kind extends PlStatement['kind']> = Extract<PlStatement, { readonly kind: Kind }>;

interface CompiledInto {
  readonly target: IntoTarget;
  readonly strict: boolean;
}

function compileInto(into: PlInto | undefined, compiler: Compiler): CompiledInto | undefined {
  if (into === undefined) return undefined;
  return { target: compileTargets(into.targets, compiler), strict: into.strict };
}

export function compileSql(statement: Statement<'sql'>, compiler: Compiler): Run {
  const inner = compiler.statement(statement.statement);
  const into = compileInto(statement.into, compiler);
  const { names } = compiler;
  return function* (frame): Work<Outcome> {
    frame.names = names;
    const result = yield* execute(inner, frame, frame, into);
    finish(frame, inner, result, into);
    return Outcome.next;
  };
}

/** Rows that have to be looked at: one, or two where more than one would be an error. */
function rowsWanted(statement: InnerStatement, into: CompiledInto | undefined): number {
  if (into === undefined) return 0;
  return into.strict || statement.node !== 'SelectStmt' ? 2 : 1;
}

export function* execute(
  statement: InnerStatement,
  frame: Frame,
  scope: StatementScope,
  into: CompiledInto | undefined,
): Work<StatementResult> {
  try {
    if (statement.node === 'CallStmt') {
      yield* frame.calls.callProcedure(statement, scope, mayEnd(frame));
      return { rowCount: 0, rows: undefined, prepared: undefined };
    }
    if (statement.node === 'DoStmt') {
      yield* frame.calls.doStatement(statement, frame.pace, mayEnd(frame));
      return { rowCount: 0, rows: undefined, prepared: undefined };
    }
    const wanted = rowsWanted(statement, into);
    return yield* runStatement(statement, scope, wanted, wanted > 0);
  } catch (error) {
    throw frame.host.isSignal(error) ? error : withStatement(error, statement.text);
  }
}

function finish(
  frame: Frame,
  statement: InnerStatement,
  result: StatementResult,
  into: CompiledInto | undefined,
): void {
  const { rows, rowCount, prepared } = result;
  frame.rowCount = rowCount;
  frame.found = rowCount > 0;
  if (into === undefined) {
    if (rows !== undefined) throw noDestination(statement);
    return;
  }
  if (rows === undefined || prepared === undefined) {
    throw databaseError('syntaxError', 'INTO used with a command that cannot return data');
  }
  const [row] = rows;
  const isOne = rows.length === 1;
  if (into.strict && row === undefined) throw strictViolation(frame, 'none');
  if (rows.length > 1 && (into.strict || statement.node !== 'SelectStmt'))
    throw strictViolation(frame, 'many');
  const { results } = prepared.bound;
  assignRow(frame, into.target, {
    values: row,
    names: resultNames(results),
    types: resultTypes(results),
  });
  frame.found = row !== undefined;
  if (isOne || row !== undefined) frame.rowCount = Math.min(rowCount, 1);
}

type Results = NonNullable<StatementResult['prepared']>['bound']['results'];
const namesOf = new WeakMap<Results, readonly string[]>();
const typesOf = new WeakMap<Results, ReturnType<typeof sqlType>[]>();

/** The same arrays for the same query, so that records of its rows have one shape. */
export function resultNames(results: Results): readonly string[] {
  let names = namesOf.get(results);
  if (names === undefined) namesOf.set(results, (names = results.map((column) => column.name)));
  return names;
}

export function resultTypes(results: Results): readonly ReturnType<typeof sqlType>[] {
  let types = typesOf.get(results);
  if (types === undefined) typesOf.set(results, (types = results.map((column) => column.type)));
  return types;
}

function noDestination(statement: InnerStatement): DatabaseError {
  return databaseError('syntaxError', 'query has no destination for result data', {
    ...(statement.node === 'SelectStmt'
      ? { hint: 'If you want to discard the results of a SELECT, use PERFORM instead.' }
      : {}),
  });
}

function strictViolation(frame: Frame, rows: 'none' | 'many'): DatabaseError {
  const prints =
    frame.compiled.printStrictParameters ??
    frame.host.setting('plpgsql.print_strict_params') === 'on';
  const detail = prints ? parametersText(frame) : undefined;
  const fields = detail === undefined ? {} : { detail };
  return rows === 'none'
    ? databaseError('noDataFound', 'query returned no rows', fields)
    : databaseError('tooManyRows', 'query returned more than one row', {
        ...fields,
        hint: 'Make sure the query returns a single row, or use LIMIT 1.',
      });
}

export function compilePerform(statement: Statement<'perform'>, compiler: Compiler): Run {
  const inner = compiler.statement(statement.query);
  const { names } = compiler;
  return function* (frame): Work<Outcome> {
    frame.names = names;
    try {
      const { rowCount } = yield* runStatement(inner, frame, 0);
      frame.rowCount = rowCount;
      frame.found = rowCount > 0;
    } catch (error) {
      throw frame.host.isSignal(error) ? error : withStatement(error, inner.text);
    }
    return Outcome.next;
  };
}

export function compileExecute(statement: Statement<'execute'>, compiler: Compiler): Run {
  const dynamic = dynamicStatement(statement.query, statement.using, compiler);
  const into = compileInto(statement.into, compiler);
  return function* (frame): Work<Outcome> {
    const { statement: inner, scope } = yield* attempt(frame, () => dynamic(frame));
    if (inner.node === 'TransactionStmt') {
      throw databaseError(
        'featureNotSupported',
        'EXECUTE of transaction commands is not implemented',
      );
    }
    if (inner.node === 'SelectStmt' && !inner.isQuery) {
      throw databaseError('featureNotSupported', 'EXECUTE of SELECT ... INTO is not implemented', {
        hint: 'You might want to use EXECUTE ... INTO or EXECUTE CREATE TABLE ... AS instead.',
      });
    }
    const found = frame.values[frame.compiled.foundIndex];
    const result = yield* execute(inner, frame, scope, into);
    if (into === undefined) frame.rowCount = result.rowCount;
    else finish(frame, inner, result, into);
    // Dynamic statements leave FOUND alone.
    frame.values[frame.compiled.foundIndex] = found;
    return Outcome.next;
  };
}

/** CALL: what INOUT parameters return goes into the variables that were given for them. */
export function compileCall(statement: Statement<'call'>, compiler: Compiler): Run {
  const inner = compiler.statement(statement.statement);
  const { names } = compiler;
  return function* (frame): Work<Outcome> {
    frame.names = names;
    try {
      if (inner.node !== 'CallStmt') {
        yield* frame.calls.doStatement(inner, frame.pace, mayEnd(frame));
        return Outcome.next;
      }
      const { outputs, record } = yield* frame.calls.callProcedure(inner, frame, mayEnd(frame));
      assignOutputs(frame, outputs, record, names);
    } catch (error) {
      throw frame.host.isSignal(error) ? error : withStatement(error, inner.text);
    }
    return Outcome.next;
  };
}

function mayEnd(frame: Frame): boolean {
  return frame.mayEndTransaction && frame.handlerDepth === 0;
}

function assignOutputs(
  frame: Frame,
  outputs: readonly { readonly name: string; readonly variable: readonly string[] | undefined }[],
  record: Datum | undefined,
  names: Frame['names'],
): void {
  outputs.forEach(({ name, variable }, position) => {
    const found = variable === undefined ? undefined : names.find(variable);
    if (found === undefined || found.variable.constant) {
      throw databaseError(
        'syntaxError',
        `procedure parameter "${name}" is an output parameter but corresponding argument is not writable`,
      );
    }
    if (!(record instanceof RecordValue)) return;
    const type = sqlType(record.types[position]);
    const single = record.fields[position] ?? null;
    assignRow(
      frame,
      { row: undefined, list: [found] },
      { values: [single], names: [name], types: [type] },
    );
  });
}
