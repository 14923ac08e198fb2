// The errors that the server layer itself raises.

import { databaseError, DatabaseError } from '#common';

export function protocolViolation(message: string): DatabaseError {
  return databaseError('protocolViolation', message);
}

/** Ends the connection after it is sent. */
export function fatal(
  condition: Parameters<typeof databaseError>[0],
  message: string,
  hint?: string,
): DatabaseError {
  return databaseError(
    condition,
    message,
    hint === undefined ? { severity: 'FATAL' } : { severity: 'FATAL', hint },
  );
}

/** What a client is told of an error that is not a DatabaseError: a defect of ours, by name and never silent. */
export function toDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return databaseError('statementTooComplex', 'stack depth limit exceeded', {
      hint: 'Simplify the statement: it nests too deeply.',
      cause: error,
    });
  }
  if (
    error instanceof RangeError &&
    /(array|string|buffer|typed array).*length|allocation failed|(map|set) maximum size/i.test(
      error.message,
    )
  ) {
    return databaseError('outOfMemory', 'out of memory', { detail: error.message, cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return databaseError('internalError', `internal error: ${message}`, { cause: error });
}
