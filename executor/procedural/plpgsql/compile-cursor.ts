// OPEN, FETCH, MOVE and CLOSE. Cursors are the session's own, so that a refcursor can be handed to the
// client; a variable holds the cursor's name.

import { databaseError, type Datum, sqlType, TypeOid } from '#common';
import { type PlDirection, type PlSql, type PlStatement, type PlTarget } from '#planner';
import type { CursorDirection, ProceduralCursor, Work } from '../host.ts';
import { InnerStatement, type StatementScope } from '../inner-statement.ts';
import { attempt } from '../statement-run.ts';
import { cursorArguments } from './cursor-arguments.ts';
import type { Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { dynamicStatement } from './dynamic-statement.ts';
import { type Frame, Outcome } from './frame.ts';
import { assignRow, compileTargets } from './into.ts';
import type { VariableInfo } from './names.ts';

type Statement<Kind extends PlStatement['kind']> = Extract<PlStatement, { readonly kind: Kind }>;

function cursorVariable(target: PlTarget, compiler: Compiler): VariableInfo {
  const found = compiler.names.find(target.names);
  if (found === undefined || found.rest.length > 0) {
    throw databaseError('syntaxError', `"${target.names.join('.')}" is not a known variable`);
  }
  if (found.variable.type.oid !== TypeOid.refcursor) {
    throw databaseError(
      'datatypeMismatch',
      `variable "${found.variable.name}" must be of type cursor or refcursor`,
    );
  }
  return found.variable;
}

/** Opens the cursor in its variable's name; returns its name. */
type OpenBound = (frame: Frame, name: string | undefined) => Work<string>;

export function compileOpen(statement: Statement<'open'>, compiler: Compiler): Run {
  const variable = cursorVariable(statement.cursor, compiler);
  const { query } = statement;
  if (variable.cursor !== undefined && query === undefined) {
    const open = openBound(variable, statement.arguments, compiler);
    return function* (frame): Work<Outcome> {
      yield* open(frame, undefined);
      return Outcome.next;
    };
  }
  if (query === undefined || variable.cursor !== undefined) {
    throw databaseError('syntaxError', 'syntax error at or near ";"');
  }
  const { names } = compiler;
  const scroll = statement.scroll;
  if (statement.isDynamic) {
    const dynamic = dynamicStatement(query, statement.using, compiler);
    return function* (frame): Work<Outcome> {
      const { statement: inner, scope } = yield* attempt(frame, () => dynamic(frame));
      yield* openNamed(frame, variable, { statement: inner, scope, scroll });
      return Outcome.next;
    };
  }
  const inner = compiler.statement(query);
  return function* (frame): Work<Outcome> {
    frame.names = names;
    yield* openNamed(frame, variable, { statement: inner, scope: frame, scroll });
    return Outcome.next;
  };
}

export function openBound(
  variable: VariableInfo,
  given: PlSql | undefined,
  compiler: Compiler,
): OpenBound {
  const { declaration, parameters, names } = variable.cursor!;
  const statement = InnerStatement.parse(declaration.query.text);
  const assign = cursorArguments(variable, given, compiler);
  return function* (frame): Work<string> {
    yield* attempt(frame, () => assign(frame, parameters));
    frame.names = names;
    const { scroll } = declaration;
    return yield* openNamed(frame, variable, { statement, scope: frame, scroll });
  };
}

function* openNamed(
  frame: Frame,
  variable: VariableInfo,
  opened: {
    readonly statement: InnerStatement;
    readonly scope: StatementScope;
    readonly scroll: boolean | undefined;
  },
): Work<string> {
  const name = frame.values[variable.index] as string | null;
  if (name !== null && frame.host.cursor(name) !== undefined) {
    throw databaseError('duplicateCursor', `cursor "${name}" already in use`);
  }
  const { statement, scope, scroll } = opened;
  const portal = yield* attempt(scope, () =>
    frame.host.openCursor({ name: name ?? undefined, statement, scope, scroll }),
  );
  frame.values[variable.index] = portal;
  return portal;
}

function openCursorOf(frame: Frame, variable: VariableInfo): ProceduralCursor {
  const name = frame.values[variable.index] as string | null;
  if (name === null) {
    throw databaseError('nullValueNotAllowed', `cursor variable "${variable.name}" is null`);
  }
  const cursor = frame.host.cursor(name);
  if (cursor === undefined) {
    throw databaseError('invalidCursorName', `cursor "${name}" does not exist`);
  }
  return cursor;
}

export function compileFetch(statement: Statement<'fetch'>, compiler: Compiler): Run {
  const variable = cursorVariable(statement.cursor, compiler);
  const direction = compileDirection(statement.direction, compiler);
  const into =
    statement.into === undefined ? undefined : compileTargets(statement.into.targets, compiler);
  return function* (frame): Work<Outcome> {
    const cursor = openCursorOf(frame, variable);
    const rows = yield* attempt(frame, () => cursor.fetch(direction(frame)));
    if (into !== undefined) {
      const names = cursor.columns.map((column) => column.name);
      const types = cursor.columns.map((column) => sqlType(column.type));
      assignRow(frame, into, { values: rows[0], names, types });
    }
    frame.rowCount = rows.length;
    frame.found = rows.length > 0;
    return Outcome.next;
  };
}

function compileDirection(
  direction: PlDirection,
  compiler: Compiler,
): (frame: Frame) => CursorDirection {
  const { kind, count } = direction;
  if (count === 'all') return () => ({ kind, count: Infinity });
  if (typeof count === 'number') return () => ({ kind, count });
  const evaluate = compiler.converted(count, sqlType(TypeOid.int4));
  return (frame) => {
    const value: Datum = evaluate(frame);
    if (value === null) {
      throw databaseError('nullValueNotAllowed', 'relative or absolute cursor position is null');
    }
    return { kind, count: value as number };
  };
}

export function compileClose(statement: Statement<'close'>, compiler: Compiler): Run {
  const variable = cursorVariable(statement.cursor, compiler);
  return (frame) => {
    openCursorOf(frame, variable);
    frame.host.closeCursor(frame.values[variable.index] as string);
    return Outcome.next;
  };
}
