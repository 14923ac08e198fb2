// Does a plan call routines of users?

import { registeredRoutine } from '#common';

/** Nodes and expressions are plain data; table descriptors are not looked into. */
export function callsRoutine(parts: readonly unknown[]): boolean {
  const pending: unknown[] = [...parts];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('functionOid' in value && registeredRoutine(value.functionOid as number) !== undefined)
      return true;
    for (const name in value) {
      if (name !== 'table') pending.push((value as Record<string, unknown>)[name]);
    }
  }
  return false;
}
