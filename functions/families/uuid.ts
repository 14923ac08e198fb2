// uuid functions; comparison is in comparison.ts, since canonical text orders as the bytes do.

import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';

/** Version 4, variant 1, from the execution's random source. */
export function randomUuid(context: FunctionContext): string {
  const bytes = context.randomBytes(16);
  const hex = Buffer.from(bytes).toString('hex').split('');
  hex[12] = '4';
  hex[16] = '89ab'[parseInt(hex[16], 16) & 3]!;
  const text = hex.join('');
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    text.slice(12, 16),
    text.slice(16, 20),
    text.slice(20),
  ].join('-');
}

export const uuidFamily: Family = {
  scalars: { gen_random_uuid: (context) => randomUuid(context) },
};
