// CONTEXT lines: where in which function an error came up.

import { DatabaseError } from '#common';
import type { Frame } from './frame.ts';

/** Adds a line of context to an error, the innermost first. */
export function addContext(error: DatabaseError, line: string): void {
  error.where = error.where === undefined ? line : `${error.where}\n${line}`;
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
