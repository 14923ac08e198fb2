// Whether a parse tree names a relation: tells a recursive WITH query from one that is not.

import type { RangeVar } from '@pgsql/types';

/** The first unqualified table reference of the name below the node that is met; undefined: none. */
export function findMention(node: unknown, name: string): RangeVar | undefined {
  const pending: unknown[] = [node];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) pending.push(item);
    } else if (typeof value === 'object' && value !== null) {
      if ('relname' in value && value.relname === name && !('schemaname' in value)) {
        return value as RangeVar;
      }
      for (const item of Object.values(value)) pending.push(item);
    }
  }
  return undefined;
}
