// Calls of users' routines in the text of a view: they are kept by oid, so that neither a search path
// nor a new name changes what the view calls.

import type { FuncCall } from '@pgsql/types';
import type { RoutineDescriptor } from '#common';
import { type ParsedStatement, stringsOf, type TextEdit } from '#planner';

/** One edit for each call whose name stands for one of the routines alone. */
export function routineEdits(
  parsed: ParsedStatement,
  routines: readonly RoutineDescriptor[],
): TextEdit[] {
  if (routines.length === 0) return [];
  const edits: TextEdit[] = [];
  const pending: unknown[] = [parsed.statement];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('FuncCall' in value) {
      const edit = callEdit(parsed, value.FuncCall as FuncCall, routines);
      if (edit !== undefined) edits.push(edit);
    }
    for (const item of Object.values(value)) pending.push(item);
  }
  return edits;
}

function callEdit(
  parsed: ParsedStatement,
  call: FuncCall,
  routines: readonly RoutineDescriptor[],
): TextEdit | undefined {
  const name = stringsOf(call.funcname).at(-1);
  const named = routines.filter((routine) => routine.name === name);
  const start = parsed.positionOf(call.location);
  if (named.length !== 1 || start === undefined) return undefined;
  const written =
    /^(?:(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)\s*\.\s*)*(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)/.exec(
      parsed.sql.slice(start),
    );
  if (written === null) return undefined;
  return { start, end: start + written[0].length, text: `pg_catalog."${named[0].oid}"` };
}
