// CONTEXT lines: where in which function an error came up.

import { DatabaseError } from '#common';
import type { Frame } from './frame.ts';

/** Adds a line of context to an error, the innermost first. */
export function addContext(error: DatabaseError, line: string): void {
  if (complete.has(error)) return;
  error.where = error.where === undefined ? line : `${error.where}\n${line}`;
}

/** Errors that a handler has caught: their context is that of where they came up, to the outermost call. */
const complete = new WeakSet<DatabaseError>();

export function completeContext(error: DatabaseError, lines: readonly string[]): void {
  for (const line of lines) addContext(error, line);
  complete.add(error);
}

/** "PL/pgSQL function f(integer) line 3 at RAISE" */
export function frameLine(frame: Frame): string {
  const title = `PL/pgSQL function ${frame.compiled.title}`;
  if (frame.line > 0) return `${title} line ${frame.line} at ${frame.phase}`;
  return frame.phase === '' ? title : `${title} ${frame.phase}`;
}

/** Lines of errors that a compilation raises are told with it. */
export function lineError<Result>(line: number, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof DatabaseError && !compileLines.has(error)) compileLines.set(error, line);
    throw error;
  }
}

const compileLines = new WeakMap<DatabaseError, number>();

export function compileLine(error: DatabaseError): number | undefined {
  return compileLines.get(error);
}

/** The same for an expression. */
export function withExpression(error: unknown, text: string): unknown {
  if (!(error instanceof DatabaseError)) return error;
  if (error.position !== undefined) {
    // It was bound as SELECT expression.
    error.internalPosition = Math.max(0, error.position - 'SELECT '.length);
    error.internalQuery = text;
    error.position = undefined;
  } else if (error.internalQuery === undefined) {
    addContext(error, `SQL expression "${text}"`);
  }
  return error;
}

/** A statement's text is told with the errors of its execution; where it is wrong, by position instead. */
export function withStatement(error: unknown, text: string): unknown {
  if (!(error instanceof DatabaseError)) return error;
  if (error.position !== undefined) {
    error.internalPosition = error.position;
    error.internalQuery = text;
    error.position = undefined;
  } else if (error.internalQuery === undefined) {
    addContext(error, `SQL statement "${text}"`);
  }
  return error;
}
