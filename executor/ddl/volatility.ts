// May an expression give different values from row to row?

import type { Expression } from '#common';
import { functionRegistry } from '#functions';

/** A volatile function anywhere in the tree. */
export function isVolatile(expression: Expression): boolean {
  const pending: unknown[] = [expression];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('kind' in value && value.kind === 'call' && 'functionOid' in value) {
      if (functionRegistry.functionByOid(Number(value.functionOid))?.volatility === 'volatile')
        return true;
    }
    if ('kind' in value && value.kind === 'constant') continue;
    for (const item of Object.values(value)) pending.push(item);
  }
  return false;
}
