// The executor's own errors, in PostgreSQL's words.

import { type DatabaseError, databaseError } from '#common';

export function outOfMemory(): DatabaseError {
  return databaseError('outOfMemory', 'out of memory', {
    detail:
      'An operation that cannot use disk holds more than its share of memory, 64 times work_mem.',
    hint: 'Raise work_mem, or work on fewer rows at once.',
  });
}

/** An error of a spill file as the client should see it. */
export function spillError(cause: unknown): unknown {
  const code = (cause as { code?: string } | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return databaseError('diskFull', 'could not write to temporary file: No space left on device', {
      cause,
    });
  }
  if (code === 'EIO' || code === 'EFBIG') {
    return databaseError('ioError', `could not write to temporary file: ${code}`, { cause });
  }
  return cause;
}
