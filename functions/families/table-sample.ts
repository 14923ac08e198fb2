// TABLESAMPLE as a condition on a row's place (tsm_bernoulli, tsm_system): BERNOULLI decides for each
// row, SYSTEM for each block of rows, by a hash of the place and a seed. The same seed takes the same
// rows of an unchanged table.

import { databaseError } from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { hashBytes } from '../hashing.ts';

const placesPerBlock = 65536;
const hashCount = 4294967296;

function isTaken(place: number, method: string, percent: number | null, seed: number): boolean {
  if (percent === null) {
    throw databaseError('invalidTablesampleArgument', 'TABLESAMPLE parameter cannot be null');
  }
  if (!(percent >= 0 && percent <= 100)) {
    throw databaseError(
      'invalidTablesampleArgument',
      'sample percentage must be between 0 and 100',
    );
  }
  const block = Math.floor(place / placesPerBlock);
  const input = method === 'system' ? [block, seed] : [block, place % placesPerBlock, seed];
  const bytes = Buffer.allocUnsafe(input.length * 4);
  input.forEach((word, at) => bytes.writeUInt32LE(word, at * 4));
  const hash = Number(BigInt.asUintN(32, hashBytes(bytes, 0n)));
  return hash < (hashCount * percent) / 100;
}

function seedOf(value: number): number {
  if (value === 0) return 0;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Number(BigInt.asUintN(32, hashBytes(bytes, 0n)));
}

const repeatable: ScalarImplementation = (
  _context: FunctionContext,
  place: number,
  method: string,
  percent: number | null,
  seed: number | null,
) => {
  if (seed === null) {
    throw databaseError(
      'invalidTablesampleRepeat',
      'TABLESAMPLE REPEATABLE parameter cannot be null',
    );
  }
  return isTaken(place, method, percent, seedOf(seed));
};

/** Another sample for each statement, and for each of its clauses, which `clause` numbers. */
const once: ScalarImplementation = (
  context: FunctionContext,
  place: number,
  method: string,
  percent: number | null,
  clause: number,
) => isTaken(place, method, percent, seedOf(context.statementTimestamp + clause / hashCount));

export const tableSampleFamily: Family = {
  scalars: { tablesample_repeatable: repeatable, tablesample_once: once },
};
