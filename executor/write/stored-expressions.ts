// The stored text of CHECK constraints and defaults, bound for a cascade.

import { type Expression, type TableDescriptor, notSupported } from '#common';
import type { PhysicalCheck } from '#planner';
import type { ExecutionContext } from '../contract.ts';

export function bindTableChecks(
  table: TableDescriptor,
  _context: ExecutionContext,
): readonly PhysicalCheck[] {
  if (table.constraints.some((constraint) => constraint.type === 'check')) {
    throw notSupported('a foreign key action on a table with CHECK constraints');
  }
  return [];
}

export function bindColumnDefault(
  table: TableDescriptor,
  attribute: number,
  _context: ExecutionContext,
): Expression | undefined {
  const column = table.columns.find((candidate) => candidate.attributeNumber === attribute)!;
  if (column.default === undefined) return undefined;
  throw notSupported('ON DELETE SET DEFAULT with a default value');
}
